"""Declared coordinates to EPSG:4490, at the door: what does not fit the declaration is refused with what would."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np
import shapely
from django.utils.translation import gettext_noop
from shapely.geometry.base import BaseGeometry

from ingest.vectors.places.problems import FieldRefused
from spatial import crs

CHINA: Final = (73.0, 3.0, 136.0, 54.0)  # west, south, east, north
MAP_DATUMS: Final = ("GCJ-02", "BD-09")
METRES_PER_DEGREE: Final = 111_132.0
NEAREST_M, FARTHEST_M = 300.0, 700.0  # how far GCJ-02 shifts in China (spec 08, 8.4)
AGREES_M: Final = 150.0


def check_datum(text: str) -> str:
    """Return a declaration as it is kept: EPSG:code, GCJ-02 or BD-09. Raises FieldRefused for an unknown one."""
    plain = text.strip().upper().replace("GCJ02", "GCJ-02").replace("BD09", "BD-09")
    if plain in MAP_DATUMS:
        return plain
    found = re.fullmatch(r"(?:EPSG:?\s*)?(\d{4,6})", plain)
    if found is None:
        sentence = gettext_noop("%(text)s is not a coordinate system: write an EPSG code, GCJ-02 or BD-09.")
        raise FieldRefused("datum", sentence, {"text": text})
    try:
        crs.crs_of(int(found[1]))
    except crs.CrsRefused as refusal:
        raise FieldRefused("datum", gettext_noop("EPSG:%(srid)s is not known."), {"srid": found[1]}) from refusal
    return f"EPSG:{int(found[1])}"


def to_storage(shape: BaseGeometry, datum: str) -> BaseGeometry:
    """Return a shape of a declared datum in EPSG:4490. Raises FieldRefused when it cannot be what was declared."""
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise FieldRefused("geometry", gettext_noop("a coordinate is not a number."))
    if datum in MAP_DATUMS:
        _check_degrees(shape, datum)
        placed = shapely.transform(shape, lambda places: _unshifted(places, datum))
    else:
        srid = int(datum.removeprefix("EPSG:"))
        if crs.crs_of(srid).is_geographic:
            _check_degrees(shape, datum)
        else:
            _check_metres(shape, srid)
        try:
            placed = crs.transform_shape(shape, from_srid=srid, to_srid=crs.STORAGE_SRID)
        except crs.CrsRefused as refusal:
            sentence = gettext_noop("the coordinates have no place in %(datum)s: declare another system.")
            raise FieldRefused("geometry", sentence, {"datum": datum}) from refusal
    west, south, east, north = placed.bounds
    if not (west >= CHINA[0] and south >= CHINA[1] and east <= CHINA[2] and north <= CHINA[3]):
        middle = placed.centroid
        raise FieldRefused(
            "geometry",
            gettext_noop("lies outside China as %(datum)s: %(lon)s° E, %(lat)s° N. Declare another system."),
            {"datum": datum, "lon": f"{middle.x:.4f}", "lat": f"{middle.y:.4f}"},
        )
    return placed


def _unshifted(places: np.ndarray, datum: str) -> np.ndarray:
    kind: crs.MapDatum = "GCJ-02" if datum == "GCJ-02" else "BD-09"
    return np.array([crs.to_cgcs2000(lon, lat, kind) for lon, lat in places]).reshape(-1, 2)


def _check_degrees(shape: BaseGeometry, datum: str) -> None:
    west, south, east, north = shape.bounds
    if max(abs(west), abs(east)) > 360 or max(abs(south), abs(north)) > 360:
        better = _projected_guess(west, south)
        sentence = gettext_noop("%(x)s, %(y)s are metres, but %(datum)s is in degrees: declare the projected system.")
        parts = {"x": f"{west:.0f}", "y": f"{south:.0f}", "datum": datum}
        raise FieldRefused("geometry", sentence, parts, datum=better)
    if west >= 3 and east <= 54 and south >= 73 and north <= 136:
        sentence = gettext_noop("%(x)s, %(y)s have latitude and longitude swapped: the longitude comes first.")
        raise FieldRefused("geometry", sentence, {"x": f"{west:.4f}", "y": f"{south:.4f}"})


def _projected_guess(x: float, y: float) -> str:
    """Return the prefixed Gauss-Kruger system that an 8-digit easting names, else nothing."""
    zone = int(max(x, y) // 1_000_000)
    if 25 <= zone <= 45:
        return f"EPSG:{4488 + zone}"
    return f"EPSG:{4478 + zone}" if 13 <= zone <= 23 else ""


def _check_metres(shape: BaseGeometry, srid: int) -> None:
    """Tell swapped axes and zone prefixes of Chinese grids before PROJ turns them into nonsense (spec 08, 8.7)."""
    x, y = shape.centroid.x, shape.centroid.y
    datum = f"EPSG:{srid}"
    if abs(x) <= 180 and abs(y) <= 90:
        sentence = gettext_noop("%(x)s, %(y)s are degrees, but %(datum)s is in metres: declare EPSG:4490 or GCJ-02.")
        parts = {"x": f"{x:.4f}", "y": f"{y:.4f}", "datum": datum}
        raise FieldRefused("geometry", sentence, parts, datum="EPSG:4490")
    if not (4491 <= srid <= 4554):
        return  # the checks below are about CGCS2000 Gauss-Kruger grids
    parts = {"east": f"{x:.0f}", "north": f"{y:.0f}", "datum": datum}
    prefixed = 4491 <= srid <= 4501 or 4513 <= srid <= 4533
    if 2e6 <= x <= 6e6 and not 2e6 <= y <= 6e6:
        sentence = gettext_noop(
            "%(east)s, %(north)s have east and north swapped: on Chinese survey sheets X is north and Y is east."
        )
        raise FieldRefused("geometry", sentence, parts)
    if x >= 1e7 and not prefixed:
        better = _projected_guess(x, 0)
        sentence = gettext_noop(
            "east %(east)s begins with a zone number, but %(datum)s has none: declare the system with zone numbers."
        )
        if better:
            sentence = gettext_noop(
                "east %(east)s begins with zone number %(zone)s, but %(datum)s has none: declare %(better)s."
            )
        parts |= {"zone": str(int(x // 1_000_000)), "better": better}
        raise FieldRefused("geometry", sentence, parts, datum=better)
    if prefixed and x < 1e7:
        sentence = gettext_noop("%(datum)s wants a zone number before the east value, but %(east)s has none.")
        raise FieldRefused("geometry", sentence, parts, datum=_without_prefix(srid))
    if prefixed and _projected_guess(x, 0) not in ("", datum):
        better = _projected_guess(x, 0)
        sentence = gettext_noop("east %(east)s begins with zone number %(zone)s: declare %(better)s.")
        parts |= {"zone": str(int(x // 1_000_000)), "better": better}
        raise FieldRefused("geometry", sentence, parts, datum=better)


def _without_prefix(srid: int) -> str:
    """Return the same Gauss-Kruger zone without its number before the east value."""
    if 4513 <= srid <= 4533:
        return f"EPSG:{4534 + (srid - 4513)}"
    return f"EPSG:{4502 + (srid - 4491)}"


def offset_m(from_lon: float, from_lat: float, to_lon: float, to_lat: float) -> tuple[float, float]:
    """Return how far east and north, in metres, one place in degrees lies from another."""
    shrink = float(np.cos(np.radians(from_lat)))
    return (to_lon - from_lon) * METRES_PER_DEGREE * shrink, (to_lat - from_lat) * METRES_PER_DEGREE


@dataclass(frozen=True)
class Shifted:
    """How far, on the whole, shapes lie from where they should be, and how well GCJ-02 explains it."""

    east_m: float
    north_m: float
    count: int

    @property
    def distance_m(self) -> float:
        return float(np.hypot(self.east_m, self.north_m))


def shift_like_gcj02(pairs: Sequence[tuple[BaseGeometry, BaseGeometry]]) -> Shifted | None:
    """Return the shift of shapes against the same things as they are known (both EPSG:4490) if it looks like GCJ-02.

    300 to 700 m, to the east more than to the west, and within 150 m of what GCJ-02 does at that place.
    """
    if not pairs:
        return None
    offsets = [offset_m(*_place(known), *_place(given)) for given, known in pairs]
    east, north = median(o[0] for o in offsets), median(o[1] for o in offsets)
    lon, lat = _place(pairs[0][1])
    expected = offset_m(lon, lat, *crs.to_gcj02(lon, lat))
    far = NEAREST_M <= float(np.hypot(east, north)) <= FARTHEST_M
    close = float(np.hypot(east - expected[0], north - expected[1])) <= AGREES_M
    return Shifted(east, north, len(pairs)) if far and east > 0 and close else None


def sits_better_unshifted(pairs: Sequence[tuple[BaseGeometry, BaseGeometry]]) -> Shifted | None:
    """Return GCJ-02's shift if shapes that stick out of what should hold them fit inside once it is taken back."""
    out = [(given, holder) for given, holder in pairs if _outside_m(given, holder) > 20]
    if not out:
        return None
    before = sum(_outside_m(given, holder) for given, holder in pairs)
    moved = [(shapely.transform(given, lambda p: _unshifted(p, "GCJ-02")), holder) for given, holder in pairs]
    after = sum(_outside_m(given, holder) for given, holder in moved)
    if after > before / 4 or max(_outside_m(given, holder) for given, holder in out) > FARTHEST_M:
        return None
    lon, lat = _place(out[0][0])
    back = crs.from_gcj02(lon, lat)
    return Shifted(*offset_m(*back, lon, lat), len(out))


def _place(shape: BaseGeometry) -> tuple[float, float]:
    middle = shape.centroid
    return middle.x, middle.y


def _outside_m(shape: BaseGeometry, holder: BaseGeometry) -> float:
    """Return how far a shape's farthest corner lies outside its holder, in metres."""
    if shapely.covers(holder, shape):
        return 0.0
    outside = shapely.difference(shape, holder)
    corners = shapely.points(shapely.get_coordinates(outside))
    return float(shapely.distance(corners, holder).max(initial=0.0)) * METRES_PER_DEGREE
