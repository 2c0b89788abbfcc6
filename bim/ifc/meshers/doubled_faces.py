"""Faces that lie on one another with opposite sides: where the fast engine has closed a hole instead of cutting it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PLANE_GRID_M = 1e-3
NORMAL_GRID = 1e-3
LEAST_AREA_M2 = 1e-3


def has_doubled_faces(vertices: NDArray[np.float64], faces: NDArray[np.int32]) -> bool:
    """Say whether triangles of one plane that look to opposite sides cover each other by more than 10 cm²."""
    corners = vertices[faces] - vertices[faces[0, 0]]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    good = lengths > 1e-9
    corners, normals = corners[good], normals[good] / lengths[good, None]
    main = np.abs(normals).argmax(axis=1)
    side = np.sign(normals[np.arange(len(normals)), main])
    planes = normals * side[:, None]
    offsets = np.einsum("ij,ij->i", planes, corners[:, 0])
    keys = np.column_stack([np.round(planes / NORMAL_GRID), np.round(offsets / PLANE_GRID_M)]).astype(np.int64)
    _, group = np.unique(keys, axis=0, return_inverse=True)
    group = group.reshape(-1)
    ahead, behind = (np.bincount(group[chosen], minlength=len(group)) for chosen in (side > 0, side < 0))
    both = np.flatnonzero((ahead > 0) & (behind > 0))
    return any(_overlap(corners[group == number], side[group == number], main[group == number][0]) for number in both)


def _overlap(corners: NDArray[np.float64], side: NDArray[np.float64], axis: int) -> bool:
    """Say whether the triangles of both sides of a plane overlap; they are looked at along their main axis."""
    import shapely  # not before it is needed: the fast mesher starts the earlier

    flat = np.delete(corners, axis, axis=2)
    here, there = (shapely.union_all(shapely.polygons(flat[chosen])) for chosen in (side > 0, side < 0))
    return bool(shapely.area(shapely.intersection(here, there)) > LEAST_AREA_M2)
