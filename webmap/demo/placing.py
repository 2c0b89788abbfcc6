"""From the demo's local metres to EPSG:4490 degrees and Yellow Sea heights. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.georeference import to_height, to_map
from spatial.crs import STORAGE_SRID, transform_point

LonLat = tuple[float, float]


def to_lon_lat(x: float, y: float) -> LonLat:
    """Longitude and latitude (EPSG:4490, degrees to about 0.1 mm) of a local point."""
    lon, lat = transform_point(*to_map(x, y), from_srid=d.PROJECTED_SRID, to_srid=STORAGE_SRID)
    return round(lon, 9), round(lat, 9)


def to_ring(points: Iterable[d.Point]) -> list[LonLat]:
    """A closed ring in degrees of local points in order."""
    ring = [to_lon_lat(x, y) for x, y in points]
    return [*ring, ring[0]]


def corners(rectangle: d.Rectangle) -> list[d.Point]:
    """Corners of a local rectangle, anti-clockwise."""
    x0, y0, x1, y1 = rectangle
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def grown(rectangle: d.Rectangle, margin_m: float) -> d.Rectangle:
    """The rectangle grown by a margin on all sides."""
    x0, y0, x1, y1 = rectangle
    return x0 - margin_m, y0 - margin_m, x1 + margin_m, y1 + margin_m


def point_z(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Longitude, latitude and Yellow Sea height in metres of a local point."""
    return (*to_lon_lat(x, y), round(to_height(z), 3))
