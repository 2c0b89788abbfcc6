"""A second grid over the plan of a site's zones: who is within reach of each cell, and by which edges (numba).

The corners of a zone are a circle of neighbours (the chain), so the edges that can be nearest from somewhere in a cell
are a run of it, which a processor reads in one go. The circle is written twice, so that no run wraps around. Runs are
found from coarse to fine: a cell looks only at the run of the block that it lies in.
"""

from __future__ import annotations

import math

import numpy as np

from spatial.fences.machine_code import compiled
from spatial.fences.plan_grid import APART, FULL, MARGIN_M, MIXED, grown, grown_rows, slab_of
from spatial.fences.plan_kernels import INSIDE, side, squared_distances

CELLS_PER_BLOCK = 4
# Columns of a record: zone * 4 + how the cell lies to it, where the run of edges begins, how many they are, and the
# bits of the zone's heights in half precision, rounded outwards, so that one look tells whether they span a point.
CODE, RUN, EDGES, LOW, HIGH = range(5)
COLUMNS = 5


@compiled
def _narrowed(
    x: float, y: float, spread: float, chain: np.ndarray, first: int, count: int, circle: int, squares: np.ndarray
) -> tuple[int, int, float]:
    """Return the part (first, count) of a run that can be nearest within `spread` / 2 of a place, and how far it is."""
    least = math.sqrt(squared_distances(x, y, chain, first, count, squares))
    limit = (least + spread) ** 2
    begin, end = 0, count - 1
    if count < circle:
        while squares[begin] > limit:
            begin += 1
        while squares[end] > limit:
            end -= 1
        return first + begin, end - begin + 1, least
    # The whole circle: leave out its longest stretch of edges that are too far away.
    longest, after, gap, walked = 0, 0, 0, 0
    while walked < 2 * circle:
        if squares[walked % circle] > limit:
            gap += 1
            if gap > longest:
                longest, after = gap, (walked + 1) % circle
        elif walked >= circle:
            break
        else:
            gap = 0
        walked += 1
    return first + after, circle - min(longest, circle), least


@compiled
def _lies(x: float, y: float, z: int, box: np.ndarray, slabs: tuple) -> bool:
    """Tell whether a place away from every edge is inside a zone."""
    slab_first, slab_scale, slab_start, slab_rows = slabs
    if not (box[z, 0] < x < box[z, 2] and box[z, 1] < y < box[z, 3]):
        return False
    s = slab_of(y, z, box, slab_first, slab_scale)
    return side(x, y, slab_rows, slab_start[s], slab_start[s + 1]) == INSIDE


@compiled
def near_cells(
    chain: np.ndarray,
    chain_start: np.ndarray,
    box: np.ndarray,
    reach_m: np.ndarray,
    slabs: tuple,
    grid: np.ndarray,
    shape: np.ndarray,
) -> tuple:
    """Return (start of each cell, records, their gaps): the zones within reach of each cell.

    How a cell lies is APART (outside), FULL (inside) or MIXED; a gap is a lower bound of the distance from the cell to
    the zone's boundary. After the last cell comes an empty one, for places outside of the grid.
    """
    west, south, size = grid[0], grid[1], grid[2]
    half = size * math.sqrt(0.5) + MARGIN_M
    wide = size * CELLS_PER_BLOCK * math.sqrt(0.5) + MARGIN_M
    cells = np.empty(1024, np.int64)
    records = np.empty((1024, COLUMNS), np.int32)
    gaps = np.empty(1024, np.float64)
    used = 0
    for z in range(box.shape[0]):
        circle = (chain_start[z + 1] - chain_start[z]) // 2
        squares = np.empty(circle, np.float64)
        reach = reach_m[z] + half
        c0, c1 = _clamped(box[z, 0] - reach - west, box[z, 2] + reach - west, size, shape[0])
        r0, r1 = _clamped(box[z, 1] - reach - south, box[z, 3] + reach - south, size, shape[1])
        for block_row in range(r0, r1 + 1, CELLS_PER_BLOCK):
            for block_column in range(c0, c1 + 1, CELLS_PER_BLOCK):
                x = west + (block_column + 0.5 * CELLS_PER_BLOCK) * size
                y = south + (block_row + 0.5 * CELLS_PER_BLOCK) * size
                first, count, away = _narrowed(x, y, 2.0 * wide, chain, chain_start[z], circle, circle, squares)
                if away - wide > reach and not _lies(x, y, z, box, slabs):
                    continue
                for r in range(block_row, min(block_row + CELLS_PER_BLOCK, r1 + 1)):
                    for c in range(block_column, min(block_column + CELLS_PER_BLOCK, c1 + 1)):
                        code, run, edges, gap = _record(
                            west + (c + 0.5) * size, south + (r + 0.5) * size, z, reach, half, first, count, circle,
                            chain, squares, box, slabs,
                        )  # fmt: skip
                        if code < 0:
                            continue
                        if used == gaps.size:
                            cells, gaps = grown(cells, used), grown(gaps, used)
                            records = grown_rows(records, used, gaps.size)
                        cells[used] = r * shape[0] + c
                        records[used, CODE], records[used, RUN], records[used, EDGES] = code, run, edges
                        gaps[used] = gap
                        used += 1
    return _by_cell(cells, records, gaps, used, shape[0] * shape[1] + 1)


@compiled
def _clamped(low: float, high: float, size: float, count: int) -> tuple[int, int]:
    return min(max(int(low / size), 0), count - 1), min(max(int(high / size), 0), count - 1)


@compiled
def _record(
    x: float,
    y: float,
    z: int,
    reach: float,
    half: float,
    first: int,
    count: int,
    circle: int,
    chain: np.ndarray,
    squares: np.ndarray,
    box: np.ndarray,
    slabs: tuple,
) -> tuple[int, int, int, float]:
    """Return the record of a zone and the cell around a place (code -1: not within reach) and its gap."""
    run, edges, away = _narrowed(x, y, 2.0 * half, chain, first, count, circle, squares)
    if away <= half:
        return z * 4 + MIXED, run, edges, 0.0
    inside = _lies(x, y, z, box, slabs)
    if away > reach:
        return (z * 4 + FULL if inside else -1), run, 0, reach - half
    return z * 4 + (FULL if inside else APART), run, edges, away - half


@compiled
def _by_cell(cells: np.ndarray, records: np.ndarray, gaps: np.ndarray, used: int, cell_count: int) -> tuple:
    """Order records by cell; within a cell they stay in the order of their zones."""
    start = np.zeros(cell_count + 1, np.int32)
    for n in range(used):
        start[cells[n] + 1] += 1
    for n in range(cell_count):
        start[n + 1] += start[n]
    fill = start[:-1].copy()
    ordered = np.empty((used, COLUMNS), np.int32)
    gap = np.empty(used, np.float64)
    for n in range(used):
        m = fill[cells[n]]
        ordered[m, CODE], ordered[m, RUN], ordered[m, EDGES] = records[n, CODE], records[n, RUN], records[n, EDGES]
        gap[m] = gaps[n]
        fill[cells[n]] += 1
    return start, ordered, gap
