"""Triangles cut to boxes, many at once. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Numbers = NDArray[np.intp]

MARGIN = 1e-9


@dataclass(frozen=True)
class Polygons:
    """Convex polygons end to end: `points` (n, 3), the k-th from row `first[k]`, cut from the triangle `source[k]`."""

    points: Array
    first: Numbers
    source: Numbers

    @property
    def counts(self) -> Numbers:
        return np.diff(self.first, append=len(self.points))

    def kept(self, chosen: NDArray[np.bool_]) -> Polygons:
        """Return the chosen polygons in their order."""
        counts = self.counts[chosen]
        return Polygons(self.points[np.repeat(chosen, self.counts)], np.cumsum(counts) - counts, self.source[chosen])


def clipped(corners: Array, least: Array, most: Array) -> Polygons:
    """Return what of each triangle (m, 3, 3) lies in its box from least (m, 3) to most (m, 3), 1e-9 around it included.

    What is left of a triangle has at least two corners, or is left out (Sutherland and Hodgman, all triangles at once).
    """
    least, most = least - MARGIN, most + MARGIN
    lowest, highest = corners.min(axis=1), corners.max(axis=1)
    source = np.flatnonzero((highest >= least).all(axis=1) & (lowest <= most).all(axis=1))
    points, owner = corners[source].reshape(-1, 3), np.repeat(np.arange(len(source)), 3)
    for axis in range(3):
        for limits, beyond, sign in ((least, lowest < least, 1.0), (most, highest > most, -1.0)):
            cut = beyond[source, axis]
            if cut.any():
                limit = np.where(cut, limits[source, axis], -np.inf * sign)
                points, owner = _half(points, owner, axis, limit, sign)
    counts = np.bincount(owner, minlength=len(source))
    enough = counts >= 2
    points, counts = points[enough[owner]], counts[enough]
    return Polygons(points, np.cumsum(counts) - counts, source[enough])


def _half(points: Array, owner: Numbers, axis: int, limit: Array, sign: float) -> tuple[Array, Numbers]:
    """Return the points, and the polygon of each, that polygons keep on one side of the plane of each."""
    counts = np.bincount(owner, minlength=len(limit))
    behind = np.arange(1, len(points) + 1)
    ends = np.cumsum(counts)[counts > 0]
    behind[ends - 1] = ends - counts[counts > 0]
    depth = (points[:, axis] - limit[owner]) * sign
    inside = depth >= 0
    crosses = inside != inside[behind]
    row = np.cumsum(inside.astype(np.intp) + crosses) - crosses - inside
    kept = np.empty((int(inside.sum() + crosses.sum()), 3))
    kept_owner = np.empty(len(kept), dtype=np.intp)
    kept[row[inside]], kept_owner[row[inside]] = points[inside], owner[inside]
    here, there = np.flatnonzero(crosses), behind[crosses]
    part = depth[here] / (depth[here] - depth[there])
    at = row[here] + inside[here]
    kept[at], kept_owner[at] = points[here] + (points[there] - points[here]) * part[:, None], owner[here]
    return kept, kept_owner
