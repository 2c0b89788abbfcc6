"""Pure plane geometry with height ranges, on shapely shapes. No Django, no database."""

from __future__ import annotations

import math

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry


class GeometryRefused(ValueError):
    """A shape cannot be used; the message says what is wrong with it and where."""


def covers_height(bottom_m: float | None, top_m: float | None, height_m: float) -> bool:
    """Return whether a height lies in [bottom, top]; a missing end is open. All in the same height system."""
    return (bottom_m is None or bottom_m <= height_m) and (top_m is None or height_m <= top_m)


def covers(
    outline: BaseGeometry, bottom_m: float | None, top_m: float | None, *, x: float, y: float, height_m: float
) -> bool:
    """Return whether a volume (outline in plan and a height range, edges included) holds a point."""
    return covers_height(bottom_m, top_m, height_m) and bool(shapely.covers(outline, Point(x, y)))


def valid_area(shape: BaseGeometry) -> MultiPolygon:
    """Return a shape as a flat MultiPolygon. Raises GeometryRefused unless it is a valid polygon with an area.

    Nothing is repaired in silence: a self-crossing outline could mean two different places.
    """
    if shape.is_empty:
        raise GeometryRefused("The outline is empty.")
    if not isinstance(shape, Polygon | MultiPolygon):
        raise GeometryRefused(f"The outline must be a polygon, not a {shape.geom_type}.")
    if not all(map(math.isfinite, shapely.get_coordinates(shape).ravel())):
        raise GeometryRefused("The outline has a coordinate that is not a number.")
    if not shape.is_valid:
        raise GeometryRefused(f"The outline is not a valid polygon: {shapely.is_valid_reason(shape)}.")
    if shape.area == 0:
        raise GeometryRefused("The outline has no area.")
    flat = shapely.force_2d(shape)
    return flat if isinstance(flat, MultiPolygon) else MultiPolygon([flat])


def check_height_range(bottom_m: float | None, top_m: float | None) -> None:
    """Refuse a height range whose bottom is not below its top. Raises GeometryRefused."""
    for name, value in (("bottom", bottom_m), ("top", top_m)):
        if value is not None and not math.isfinite(value):
            raise GeometryRefused(f"The {name} is not a number.")
    if bottom_m is not None and top_m is not None and bottom_m >= top_m:
        raise GeometryRefused(f"The bottom ({bottom_m} m) is not below the top ({top_m} m).")
