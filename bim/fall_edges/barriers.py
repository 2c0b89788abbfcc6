"""What keeps people from an edge: walls, curtain walls, railings and other upright surfaces beside it. Pure.

A barrier is looked at from the edge: its triangles, cut to the strip beside the edge, are drawn in the plane of
distance along the edge (s) and height above the floor (h). A wall protects where it leaves no hole higher than the
allowed gap in the band; a railing where its top is high enough, for what lies below the top is its maker's concern.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from .spans import Span, joined, without
from .surfaces import Body
from .values import Values

Array = NDArray[np.float64]
Polygon = list[list[float]]

RAILINGS = frozenset({"IfcRailing"})
UPRIGHT = frozenset(
    {
        "IfcWall", "IfcWallStandardCase", "IfcWallElementedCase", "IfcCurtainWall", "IfcPlate", "IfcPlateStandardCase",
        "IfcMember", "IfcMemberStandardCase", "IfcWindow", "IfcWindowStandardCase", "IfcDoor", "IfcDoorStandardCase",
        "IfcSlab", "IfcSlabStandardCase", "IfcSlabElementedCase", "IfcRoof",
    }
)  # fmt: skip
BARRIERS = RAILINGS | UPRIGHT
BALUSTERS_M = 0.15
HIGHEST_RAIL_M = 2.5


class Barriers:
    """The barriers of a model, found by place."""

    def __init__(self, bodies: list[Body], values: Values) -> None:
        self.values = values
        self.bodies = [body for body in bodies if body.ifc_class in BARRIERS and len(body.corners)]
        corners = [body.corners.reshape(-1, 3) for body in self.bodies]
        self.low = np.array([part.min(axis=0) for part in corners]).reshape(-1, 3)
        self.high = np.array([part.max(axis=0) for part in corners]).reshape(-1, 3)
        self.tree = shapely.STRtree(shapely.box(self.low[:, 0], self.low[:, 1], self.high[:, 0], self.high[:, 1]))

    def guarded(self, start: Array, end: Array, z_m: float) -> tuple[list[Span], list[tuple[Span, str]]]:
        """Return the spans (metres from `start`) of a straight run at height z where a barrier stands beside it, and
        where along it each barrier stands, by GlobalId."""
        values, length = self.values, float(np.hypot(*(end - start)))
        along = (end - start) / length
        across = np.array([along[1], -along[0]])
        near = shapely.LineString([start, end]).buffer(values.outside_m, cap_style="flat")
        reach = (values.beside_m, values.outside_m)
        spans: list[Span] = []
        walls: list[Polygon] = []
        standing: list[tuple[Span, str]] = []
        for index in self.tree.query(near):
            low, high = self.low[index][2] - z_m, self.high[index][2] - z_m
            body = self.bodies[index]
            if low > values.barrier_height_m or high < values.barrier_gap_m:
                continue
            plan = body.corners[:, :, :2] - start
            local = np.stack((plan @ along, body.corners[:, :, 2] - z_m, plan @ across), axis=-1)
            if body.ifc_class in RAILINGS:
                seen = cut(local, length, values.railing_height_m, HIGHEST_RAIL_M, reach)
                spans += joined([(min(p[0] for p in c), max(p[0] for p in c)) for c in seen], BALUSTERS_M)
            else:
                seen = cut(local, length, 0.0, values.barrier_height_m, reach)
                walls += seen
            if seen:
                alongs = [point[0] for polygon in seen for point in polygon]
                standing.append(((min(alongs), max(alongs)), body.global_id))
        return joined(spans + _walled(walls, length, values), 1e-6), standing


def cut(corners: Array, length: float, low: float, high: float, reach: tuple[float, float]) -> list[Polygon]:
    """Return the convex polygons of triangles (m, 3, 3) in (s, h, across) that lie in the box before the edge."""
    least = np.array([0.0, low, -reach[0]]) - 1e-9
    most = np.array([length, high, reach[1]]) + 1e-9
    lowest, highest = corners.min(axis=1), corners.max(axis=1)
    touching = (highest >= least).all(axis=1) & (lowest <= most).all(axis=1)
    found = []
    for index in np.flatnonzero(touching):
        polygon: Polygon = corners[index].tolist()
        for axis in range(3):
            if lowest[index, axis] < least[axis]:
                polygon = _half(polygon, axis, float(least[axis]), 1.0)
            if highest[index, axis] > most[axis]:
                polygon = _half(polygon, axis, float(most[axis]), -1.0)
        if len(polygon) >= 2:
            found.append(polygon)
    return found


def _half(polygon: Polygon, axis: int, limit: float, sign: float) -> Polygon:
    """Return the part of a polygon on one side of a plane (Sutherland and Hodgman; plain numbers are the fastest)."""
    kept: Polygon = []
    for here, there in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        a, b = (here[axis] - limit) * sign, (there[axis] - limit) * sign
        if a >= 0:
            kept.append(here)
        if (a >= 0) != (b >= 0):
            part = a / (a - b)
            kept.append([h + (t - h) * part for h, t in zip(here, there, strict=True)])
    return kept


def _walled(polygons: list[Polygon], length: float, values: Values) -> list[Span]:
    """Return the spans where the drawn polygons leave no hole higher than the allowed gap between floor and band."""
    faces = [polygon for polygon in polygons if len(polygon) >= 3]
    if not faces:
        return []
    west = np.array([min(point[0] for point in face) for face in faces])
    east = np.array([max(point[0] for point in face) for face in faces])
    stops = sorted(set(np.clip(np.round([point[0] for face in faces for point in face], 6), 0.0, length).tolist()))
    spans = []
    for a, b in pairwise(stops):
        middle = (a + b) / 2
        heights = joined([_column(faces[i], middle) for i in np.flatnonzero((west < middle) & (east > middle))])
        holes = without((0.0, values.barrier_height_m), heights)
        if max((high - low for low, high in holes), default=0.0) <= values.barrier_gap_m + 1e-6:
            spans.append((a, b))
    return spans


def _column(face: Polygon, at: float) -> Span:
    """Return the heights between which a convex polygon crosses the upright line at `at`."""
    heights = []
    for here, there in zip(face, face[1:] + face[:1], strict=True):
        if (here[0] < at) != (there[0] < at):
            heights.append(here[1] + (there[1] - here[1]) * (at - here[0]) / (there[0] - here[0]))
    return min(heights), max(heights)
