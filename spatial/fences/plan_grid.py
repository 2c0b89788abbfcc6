"""A uniform grid over the plan of a site's zones, built in milliseconds by machine code (numba).

Each cell names the zones that cover it wholly, and those whose edges run through it, for which the edges of the
zone's own slab (a strip of equal northings) decide. Runs of eight edges have boxes, so that most edges of a dense zone
are left out at a glance. For distances there is a second grid (`near_grid`).
"""

from __future__ import annotations

import numpy as np

from spatial.fences.machine_code import compiled
from spatial.fences.plan_kernels import EDGES_PER_CHUNK, INSIDE, side

MARGIN_M = 1e-6  # cells are taken this much larger, so that rounding never loses an edge
MAX_CELLS = 1 << 21
APART, FULL, MIXED = 0, 1, 2


@compiled
def slab_of(y: float, z: int, box: np.ndarray, slab_first: np.ndarray, slab_scale: np.ndarray) -> int:
    """Return the slab of a northing within a zone."""
    slabs = slab_first[z + 1] - slab_first[z]
    return slab_first[z] + min(max(int((y - box[z, 1]) * slab_scale[z]), 0), slabs - 1)


@compiled
def _slabs_of_edge(
    edges: np.ndarray, k: int, z: int, box: np.ndarray, slab_first: np.ndarray, slab_scale: np.ndarray
) -> tuple[int, int]:
    south = min(edges[k, 1], edges[k, 3]) - MARGIN_M
    north = max(edges[k, 1], edges[k, 3]) + MARGIN_M
    return slab_of(south, z, box, slab_first, slab_scale), slab_of(north, z, box, slab_first, slab_scale)


@compiled
def slab_edges(edges: np.ndarray, zone_start: np.ndarray, box: np.ndarray, per_slab: int) -> tuple:
    """Cut every zone into strips of equal northings and list the edges that touch each strip.

    Returns (first slab of each zone, slabs per metre, start of each slab, the edges copied slab by slab).
    """
    zones = zone_start.size - 1
    first = np.empty(zones + 1, np.int64)
    scale = np.empty(zones, np.float64)
    first[0] = 0
    for z in range(zones):
        count = zone_start[z + 1] - zone_start[z]
        slabs = 1 if count <= per_slab else min(count, 256)
        height = box[z, 3] - box[z, 1]
        if height <= 0.0:
            slabs = 1
        scale[z] = 0.0 if slabs == 1 else slabs / height * (1.0 - 1e-12)
        first[z + 1] = first[z] + slabs
    start = np.zeros(first[zones] + 1, np.int64)
    for z in range(zones):
        for k in range(zone_start[z], zone_start[z + 1]):
            low, high = _slabs_of_edge(edges, k, z, box, first, scale)
            for s in range(low, high + 1):
                start[s + 1] += 1
    for s in range(first[zones]):
        start[s + 1] += start[s]
    copied = np.empty((start[first[zones]], 4), np.float64)
    fill = start[:-1].copy()
    for z in range(zones):
        for k in range(zone_start[z], zone_start[z + 1]):
            low, high = _slabs_of_edge(edges, k, z, box, first, scale)
            for s in range(low, high + 1):
                copied[fill[s], 0], copied[fill[s], 1] = edges[k, 0], edges[k, 1]
                copied[fill[s], 2], copied[fill[s], 3] = edges[k, 2], edges[k, 3]
                fill[s] += 1
    return first, scale, start, copied


@compiled
def grown(values: np.ndarray, used: int) -> np.ndarray:
    larger = np.empty(max(1024, 2 * values.size), values.dtype)
    larger[:used] = values[:used]
    return larger


@compiled
def grown_rows(values: np.ndarray, used: int, size: int) -> np.ndarray:
    larger = np.empty((size, values.shape[1]), values.dtype)
    larger[:used] = values[:used]
    return larger


@compiled
def _mark_edges(
    marks: np.ndarray, edges: np.ndarray, first: int, end: int, west: float, south: float, size: float
) -> None:
    """Mark the cells of a zone's box through which its edges run, a little too many rather than one too few."""
    rows, columns = marks.shape
    for k in range(first, end):
        ax, ay, bx, by = edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]
        if ay > by:
            ax, ay, bx, by = bx, by, ax, ay
        low = min(max(int((ay - MARGIN_M - south) / size), 0), rows - 1)
        high = min(max(int((by + MARGIN_M - south) / size), 0), rows - 1)
        for r in range(low, high + 1):
            y0 = max(ay, south + r * size - MARGIN_M)
            y1 = min(by, south + (r + 1) * size + MARGIN_M)
            if by > ay:
                x0 = ax + (bx - ax) * min(max((y0 - ay) / (by - ay), 0.0), 1.0)
                x1 = ax + (bx - ax) * min(max((y1 - ay) / (by - ay), 0.0), 1.0)
            else:
                x0, x1 = ax, bx
            if x0 > x1:
                x0, x1 = x1, x0
            a = min(max(int((x0 - MARGIN_M - west) / size), 0), columns - 1)
            b = min(max(int((x1 + MARGIN_M - west) / size), 0), columns - 1)
            for c in range(a, b + 1):
                marks[r, c] = 1


@compiled
def cover_cells(
    edges: np.ndarray,
    zone_start: np.ndarray,
    box: np.ndarray,
    slab_first: np.ndarray,
    slab_scale: np.ndarray,
    slab_start: np.ndarray,
    slab_rows: np.ndarray,
    west: float,
    south: float,
    size: float,
    columns: int,
    rows: int,
) -> tuple:
    """Return (start of each cell, entries): zone * 2 + FULL where a zone covers the whole cell."""
    cells = np.empty(1024, np.int64)
    entries = np.empty(1024, np.int32)
    used = 0
    for z in range(zone_start.size - 1):
        c0 = min(max(int((box[z, 0] - MARGIN_M - west) / size), 0), columns - 1)
        c1 = min(max(int((box[z, 2] + MARGIN_M - west) / size), 0), columns - 1)
        r0 = min(max(int((box[z, 1] - MARGIN_M - south) / size), 0), rows - 1)
        r1 = min(max(int((box[z, 3] + MARGIN_M - south) / size), 0), rows - 1)
        marks = np.zeros((r1 - r0 + 1, c1 - c0 + 1), np.uint8)
        _mark_edges(marks, edges, zone_start[z], zone_start[z + 1], west + c0 * size, south + r0 * size, size)
        for r in range(marks.shape[0]):
            known, inside = False, False
            for c in range(marks.shape[1]):
                if marks[r, c]:
                    known = False
                    kind = 0
                else:
                    if not known:
                        x = west + (c0 + c + 0.5) * size
                        y = south + (r0 + r + 0.5) * size
                        inside = False
                        if box[z, 0] < x < box[z, 2] and box[z, 1] < y < box[z, 3]:
                            s = slab_of(y, z, box, slab_first, slab_scale)
                            inside = side(x, y, slab_rows, slab_start[s], slab_start[s + 1]) == INSIDE
                        known = True
                    if not inside:
                        continue
                    kind = FULL
                if used == entries.size:
                    cells, entries = grown(cells, used), grown(entries, used)
                cells[used] = (r0 + r) * columns + c0 + c
                entries[used] = z * 2 + kind
                used += 1
    start = np.zeros(columns * rows + 1, np.int32)
    for n in range(used):
        start[cells[n] + 1] += 1
    for n in range(columns * rows):
        start[n + 1] += start[n]
    fill = start[:-1].copy()
    ordered = np.empty(used, np.int32)
    for n in range(used):
        ordered[fill[cells[n]]] = entries[n]
        fill[cells[n]] += 1
    return start, ordered


@compiled
def edge_chunks(edges: np.ndarray, zone_start: np.ndarray) -> tuple:
    """Return (first chunk of each zone, box of each chunk): runs of eight edges, to leave out at a glance."""
    zones = zone_start.size - 1
    first = np.zeros(zones + 1, np.int64)
    for z in range(zones):
        first[z + 1] = first[z] + (zone_start[z + 1] - zone_start[z] + EDGES_PER_CHUNK - 1) // EDGES_PER_CHUNK
    boxes = np.empty((first[zones], 4), np.float64)
    for z in range(zones):
        for chunk in range(first[z], first[z + 1]):
            boxes[chunk, 0] = boxes[chunk, 1] = np.inf
            boxes[chunk, 2] = boxes[chunk, 3] = -np.inf
            begin = zone_start[z] + (chunk - first[z]) * EDGES_PER_CHUNK
            for k in range(begin, min(begin + EDGES_PER_CHUNK, zone_start[z + 1])):
                boxes[chunk, 0] = min(boxes[chunk, 0], edges[k, 0], edges[k, 2])
                boxes[chunk, 1] = min(boxes[chunk, 1], edges[k, 1], edges[k, 3])
                boxes[chunk, 2] = max(boxes[chunk, 2], edges[k, 0], edges[k, 2])
                boxes[chunk, 3] = max(boxes[chunk, 3], edges[k, 1], edges[k, 3])
    return first, boxes
