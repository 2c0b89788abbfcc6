"""The outlines of elements seen from above, from their triangles."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bim.ifc.meshing_types import Mesh

from .mesh_batch import MeshBatch
from .plan_patches import grown_together

MAX_UNION_TRIANGLES = 3_000
MIN_AREA_M2 = 1e-6
HULL_TOLERANCE = 1e-3
SIMPLIFY_M = 0.001
SAME_M = 1e-6


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
        faces = batch.faces[chosen]
        faces[area[chosen] < 0] = faces[area[chosen] < 0][:, ::-1]
        outlines[numbers] = _unions(plan, faces, order)
    return outlines


class KnownFootprints:
    """Outlines of one model's meshes; one that was met before, at another place, is not computed again."""

    def __init__(self) -> None:
        self._known: dict[bytes, shapely.Geometry | None] = {}

    def of(self, batch: MeshBatch, plan: NDArray[np.float64]) -> NDArray[np.object_]:
        """Return what `footprints` does; `plan` (n, 2) are the batch's vertices in metres."""
        first = plan[batch.first_vertex]
        own = plan - np.repeat(first, batch.vertex_counts, axis=0)
        keys = _keys(batch, own)
        new = {key: number for number, key in reversed(list(enumerate(keys))) if key not in self._known}
        if new:
            numbers = np.array(list(new.values()))
            chosen, rows = batch.chosen(numbers)
            self._known.update(zip(new, footprints(chosen, own[rows]).tolist(), strict=True))
        outlines = np.full(len(keys), None, dtype=object)
        outlines[:] = [self._known[key] for key in keys]
        there = ~shapely.is_missing(outlines)
        points, owner = shapely.get_coordinates(outlines[there], return_index=True)
        outlines[there] = shapely.set_coordinates(outlines[there].copy(), points + first[there][owner])
        return outlines


def _keys(batch: MeshBatch, own: NDArray[np.float64]) -> Sequence[bytes]:
    """Return a hash of each mesh's triangles in plan, to a micrometre, from its first vertex."""
    steps = np.rint(own / SAME_M).astype(np.int64)
    faces = (batch.faces - np.repeat(batch.first_vertex, batch.face_counts)[:, None]).astype(np.int32)
    keys = []
    for vertices, triangles in zip(
        np.split(steps, batch.first_vertex[1:]), np.split(faces, batch.first_face[1:]), strict=True
    ):
        digest = blake2b(vertices.tobytes(), digest_size=16)
        digest.update(triangles.tobytes())
        keys.append(digest.digest())
    return keys


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


def _unions(plan: NDArray[np.float64], faces: NDArray[np.int64], owner: NDArray[np.intp]) -> NDArray[np.object_]:
    """Return the union of each owner's counterclockwise faces, owners counting from 0 in order; None without an area.

    All in one call: GEOS lets go of the interpreter meanwhile.
    """
    polygons, number = grown_together(plan, faces)
    owner_of = np.empty(len(polygons), dtype=np.intp)
    owner_of[number] = owner
    order = np.argsort(owner_of, kind="stable")
    counts = np.bincount(owner_of)
    gathered: Any = shapely.geometrycollections(polygons[order], indices=owner_of[order])
    outlines = np.asarray(polygons[order][np.cumsum(counts) - 1])
    several = counts > 1
    outlines[several] = shapely.union_all(gathered[several][:, None], axis=1)
    outlines[shapely.area(outlines) <= MIN_AREA_M2] = None
    simple: Any = shapely.simplify(outlines, SIMPLIFY_M)
    return np.where(shapely.is_valid(simple), simple, outlines)  # a hole of a millimetre collapses to a line
