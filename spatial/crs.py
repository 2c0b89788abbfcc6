"""Coordinate reference systems: the only place where SRIDs, axis order and datum shifts are written. Pure.

Everything here is x = east, y = north (PROJ's always_xy), whatever a registry or a Chinese drawing says.
Source of the codes: PROJ database; rules: spec/domain/08 (GB/T 18314, CGCS2000).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

STORAGE_SRID = 4490
GEOCENTRIC_SRID = 4479
WGS84_SRID = 4326
WEB_MERCATOR_SRID = 3857
YELLOW_SEA_1985_SRID = 5737
MapDatum = Literal["CGCS2000", "GCJ-02", "BD-09"]
Shift = Callable[[float, float], tuple[float, float]]


class CrsRefused(ValueError):
    """Coordinates or a CRS cannot be used; the message says which and why."""


@lru_cache(maxsize=128)
def crs_of(srid: int) -> pyproj.CRS:
    """Return the CRS with this EPSG code. Raises CrsRefused for an unknown one."""
    try:
        return pyproj.CRS.from_epsg(srid)
    except pyproj.exceptions.CRSError as error:
        raise CrsRefused(f"EPSG:{srid} is not known.") from error


def is_metric(srid: int) -> bool:
    """Return whether a code names a projected CRS whose axes are in metres."""
    try:
        crs = crs_of(srid)
    except CrsRefused:
        return False
    return crs.is_projected and all(axis.unit_conversion_factor == 1.0 for axis in crs.axis_info[:2])


@lru_cache(maxsize=256)
def transformer(from_srid: int, to_srid: int) -> pyproj.Transformer:
    """Return a transformer between two CRSs with x = east and y = north on both sides."""
    return pyproj.Transformer.from_crs(crs_of(from_srid), crs_of(to_srid), always_xy=True)


def transform_point(x: float, y: float, *, from_srid: int, to_srid: int) -> tuple[float, float]:
    """Return (east, north) or (lon, lat) of a point in another CRS. Raises CrsRefused outside its area."""
    east, north = transformer(from_srid, to_srid).transform(x, y)
    if not (math.isfinite(east) and math.isfinite(north)):
        raise CrsRefused(f"({x}, {y}) of EPSG:{from_srid} has no place in EPSG:{to_srid}.")
    return east, north


def transform_shape(shape: BaseGeometry, *, from_srid: int, to_srid: int) -> BaseGeometry:
    """Return a shape in another CRS; heights (z) are kept as they are, metres of the same zero."""
    if from_srid == to_srid:
        return shape
    move = transformer(from_srid, to_srid)

    def shift(coordinates: np.ndarray) -> np.ndarray:
        moved = coordinates.copy()
        moved[:, 0], moved[:, 1] = move.transform(coordinates[:, 0], coordinates[:, 1])
        return moved

    moved = shapely.transform(shape, shift, include_z=bool(shape.has_z))
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise CrsRefused(f"A shape in EPSG:{from_srid} has no place in EPSG:{to_srid}.")
    return moved


def central_meridian(lon: float) -> int:
    """Return the central meridian of the 3-degree zone of a longitude: 3·round(lon / 3)."""
    return 3 * math.floor(lon / 3 + 0.5)


def gauss_kruger_srid(*, meridian: int, width_deg: Literal[3, 6] = 3, zone_prefix: bool = False) -> int:
    """Return the EPSG code of a CGCS2000 Gauss-Kruger zone by its central meridian (degrees east).

    With `zone_prefix` eastings carry the zone number (8 digits). Raises CrsRefused for a meridian without one.
    """
    offset = 75
    if not 75 <= meridian <= 135 or (meridian - offset) % width_deg:
        raise CrsRefused(f"There is no CGCS2000 {width_deg}-degree zone with central meridian {meridian}.")
    step = (meridian - offset) // width_deg
    first = {(3, True): 4513, (3, False): 4534, (6, True): 4491, (6, False): 4502}[(width_deg, zone_prefix)]
    return first + step


def projected_srid_at(lon: float) -> int:
    """Return the 3-degree Gauss-Kruger CRS (without zone prefix) for a longitude in China."""
    return gauss_kruger_srid(meridian=central_meridian(lon))


@dataclass(frozen=True)
class GridFactors:
    """Convergence (degrees, grid north from true north) and scale of a projection at a point."""

    convergence_deg: float
    point_scale: float


def grid_factors(lon: float, lat: float, srid: int) -> GridFactors:
    """Return convergence and point scale of a projected CRS at a place in degrees."""
    factors = pyproj.Proj(crs_of(srid)).get_factors(lon, lat)
    return GridFactors(factors.meridian_convergence, factors.meridional_scale)


def ellipsoid_height_m(height_m: float, geoid_offset_m: float) -> float:
    """Return the ellipsoid height h of a Yellow Sea height H by the site's offset N: h = H + N."""
    return height_m + geoid_offset_m


def yellow_sea_height_m(ellipsoid_m: float, geoid_offset_m: float) -> float:
    """Return the Yellow Sea 1985 height H of an ellipsoid height h by the site's offset N: H = h - N."""
    return ellipsoid_m - geoid_offset_m


def geocentric(lon: float, lat: float, ellipsoid_m: float) -> tuple[float, float, float]:
    """Return geocentric X, Y, Z in metres (EPSG:4479) of a place with its ellipsoid height."""
    return _geocentric().transform(lon, lat, ellipsoid_m)


@lru_cache(maxsize=1)
def _geocentric() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs_of(4480), crs_of(GEOCENTRIC_SRID), always_xy=True)


def _false_easting(srid: int) -> float:
    projection = crs_of(srid).coordinate_operation
    found = [p.value for p in projection.params if p.name == "False easting"] if projection else []
    if not found:
        raise CrsRefused(f"EPSG:{srid} is not a projected CRS with a false easting.")
    return float(found[0])


def meridian_of(srid: int) -> float | None:
    """Return the central meridian (degrees east) of a projected CRS, or None when it has none."""
    projection = crs_of(srid).coordinate_operation
    found = [p.value for p in projection.params if p.name == "Longitude of natural origin"] if projection else []
    return float(found[0]) if found else None


def check_east_north(east: float, north: float, srid: int) -> None:
    """Refuse grid coordinates that look swapped or have the wrong zone prefix (spec 08, 8.7).

    Raises CrsRefused with what to change; N must be 2 to 6 million, E 0.2 to 0.8 million without its prefix.
    """
    false_easting = _false_easting(srid)
    if 2e6 <= east <= 6e6 and not 2e6 <= north <= 6e6:
        raise CrsRefused(f"East {east} and north {north} look swapped: on Chinese drawings X is north and Y is east.")
    prefixed, expected = east >= 1e7, false_easting >= 1e7
    if prefixed and not expected:
        raise CrsRefused(f"East {east} carries a zone number, but EPSG:{srid} has none; take the prefixed CRS.")
    if expected and not prefixed:
        raise CrsRefused(f"EPSG:{srid} wants a zone number before the east value, but {east} has none.")
    if not (2e6 <= north <= 6e6 and abs(east - false_easting) <= 3e5):
        raise CrsRefused(f"East {east}, north {north} is not in China in EPSG:{srid}.")


# GCJ-02 and BD-09: there is no official formula; this is the widely used one, good to 1-2 m (spec 08, 8.4, B).
_GCJ_A, _GCJ_EE = 6378245.0, 0.00669342162296594323
_BD_PI = math.pi * 3000.0 / 180.0


def _in_gcj_box(lon: float, lat: float) -> bool:
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271


def _gcj_shift(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    sin, pi = math.sin, math.pi
    common = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + common
    d_lat += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    d_lat += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + common
    d_lon += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    d_lon += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = math.radians(lat)
    magic = 1 - _GCJ_EE * sin(phi) ** 2
    root = math.sqrt(magic)
    d_lat = math.degrees(d_lat / ((_GCJ_A * (1 - _GCJ_EE)) / (magic * root)))
    d_lon = math.degrees(d_lon / (_GCJ_A / root * math.cos(phi)))
    return d_lon, d_lat


def to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Return the GCJ-02 position of a CGCS2000 one (degrees); outside the box it is the same."""
    if not _in_gcj_box(lon, lat):
        return lon, lat
    d_lon, d_lat = _gcj_shift(lon, lat)
    return lon + d_lon, lat + d_lat


def gcj02_to_bd09(lon: float, lat: float) -> tuple[float, float]:
    """Return the BD-09 position of a GCJ-02 one (degrees)."""
    z = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _BD_PI)
    theta = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BD_PI)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


def to_bd09(lon: float, lat: float) -> tuple[float, float]:
    """Return the BD-09 position of a CGCS2000 one (degrees)."""
    return gcj02_to_bd09(*to_gcj02(lon, lat))


def _invert(forward: Shift, lon: float, lat: float) -> tuple[float, float]:
    """Return the position whose shifted one is given, by fixed-point iteration to about 1e-12 degrees."""
    guess_lon, guess_lat = lon, lat
    for _ in range(60):
        there_lon, there_lat = forward(guess_lon, guess_lat)
        d_lon, d_lat = lon - there_lon, lat - there_lat
        guess_lon, guess_lat = guess_lon + d_lon, guess_lat + d_lat
        if abs(d_lon) < 1e-12 and abs(d_lat) < 1e-12:
            break
    return guess_lon, guess_lat


def from_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Return the CGCS2000 position of a GCJ-02 one (degrees); the round trip is under 1 mm."""
    if not _in_gcj_box(lon, lat):
        return lon, lat
    return _invert(to_gcj02, lon, lat)


def from_gcj02_columns(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
    """Return the CGCS2000 positions of GCJ-02 columns, as `from_gcj02` does one by one."""
    inside = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)
    guess_lon, guess_lat = lon.astype(np.float64), lat.astype(np.float64)
    for _ in range(12):
        d_lon, d_lat = _gcj_shift_columns(guess_lon, guess_lat)
        guess_lon, guess_lat = lon - d_lon, lat - d_lat
    return np.where(inside, guess_lon, lon), np.where(inside, guess_lat, lat)


def _gcj_shift_columns(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
    x, y = lon - 105.0, lat - 35.0
    sin, pi = np.sin, math.pi
    common = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + common
    d_lat += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    d_lat += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + common
    d_lon += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    d_lon += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1 - _GCJ_EE * sin(phi) ** 2
    root = np.sqrt(magic)
    d_lat = np.degrees(d_lat / ((_GCJ_A * (1 - _GCJ_EE)) / (magic * root)))
    d_lon = np.degrees(d_lon / (_GCJ_A / root * np.cos(phi)))
    return d_lon, d_lat


def from_bd09(lon: float, lat: float) -> tuple[float, float]:
    """Return the CGCS2000 position of a BD-09 one (degrees); the round trip is under 1 mm."""
    return from_gcj02(*_invert(gcj02_to_bd09, lon, lat))


def to_cgcs2000(lon: float, lat: float, datum: MapDatum) -> tuple[float, float]:
    """Return the CGCS2000 position of one in a web map's datum; only import code may need this."""
    if datum == "GCJ-02":
        return from_gcj02(lon, lat)
    return from_bd09(lon, lat) if datum == "BD-09" else (lon, lat)


@dataclass(frozen=True)
class MapConversion:
    """IfcMapConversion, with the factors of IfcMapConversionScaled (IFC4X3): local x, y, z to E, N, H."""

    eastings: float
    northings: float
    height: float
    x_axis_abscissa: float = 1.0
    x_axis_ordinate: float = 0.0
    scale: float = 1.0
    factor_x: float = 1.0
    factor_y: float = 1.0
    factor_z: float = 1.0

    def to_map(self, x: float, y: float, z: float) -> tuple[float, float, float]:
        """Return E, N, H in map units. Raises CrsRefused for a zero direction or a scale that is not positive."""
        length = math.hypot(self.x_axis_abscissa, self.x_axis_ordinate)
        if length == 0 or self.scale <= 0:
            raise CrsRefused("A map conversion needs a direction that is not zero and a scale above zero.")
        c, s = self.x_axis_abscissa / length, self.x_axis_ordinate / length
        x, y, z = x * self.factor_x, y * self.factor_y, z * self.factor_z
        east = self.eastings + self.scale * (c * x - s * y)
        north = self.northings + self.scale * (s * x + c * y)
        return east, north, self.height + self.scale * z
