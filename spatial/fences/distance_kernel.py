"""How far whole columns of points are from the zones within reach of each, in machine code (numba).

In sweeps without branches that a processor would guess wrongly: who may be near by cell and height, then how far.
"""

from __future__ import annotations

import math

import numpy as np

from spatial.fences.closeness_kernel import cell_of
from spatial.fences.machine_code import compiled
from spatial.fences.near_grid import CODE, EDGES, HIGH, LOW, RUN
from spatial.fences.plan_grid import APART, FULL, MIXED, slab_of
from spatial.fences.plan_kernels import (
    INSIDE,
    OUTSIDE,
    UNSURE,
    least_of_few,
    least_square,
    nearest_of_few,
    side,
    side_of_nearest,
)

FEW_EDGES = 10


@compiled
def _near_pairs(
    xs: np.ndarray, ys: np.ndarray, hs: np.ndarray, grid: np.ndarray, shape: np.ndarray, near: tuple
) -> tuple:
    """Return (point, record) of the zones in each point's cell whose heights may span it, and how many they are."""
    start, heights = near[0], near[2]
    first, stop = np.empty(xs.size, np.int32), np.empty(xs.size, np.int32)
    most = 1
    for i in range(xs.size):
        cell = cell_of(xs[i], ys[i], grid, shape)
        cell = shape[0] * shape[1] if cell < 0 else cell
        first[i], stop[i] = start[cell], start[cell + 1]
        most += stop[i] - first[i]
    points, rows = np.empty(most, np.int32), np.empty(most, np.int32)
    used = 0
    for i in range(xs.size):
        h = hs[i]
        for n in range(first[i], stop[i]):
            points[used], rows[used] = i, n
            used += int((heights[n, LOW] <= h) & (h < heights[n, HIGH]))
    return points, rows, used


@compiled
def distances_within_reach(
    xs: np.ndarray, ys: np.ndarray, hs: np.ndarray, grid: np.ndarray, shape: np.ndarray, near: tuple,
    low: np.ndarray, high: np.ndarray, reach: np.ndarray, plan: tuple,
) -> tuple:  # fmt: skip
    """Return (point, zone, plan distance; 0 inside) of the zones within reach of each point.

    `near` are (start of each cell, records, the same as floats), `plan` what tells how far a zone is and on which side
    of it a point lies. All in one function: a call with these arrays costs more than an edge.
    """
    points, rows, pairs = _near_pairs(xs, ys, hs, grid, shape, near)
    records = near[1]
    chain, corners, box, slab_first, slab_scale, slab_start, slab_rows = plan
    zones, metres = np.empty(pairs, np.int32), np.empty(pairs, np.float64)
    used = 0
    for j in range(pairs):
        i, n = points[j], rows[j]
        x, y, z, kind, edges = xs[i], ys[i], records[n, CODE] >> 2, records[n, CODE] & 3, records[n, EDGES]
        square, lies = 0.0, INSIDE if kind == FULL else (OUTSIDE if kind == APART else UNSURE)
        if kind == APART and edges <= FEW_EDGES:
            square = least_of_few(x, y, corners, records[n, RUN], edges)
        elif kind == MIXED and edges <= FEW_EDGES:
            square, nearest = nearest_of_few(x, y, corners, records[n, RUN], edges)
            lies = side_of_nearest(x, y, square, corners, nearest)
        elif kind != FULL:
            square = least_square(x, y, chain, records[n, RUN], edges)
        if lies == UNSURE:
            s = slab_of(y, z, box, slab_first, slab_scale)
            lies = side(x, y, slab_rows, slab_start[s], slab_start[s + 1])
        square = square if lies == OUTSIDE else 0.0
        points[used], zones[used], metres[used] = i, z, math.sqrt(square)
        used += int((square <= reach[z] * reach[z]) & (low[z] <= hs[i]) & (hs[i] < high[z]))
    return points[:used], zones[:used], metres[:used]
