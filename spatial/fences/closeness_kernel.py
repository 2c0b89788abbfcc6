"""How close one fix is to the zones around it, in machine code: the compiled twin of `zone_index._closeness`."""

from __future__ import annotations

import math

import numpy as np

from spatial.fences.machine_code import compiled
from spatial.fences.near_grid import CODE, EDGES, RUN
from spatial.fences.plan_grid import APART, FULL, MIXED, slab_of
from spatial.fences.plan_kernels import (
    OUTSIDE,
    least_square,
    plan_probability,
    side,
    squared_distance_to_box,
    squared_distance_to_edges,
)
from spatial.fences.probability import CERTAIN_AFTER_SIGMAS, HEIGHT95_PER_SIGMA, R95_PER_SIGMA

_REACH_PER_ACCURACY = CERTAIN_AFTER_SIGMAS / R95_PER_SIGMA
_SCALE_PER_HEIGHT95 = math.sqrt(2.0) / HEIGHT95_PER_SIGMA


@compiled
def cell_of(x: float, y: float, grid: np.ndarray, shape: np.ndarray) -> int:
    """Return the cell of a place, -1 outside the grid."""
    if not (x >= grid[0] and y >= grid[1]):
        return -1
    column, row = int((x - grid[0]) * grid[3]), int((y - grid[1]) * grid[3])
    if column >= shape[0] or row >= shape[1]:
        return -1
    return row * shape[0] + column


@compiled
def height_probability(height_m: float, accuracy_m: float, low_m: float, high_m: float) -> float:
    """Return how likely the height of a fix lies in a range; 1 when it is not known."""
    if math.isnan(height_m) or (low_m == -math.inf and high_m == math.inf):
        return 1.0
    if accuracy_m <= 0.0:
        return 1.0 if low_m <= height_m < high_m else 0.0
    scale = accuracy_m * _SCALE_PER_HEIGHT95
    return max(0.0, 0.5 * (math.erf((high_m - height_m) / scale) - math.erf((low_m - height_m) / scale)))


@compiled
def _in_force(z: int, time_us: int, rules: tuple) -> bool:
    scheduled, span_first, span_from, span_to = rules[7], rules[8], rules[9], rules[10]
    if not scheduled[z]:
        return True
    for n in range(span_first[z], span_first[z + 1]):  # noqa: SIM110 (machine code knows no generators)
        if span_from[n] <= time_us < span_to[n]:
            return True
    return False


@compiled
def _note(
    z: int,
    x: float,
    y: float,
    accuracy_m: float,
    height: float,
    to_edge: float,
    inside: bool,
    plan: tuple,
    rules: tuple,
    probability: np.ndarray,
    distance: np.ndarray,
) -> bool:
    """Write down probability and distance of one zone; say whether either speaks for it."""
    edges, zone_start = plan[0], plan[1]
    p = plan_probability(x, y, accuracy_m, to_edge, inside, edges, zone_start[z], zone_start[z + 1])
    probability[z] = math.floor(p * height * 1e9 + 0.5) / 1e9
    distance[z] = math.inf
    approach_m = rules[4][z]
    if not math.isnan(approach_m) and height >= rules[2][z]:
        away = 0.0 if inside else to_edge
        if away <= rules[11][z]:
            distance[z] = math.floor(away * 1e6 + 0.5) / 1e6
    return probability[z] > 0.0 or distance[z] < math.inf


@compiled
def close_zones(
    x: float,
    y: float,
    height_m: float,
    accuracy_m: float,
    height_accuracy_m: float,
    time_us: int,
    plan: tuple,
    rules: tuple,
    found: np.ndarray,
    probability: np.ndarray,
    distance: np.ndarray,
) -> int:
    """Put the zones that a fix may be in, or near to, into `found` and say how many; probability and distance are
    written by zone."""
    (edges, zone_start, box, low, high, reach, slab_first, slab_scale, slab_start, slab_rows, grid, shape, start,
     records, gaps, chain, chunk_first, chunk_box) = plan  # fmt: skip
    certain = accuracy_m * _REACH_PER_ACCURACY
    count = 0
    if certain <= grid[4]:
        cell = cell_of(x, y, grid, shape)
        if cell < 0:
            return 0
        for n in range(start[cell], start[cell + 1]):
            z = records[n, CODE] >> 2
            height = height_probability(height_m, height_accuracy_m, low[z], high[z])
            if height == 0.0 or not _in_force(z, time_us, rules):
                continue
            kind = records[n, CODE] & 3
            if kind == MIXED:
                s = slab_of(y, z, box, slab_first, slab_scale)
                kind = FULL if side(x, y, slab_rows, slab_start[s], slab_start[s + 1]) != OUTSIDE else APART
            to_edge = math.inf
            if records[n, EDGES] and (kind == APART or gaps[n] <= certain):
                to_edge = math.sqrt(least_square(x, y, chain, records[n, RUN], records[n, EDGES]))
            if kind == APART and to_edge > certain and to_edge > reach[z]:
                continue
            if _note(z, x, y, accuracy_m, height, to_edge, kind == FULL, plan, rules, probability, distance):
                found[count] = z
                count += 1
        return count
    for z in range(low.size):
        wide = max(certain, reach[z])
        if squared_distance_to_box(x, y, box, z) > wide * wide:
            continue
        height = height_probability(height_m, height_accuracy_m, low[z], high[z])
        if height == 0.0 or not _in_force(z, time_us, rules):
            continue
        s = slab_of(y, z, box, slab_first, slab_scale)
        within = squared_distance_to_box(x, y, box, z) == 0.0
        inside = within and side(x, y, slab_rows, slab_start[s], slab_start[s + 1]) != OUTSIDE
        least = squared_distance_to_edges(x, y, wide * wide, z, edges, zone_start, chunk_first, chunk_box)
        if _note(z, x, y, accuracy_m, height, math.sqrt(least), inside, plan, rules, probability, distance):
            found[count] = z
            count += 1
    return count
