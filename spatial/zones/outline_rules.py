"""What can be wrong with a drawn outline, where, and what would repair it. Pure; everything in metres of one grid.

Nothing is repaired in silence: a finding carries its repair as a shape with its area, and a person takes it or not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from .outline_repairs import (
    THIN_M,
    clipped,
    crossing_points,
    is_thin,
    made_valid,
    points_of,
    polygons_of,
    repeats_in,
    without_repeats,
)

MIN_AREA_M2 = 0.5
EDGE_TOLERANCE_M = 0.05
EQUAL_SHARE = 0.001
MOST_VERTICES = 20_000


class Weight(StrEnum):
    """What a finding means for saving: refused until drawn anew, until its repair is taken, or until accepted."""

    REFUSED = "refused"
    REPAIR = "repair"
    DOUBT = "doubt"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `at` are places (x, y); `repair` is the whole outline as it would be."""

    code: str
    weight: Weight
    values: dict[str, Any] = field(default_factory=dict)
    at: tuple[tuple[float, float], ...] = ()
    repair: MultiPolygon | None = None


@dataclass(frozen=True)
class Volume:
    """An outline with its height range and the code of the zone it belongs to."""

    code: str
    outline: BaseGeometry
    bottom_m: float | None = None
    top_m: float | None = None


@dataclass(frozen=True)
class Around:
    """What a zone has to fit to: the site, its parent, its children, and its neighbours."""

    boundary: BaseGeometry | None = None
    parent: Volume | None = None
    children: Sequence[Volume] = ()
    others: Sequence[Volume] = ()


def examine(shape: BaseGeometry, *, bottom_m: float | None, top_m: float | None, around: Around) -> list[Finding]:
    """This function will find everything wrong with a zone's outline and heights, in the order in which to mend it.

    A shape that cannot be measured (not a polygon, crossing itself) is not compared with its surroundings.
    """
    heights = _heights(bottom_m, top_m)
    own = _own_faults(shape)
    if own and own[-1].code != "duplicate_vertices":
        return own + heights
    flat = polygons_of(shapely.force_2d(shape))
    found = own + _slivers(flat)
    if flat.area < MIN_AREA_M2:
        found.append(Finding("too_small", Weight.REFUSED, {"area_m2": round(flat.area, 3), "least_m2": MIN_AREA_M2}))
        return found + heights
    found += _outside_site(flat, around.boundary)
    if heights:
        return found + heights
    zone = Volume("", flat, bottom_m, top_m)
    found += _outside_parent(zone, around.parent)
    found += [_child_outside(child, zone) for child in around.children if not lies_in(child, zone)]
    found += [
        Finding("equal_zone", Weight.REFUSED, {"code": other.code}) for other in around.others if equal(zone, other)
    ]
    return found


def _heights(bottom_m: float | None, top_m: float | None) -> list[Finding]:
    if any(value is not None and not math.isfinite(value) for value in (bottom_m, top_m)):
        return [Finding("height_not_a_number", Weight.REFUSED)]
    if bottom_m is None or top_m is None or bottom_m < top_m:
        return []
    values = {"bottom_m": bottom_m, "top_m": top_m}
    weight = Weight.REPAIR if bottom_m > top_m else Weight.REFUSED
    return [Finding("height_upside_down" if bottom_m > top_m else "height_flat", weight, values)]


def _own_faults(shape: BaseGeometry) -> list[Finding]:
    """Return what is wrong with a shape by itself."""
    if shape.is_empty:
        return [Finding("empty", Weight.REFUSED)]
    if not isinstance(shape, Polygon | MultiPolygon):
        return [Finding("not_a_polygon", Weight.REFUSED, {"kind": shape.geom_type})]
    if not all(map(math.isfinite, shapely.get_coordinates(shape).ravel())):
        return [Finding("not_a_number", Weight.REFUSED)]
    count = int(shapely.get_num_coordinates(shape))
    if count > MOST_VERTICES:
        return [Finding("too_many_vertices", Weight.REFUSED, {"count": count, "most": MOST_VERTICES})]
    return _validity(shapely.force_2d(shape)) or _repeated(shapely.force_2d(shape))


def _validity(shape: BaseGeometry) -> list[Finding]:
    if shape.is_valid:
        return []
    repaired = made_valid(shape)
    if repaired.area < MIN_AREA_M2:
        return [Finding("no_area", Weight.REFUSED, at=crossing_points(shape)[:50])]
    outside = _holes_outside(shape)
    code = "hole_outside" if outside else "self_crossing"
    at = outside or crossing_points(shape)[:50]
    return [Finding(code, Weight.REPAIR, _areas(shape, repaired), at, repaired)]


def _holes_outside(shape: BaseGeometry) -> tuple[tuple[float, float], ...]:
    """Return a point of each hole that does not lie in its shell; none where a ring crosses itself."""
    found = []
    for polygon in polygons_of(shape).geoms:
        shell = Polygon(polygon.exterior)
        holes = [Polygon(ring) for ring in polygon.interiors]
        if not shell.is_valid or not all(hole.is_valid for hole in holes):
            return ()
        found += [hole.representative_point() for hole in holes if not shapely.covers(shell, hole)]
    return tuple((round(point.x, 4), round(point.y, 4)) for point in found)


def _areas(before: BaseGeometry, after: MultiPolygon) -> dict[str, Any]:
    """Return areas in m²; of a shape that crosses itself, what is enclosed an odd number of times."""
    drawn = before.area if before.is_valid else polygons_of(shapely.make_valid(before)).area
    return {
        "before_m2": round(drawn, 3),
        "after_m2": round(after.area, 3),
        "change_m2": round(after.area - drawn, 3),
    }


def _repeated(shape: BaseGeometry) -> list[Finding]:
    rings = [ring for polygon in polygons_of(shape).geoms for ring in (polygon.exterior, *polygon.interiors)]
    places = [place for ring in rings for place in repeats_in(points_of(ring))]
    if not places:
        return []
    parts = []
    for polygon in polygons_of(shape).geoms:
        shell, *holes = (without_repeats(ring) for ring in (polygon.exterior, *polygon.interiors))
        if len(shell) > 3:
            parts.append(Polygon(shell, [hole for hole in holes if len(hole) > 3]))
    repaired = made_valid(MultiPolygon(parts))
    values = {"count": len(places), **_areas(shape, repaired)}
    return [Finding("duplicate_vertices", Weight.REPAIR, values, tuple(places[:50]), repaired)]


def _slivers(shape: MultiPolygon) -> list[Finding]:
    """Return the finding of splinters among the parts and holes of a shape, repaired by leaving them out."""
    parts = [part for part in shape.geoms if not is_thin(part)]
    thin = [part.representative_point() for part in shape.geoms if is_thin(part)]
    if not parts:
        at = tuple((point.x, point.y) for point in thin[:50])
        return [Finding("all_thin", Weight.REFUSED, {"least_m": THIN_M}, at)] if thin else []
    kept = []
    for part in parts:
        holes = [ring for ring in part.interiors if not is_thin(Polygon(ring))]
        thin += [Polygon(ring).representative_point() for ring in part.interiors if is_thin(Polygon(ring))]
        kept.append(Polygon(part.exterior, holes))
    if not thin:
        return []
    repaired = MultiPolygon(kept)
    at = tuple((point.x, point.y) for point in thin[:50])
    return [Finding("sliver", Weight.REPAIR, {"count": len(thin), **_areas(shape, repaired)}, at, repaired)]


def _outside_site(shape: MultiPolygon, boundary: BaseGeometry | None) -> list[Finding]:
    if boundary is None or shapely.covers(boundary.buffer(EDGE_TOLERANCE_M), shape):
        return []
    repaired = clipped(shape, boundary)
    outside = shapely.difference(shape, boundary)
    values: dict[str, Any] = {"outside_m2": round(outside.area, 3)}
    point = outside.representative_point()
    if repaired.area < MIN_AREA_M2:
        values["distance_m"] = round(shapely.distance(shape, boundary), 1)
        return [Finding("not_on_site", Weight.REFUSED, values, ((point.x, point.y),))]
    values |= _areas(shape, repaired)
    return [Finding("outside_site", Weight.DOUBT, values, ((point.x, point.y),), repaired)]


def _outside_parent(zone: Volume, parent: Volume | None) -> list[Finding]:
    if parent is None:
        return []
    values: dict[str, Any] = {"code": parent.code}
    found = []
    if not _in_plan(zone, parent):
        repaired = clipped(zone.outline, parent.outline)
        outside = shapely.difference(zone.outline, parent.outline).representative_point()
        if repaired.area < MIN_AREA_M2:
            found.append(Finding("apart_from_parent", Weight.REFUSED, values, ((outside.x, outside.y),)))
        else:
            areas = values | _areas(zone.outline, repaired)
            found.append(Finding("outside_parent", Weight.REPAIR, areas, ((outside.x, outside.y),), repaired))
    if not _in_height(zone, parent):
        limits = {"parent_bottom_m": parent.bottom_m, "parent_top_m": parent.top_m}
        found.append(Finding("outside_parent_height", Weight.REFUSED, values | limits))
    return found


def _child_outside(child: Volume, zone: Volume) -> Finding:
    point: Point = child.outline.representative_point()
    return Finding("child_outside", Weight.REFUSED, {"code": child.code}, ((point.x, point.y),))


def _in_plan(inner: Volume, outer: Volume) -> bool:
    return bool(shapely.covers(outer.outline.buffer(EDGE_TOLERANCE_M), inner.outline))


def _in_height(inner: Volume, outer: Volume) -> bool:
    low = outer.bottom_m is None or (inner.bottom_m is not None and inner.bottom_m >= outer.bottom_m - EDGE_TOLERANCE_M)
    high = outer.top_m is None or (inner.top_m is not None and inner.top_m <= outer.top_m + EDGE_TOLERANCE_M)
    return low and high


def lies_in(inner: Volume, outer: Volume) -> bool:
    """Return whether a zone lies in another in plan and height, give or take 5 cm."""
    return _in_plan(inner, outer) and _in_height(inner, outer)


def _same_height(a: float | None, b: float | None) -> bool:
    return a is b or (a is not None and b is not None and abs(a - b) < EDGE_TOLERANCE_M)


def equal(left: Volume, right: Volume) -> bool:
    """Return whether two zones are the same place: the same heights, and outlines that differ by less than 0.1 %."""
    if not (_same_height(left.bottom_m, right.bottom_m) and _same_height(left.top_m, right.top_m)):
        return False
    larger = max(left.outline.area, right.outline.area)
    if abs(left.outline.area - right.outline.area) > EQUAL_SHARE * larger:
        return False
    return shapely.symmetric_difference(left.outline, right.outline).area <= EQUAL_SHARE * larger
