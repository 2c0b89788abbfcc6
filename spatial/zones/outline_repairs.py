"""Repairs of outlines in metres: crossings found, loops and holes sorted out, splinters and repeats left out. Pure."""

from __future__ import annotations

import math

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

REPEATED_M = 0.01
THIN_M = 0.05


def polygons_of(shape: BaseGeometry) -> MultiPolygon:
    """Return the polygons of a shape; lines and points that a repair or a cut leaves behind are dropped."""
    parts = [part for part in shapely.get_parts(shape, return_index=False) if isinstance(part, Polygon)]
    if isinstance(shape, Polygon | MultiPolygon):
        parts = [shape] if isinstance(shape, Polygon) else list(shape.geoms)
    elif not parts:
        nested = [polygons_of(part) for part in getattr(shape, "geoms", ())]
        parts = [polygon for found in nested for polygon in found.geoms]
    return MultiPolygon([part for part in parts if not part.is_empty])


def crossing_points(shape: BaseGeometry) -> tuple[tuple[float, float], ...]:
    """Return where the rings of a shape cross themselves or each other."""
    rings = [ring for polygon in polygons_of(shape).geoms for ring in (polygon.exterior, *polygon.interiors)]
    found: dict[tuple[float, float], None] = {}
    edges = [edge for ring in rings for edge in _edges(ring)]
    if not edges:
        return ()
    tree = shapely.STRtree(edges)
    for left, right in zip(*tree.query(edges, predicate="intersects"), strict=True):
        if left >= right:
            continue
        for point in points_of(shapely.intersection(edges[left], edges[right])):
            if not _is_shared_end(edges[left], edges[right], point):
                found[(round(point[0], 4), round(point[1], 4))] = None
    return tuple(found)


def _edges(ring: BaseGeometry) -> list[BaseGeometry]:
    corners = shapely.get_coordinates(ring)
    return [
        shapely.LineString(corners[i : i + 2]) for i in range(len(corners) - 1) if (corners[i] != corners[i + 1]).any()
    ]


def points_of(shape: BaseGeometry) -> list[tuple[float, float]]:
    """Return the corners of a shape."""
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(shape)]


def _is_shared_end(left: BaseGeometry, right: BaseGeometry, point: tuple[float, float]) -> bool:
    ends = [shapely.get_coordinates(edge) for edge in (left, right)]
    return all(any(math.dist(end, point) < 1e-6 for end in pair) for pair in ends)


def made_valid(shape: BaseGeometry) -> MultiPolygon:
    """Return a shape repaired: loops become areas of their own, holes are cut out, what has no area is dropped."""
    parts = []
    for polygon in polygons_of(shape).geoms:
        holes = shapely.union_all([_solid(Polygon(ring)) for ring in polygon.interiors])
        parts.append(shapely.difference(_solid(Polygon(polygon.exterior)), holes))
    return polygons_of(_solid(shapely.union_all(parts)))


def _solid(shape: BaseGeometry) -> BaseGeometry:
    return shapely.make_valid(shape, method="structure", keep_collapsed=False)


def clipped(shape: BaseGeometry, frame: BaseGeometry) -> MultiPolygon:
    """Return the part of a valid shape that lies in a frame, without splinters narrower than 5 cm."""
    cut = polygons_of(shapely.intersection(shape, frame))
    kept = [part for part in cut.geoms if not is_thin(part)]
    return polygons_of(_solid(MultiPolygon(kept)))


def is_thin(part: Polygon) -> bool:
    """Return whether a polygon is a splinter: narrower than 5 cm on the whole."""
    length = Polygon(part.exterior).length
    return length == 0 or 2 * Polygon(part.exterior).area / length < THIN_M


def repeats_in(corners: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the corners that lie closer than 1 cm to the last one that is kept."""
    found, last = [], corners[0]
    for place in corners[1:]:
        if math.dist(last, place) <= REPEATED_M:
            found.append(place)
        else:
            last = place
    return found


def without_repeats(ring: BaseGeometry) -> list[tuple[float, float]]:
    """Return the corners of a ring, closed, without those that lie on the one before."""
    corners = points_of(ring)
    kept = corners[:1]
    for place in corners[1:-1]:
        if math.dist(kept[-1], place) > REPEATED_M:
            kept.append(place)
    while len(kept) > 1 and math.dist(kept[-1], kept[0]) <= REPEATED_M:
        kept.pop()
    return [*kept, kept[0]]
