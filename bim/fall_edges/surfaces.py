"""Where one can walk: the upward, nearly level faces of slabs, roofs, stairs and ramps, level by level. Pure.

Everything is in project metres, z up. A face that slopes less than 10 degrees counts; flat faces within 1 cm of height
are one level, whatever element they belong to; treads and sloping faces stay with their element.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Array = NDArray[np.float64]

SLABS = frozenset({"IfcSlab", "IfcSlabStandardCase", "IfcSlabElementedCase", "IfcRoof"})
FLIGHTS = frozenset({"IfcStair", "IfcStairFlight", "IfcRamp", "IfcRampFlight"})
GROUND = frozenset({"IfcSite", "IfcGeographicElement", "IfcEarthworksFill", "IfcEarthworksCut"})
LEVEL_TOLERANCE_M = 0.01
SLOPE_COSINE = float(np.cos(np.radians(10.0)))
GROUND_COSINE = 0.2
SMALLEST_FLOOR_M2 = 0.25
BURIED_M = 0.6


@dataclass(frozen=True)
class Body:
    """An element with its triangles: corners (m, 3, 3) in project metres."""

    global_id: str
    ifc_class: str
    storey_index: int | None
    corners: Array


@dataclass(frozen=True)
class Piece:
    """A plan polygon of one element at z = a x + b y + c."""

    polygon: Any
    plane: tuple[float, float, float]
    body: Body

    def z_at(self, x: float, y: float) -> float:
        a, b, c = self.plane
        return a * x + b * y + c


@dataclass(frozen=True)
class Floor:
    """One walkable surface in plan. `z_m` is None where its pieces have heights of their own (flights, slopes)."""

    polygon: Any
    z_m: float | None
    pieces: tuple[Piece, ...]


def pieces_of(body: Body) -> list[Piece]:
    """Return the walkable pieces of an element: one polygon for each level, one for each sloping triangle."""
    corners = body.corners
    if not len(corners):
        return []
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    steepest = GROUND_COSINE if body.ifc_class in GROUND else SLOPE_COSINE
    corners = corners[(lengths > 1e-9) & (normals[:, 2] >= steepest * lengths)]
    flat = np.ptp(corners[:, :, 2], axis=1) <= LEVEL_TOLERANCE_M
    sloping = corners[~flat]
    polygons: Any = shapely.polygons(sloping[:, :, :2])
    pieces = [Piece(*row, body) for row in zip(polygons, _planes(sloping), strict=True)]
    level = corners[flat]
    for group in _by_height(level[:, :, 2].mean(axis=1)):
        polygon = tidy(shapely.union_all(shapely.polygons(level[group][:, :, :2]), grid_size=1e-6))
        if not polygon.is_empty:
            pieces.append(Piece(polygon, (0.0, 0.0, float(level[group][:, :, 2].mean())), body))
    return pieces


def _planes(corners: Array) -> list[tuple[float, float, float]]:
    """Return (a, b, c) of the plane z = a x + b y + c of each triangle (m, 3, 3)."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    a, b = -normals[:, 0] / normals[:, 2], -normals[:, 1] / normals[:, 2]
    x, y, z = corners[:, 0].T
    return list(zip(a.tolist(), b.tolist(), (z - a * x - b * y).tolist(), strict=True))


def _by_height(heights: Array) -> list[NDArray[np.intp]]:
    """Return groups of indexes whose heights are within 1 cm of the group's lowest."""
    groups: list[NDArray[np.intp]] = []
    order = np.argsort(heights, kind="stable")
    while len(order):
        inside = heights[order] <= heights[order[0]] + LEVEL_TOLERANCE_M
        groups.append(order[inside])
        order = order[~inside]
    return groups


def tidy(shape: Any, tolerance_m: float = LEVEL_TOLERANCE_M / 2) -> Any:
    """Return a plan shape without slits and slivers under 1 cm; right angles keep their corners."""
    closed = shape.buffer(tolerance_m, join_style="mitre").buffer(-2 * tolerance_m, join_style="mitre")
    return closed.buffer(tolerance_m, join_style="mitre").simplify(0.001)


def floors_of(bodies: Iterable[Body]) -> tuple[list[Floor], list[Piece]]:
    """Return (the walkable surfaces, every piece that stops a fall, the ground's among them)."""
    flat: list[Piece] = []
    floors: list[Floor] = []
    stops: list[Piece] = []
    for body in bodies:
        if body.ifc_class not in SLABS | FLIGHTS | GROUND:
            continue
        pieces = pieces_of(body)
        stops += pieces
        if body.ifc_class in GROUND:
            continue
        level = [body.ifc_class not in FLIGHTS and piece.plane[:2] == (0.0, 0.0) for piece in pieces]
        sloping = [piece for piece, flat_one in zip(pieces, level, strict=True) if not flat_one]
        flat += [piece for piece, flat_one in zip(pieces, level, strict=True) if flat_one]
        if sloping:
            polygon = tidy(shapely.union_all([piece.polygon for piece in sloping]))
            floors.append(Floor(polygon, None, tuple(sloping)))
    heights = np.array([piece.plane[2] for piece in flat])
    for group in _by_height(heights):
        members = tuple(flat[index] for index in group)
        z_m = float(heights[group].mean())
        polygon = tidy(shapely.union_all([piece.polygon for piece in members], grid_size=1e-6))
        buried = [
            piece.polygon for piece, height in zip(flat, heights, strict=True)
            if z_m + LEVEL_TOLERANCE_M < height <= z_m + BURIED_M and piece.polygon.intersects(polygon)
        ]  # fmt: skip
        if buried:
            polygon = tidy(polygon.difference(shapely.union_all(buried)))
        floors.append(Floor(polygon, z_m, members))
    return [floor for floor in floors if not floor.polygon.is_empty], stops
