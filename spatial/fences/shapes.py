"""What a fence is made of, as plan geometry in metres: circles and corridors beside outlines and storeys. Pure.

Arcs are drawn with 64 chords to the quarter circle, so that a circle of 50 m is nowhere 4 mm short of its radius.
Membership is that of the polygon, the same for us and for PostGIS.
"""

from __future__ import annotations

from collections.abc import Iterable

import shapely

CHORDS_TO_THE_QUARTER = 64


def circle(east_m: float, north_m: float, radius_m: float) -> shapely.Geometry:
    """This function will return a circle about a place."""
    return shapely.Point(east_m, north_m).buffer(radius_m, quad_segs=CHORDS_TO_THE_QUARTER)


def corridor(line: shapely.Geometry, width_m: float) -> shapely.Geometry:
    """This function will return the corridor of a width along a line, with round corners and flat ends."""
    flat = shapely.buffer(line, width_m / 2.0, quad_segs=CHORDS_TO_THE_QUARTER, cap_style="flat", join_style="round")
    return shapely.make_valid(flat)


def height_range(
    bottom_m: float | None, top_m: float | None, storeys: Iterable[tuple[float, float | None]]
) -> tuple[float | None, float | None]:
    """This function will return the height range of a zone; an end that is open is taken from its storeys.

    A storey is its floor and its top; one without a top leaves the top of the zone open.
    """
    rows = list(storeys)
    if rows and bottom_m is None:
        bottom_m = min(floor_m for floor_m, _ in rows)
    tops = [end_m for _, end_m in rows if end_m is not None]
    if rows and top_m is None and len(tops) == len(rows):
        top_m = max(tops)
    return bottom_m, top_m
