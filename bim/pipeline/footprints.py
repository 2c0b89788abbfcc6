"""The outlines of elements seen from above, from their triangles."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bim.ifc.meshing_types import Mesh

from .mesh_batch import MeshBatch

MAX_UNION_TRIANGLES = 3_000
MIN_AREA_M2 = 1e-6
HULL_TOLERANCE = 1e-3
SIMPLIFY_M = 0.001


def footprint(mesh: Mesh) -> shapely.Geometry | None:
    """Return the outline of one mesh, as `footprints` does."""
    outline: shapely.Geometry | None = footprints(MeshBatch.of([mesh]), mesh.vertices)[0]
    return outline


def footprints(batch: MeshBatch, positions: NDArray[np.float64]) -> NDArray[np.object_]:
    """Return for each mesh the (multi)polygon that it covers in plan, in the positions' metres; None without an area.

    `positions` are the batch's vertices in the plan's frame. The convex hull where the upward faces fill it exactly,
    the union of the upward faces otherwise (so a slab keeps its openings), the hull for bodies of more than 3,000
    upward triangles.
    """
    plan = np.ascontiguousarray(positions[:, :2])
    outlines = _hulls(batch, plan)
    hull_area = shapely.area(outlines)
    outlines[hull_area < MIN_AREA_M2] = None
    a, b, c = (plan[batch.faces[:, corner]] for corner in range(3))
    area = 0.5 * ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))
    upward, downward = area > MIN_AREA_M2, area < -MIN_AREA_M2
    up_area, down_area = batch.total(np.where(upward, area, 0)), batch.total(np.where(downward, -area, 0))
    many = np.maximum(batch.total(upward.astype(np.float64)), batch.total(downward.astype(np.float64)))
    filled = np.abs(up_area - hull_area) < HULL_TOLERANCE * hull_area
    filled &= np.abs(down_area - up_area) < HULL_TOLERANCE * hull_area
    above = up_area >= down_area * 0.999
    united = (hull_area >= MIN_AREA_M2) & ~filled & (many <= MAX_UNION_TRIANGLES)
    owner = np.repeat(np.arange(len(united)), batch.face_counts)
    chosen = united[owner] & np.where(above[owner], upward, upward | downward)
    outlines[united] = None
    numbers, order = np.unique(owner[chosen], return_inverse=True)
    if len(numbers):
        outlines[numbers] = _unions(plan[batch.faces[chosen]], order)
    return outlines


def _hulls(batch: MeshBatch, plan: NDArray[np.float64]) -> NDArray[np.object_]:
    """Return the convex hull of each mesh's used vertices, None where it is no polygon."""
    used = np.zeros(len(plan), dtype=bool)
    used[batch.faces] = True
    owner = np.repeat(np.arange(len(batch.first_vertex)), batch.vertex_counts)[used]
    several = np.bincount(owner, minlength=len(batch.first_vertex)) >= 3
    rows = several[owner]
    hulls = np.full(len(batch.first_vertex), None, dtype=object)
    numbers, order = np.unique(owner[rows], return_inverse=True)
    if len(numbers):
        hulls[numbers] = shapely.convex_hull(shapely.linestrings(plan[used][rows], indices=order))
    hulls[shapely.get_type_id(hulls) != shapely.GeometryType.POLYGON] = None
    return hulls


def _unions(triangles: NDArray[np.float64], owner: NDArray[np.intp]) -> NDArray[np.object_]:
    """Return the union of each owner's triangles (n, 3, 2), owners counting from 0 in order; None without an area.

    All in one call: GEOS lets go of the interpreter meanwhile.
    """
    polygons: Any = shapely.polygons(triangles)
    gathered: Any = shapely.geometrycollections(polygons, indices=owner)
    outlines: Any = shapely.simplify(shapely.union_all(gathered[:, None], axis=1), SIMPLIFY_M)
    outlines[shapely.area(outlines) <= MIN_AREA_M2] = None
    return np.asarray(outlines)
