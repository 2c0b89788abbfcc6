"""The fenced zones of one site as machine code sees them: which zones cover points, and how far they are (numba).

Membership is that of the outline in the projected plane, boundary included, as PostGIS' ST_Covers decides it: by
exact parity, and for a point within 1e-9 m of an edge by GEOS itself. `ZoneIndex` is the readable reference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.fences.closeness_kernel import cell_of
from spatial.fences.distance_kernel import distances_within_reach
from spatial.fences.fix_order import NEVER_US
from spatial.fences.machine_code import compiled
from spatial.fences.near_grid import CODE, HIGH, LOW, near_cells
from spatial.fences.plan_grid import FULL, MAX_CELLS, cover_cells, edge_chunks, grown, slab_edges, slab_of
from spatial.fences.plan_kernels import INSIDE, OUTSIDE, side
from spatial.fences.zone_index import HEIGHT_TOLERANCE_M, FenceZone

EDGES_PER_SLAB = 6
REACH_M = 10.0
CELLS_PER_ZONE = 5.0
NEAR_CELLS_PER_ZONE = 8.0

DAY_US = 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.date()

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


def to_us(moment: datetime) -> int:
    """This function will return a moment as microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Plan:
    """The arrays of an index: edges of zones, strips, and the two grids (see `plan_grid`)."""

    edges: Floats
    zone_start: NDArray[np.int64]
    box: Floats
    low_m: Floats
    high_m: Floats
    reach_m: Floats
    slab_first: NDArray[np.int64]
    slab_scale: Floats
    slab_start: NDArray[np.int64]
    slab_rows: Floats
    grid: Floats
    shape: NDArray[np.int64]
    cell_start: Ints
    entries: Ints
    near_grid: Floats
    near_shape: NDArray[np.int64]
    near_start: Ints
    near_records: Ints
    near_gap: Floats
    chain: Floats
    corners: Floats
    chunk_first: NDArray[np.int64]
    chunk_box: Floats
    near_bits: NDArray[np.float32]

    def for_closeness(self) -> tuple:
        """This function will return the arrays in the order in which `closeness_kernel` takes them apart."""
        return (
            self.edges, self.zone_start, self.box, self.low_m, self.high_m, self.reach_m, self.slab_first,
            self.slab_scale, self.slab_start, self.slab_rows, self.near_grid, self.near_shape, self.near_start,
            self.near_records, self.near_gap, self.chain, self.chunk_first, self.chunk_box,
        )  # fmt: skip


class ZoneRules:
    """The settings of zones as arrays, and their schedules as spans of microseconds for the days asked of."""

    def __init__(self, zones: Sequence[FenceZone]) -> None:
        self._zones = zones
        nothing = math.nan
        self._fixed = (
            np.array([zone.enter_fixes for zone in zones], np.int32),
            np.array([zone.leave_fixes for zone in zones], np.int32),
            np.array([zone.enter_probability for zone in zones], np.float64),
            np.array([zone.leave_probability for zone in zones], np.float64),
            np.array([nothing if zone.approach_m is None else zone.approach_m for zone in zones], np.float64),
            np.array([nothing if zone.dwell_s is None else zone.dwell_s for zone in zones], np.float64),
            np.array([NEVER_US if zone.valid_from is None else to_us(zone.valid_from) for zone in zones], np.int64),
            np.array([zone.schedule is not None for zone in zones], np.uint8),
        )
        self._ahead = np.array([zone.ahead_m for zone in zones], np.float64)
        self._days: tuple[int, int] = (0, -1)
        self._spans = self._of_days(0, -1)

    def between(self, first_us: int, last_us: int) -> tuple:
        """This function will return the arrays, with the schedules of every day that touches this time."""
        days = (first_us // DAY_US - 2, last_us // DAY_US + 2)
        if self._fixed[7].any() and days != self._days:
            self._days, self._spans = days, self._of_days(*days)
        return (*self._fixed, *self._spans, self._ahead)

    def _of_days(self, first: int, last: int) -> tuple:
        starts: list[int] = [0]
        spans: list[tuple[int, int]] = []
        for zone in self._zones:
            if zone.schedule is not None and last >= first:
                begin, end = EPOCH_DAY + timedelta(days=first), EPOCH_DAY + timedelta(days=last)
                spans += [(to_us(start), to_us(stop)) for start, stop in zone.schedule.spans(begin, end)]
            starts.append(len(spans))
        columns = np.array(spans, np.int64).reshape(-1, 2)
        return np.array(starts, np.int64), columns[:, 0].copy(), columns[:, 1].copy()


class CompiledIndex:
    """Answers for whole columns of points. Immutable: build a new one when zones change."""

    def __init__(self, zones: Sequence[FenceZone], *, reach_m: float = REACH_M) -> None:
        self.zones = tuple(sorted(zones, key=lambda zone: zone.zone_id))
        self.numbers = {zone.zone_id: number for number, zone in enumerate(self.zones)}
        self.rules = ZoneRules(self.zones)
        self.outlines = np.array([zone.outline for zone in self.zones], dtype=object)
        self.plan = _plan(self.zones, self.outlines, reach_m)
        shapely.prepare(self.outlines)

    def covering(self, east_m: Floats, north_m: Floats, height_m: Floats) -> tuple[Ints, Ints]:
        """This function will return (point, zone) pairs, ordered, of the zones that cover each point.

        Boundaries are included, and heights obey the zones' ranges (`FenceZone.spans`).
        """
        plan = self.plan
        points, zones, unsure = _covering(
            east_m, north_m, height_m, plan.grid, plan.shape, plan.cell_start, plan.entries, plan.box, plan.low_m,
            plan.high_m, plan.slab_first, plan.slab_scale, plan.slab_start, plan.slab_rows,
        )  # fmt: skip
        if unsure.size:
            at = unsure
            places = shapely.points(east_m[points[at]], north_m[points[at]])
            keep = np.ones(points.size, bool)
            keep[at] = shapely.covers(self.outlines[zones[at]], places)
            return points[keep], zones[keep]
        return points, zones

    def distances(self, east_m: Floats, north_m: Floats, height_m: Floats) -> tuple[Ints, Ints, Floats]:
        """This function will return (point, zone, distance in plan) of the zones within reach of each point; 0
        inside."""
        plan = self.plan
        return distances_within_reach(
            east_m, north_m, height_m, plan.near_grid, plan.near_shape,
            (plan.near_start, plan.near_records, plan.near_bits),
            plan.low_m, plan.high_m, plan.reach_m,
            (plan.chain, plan.corners, plan.box, plan.slab_first, plan.slab_scale, plan.slab_start, plan.slab_rows),
        )  # fmt: skip


def _plan(zones: Sequence[FenceZone], outlines: NDArray, reach_m: float) -> Plan:
    edges, zone_start, chain, chain_start = _edges_of(outlines)
    box = shapely.bounds(outlines) if len(zones) else np.empty((0, 4))
    box = np.ascontiguousarray(np.nan_to_num(box, nan=0.0))
    reach = np.maximum(np.array([zone.ahead_m for zone in zones], np.float64), reach_m)
    slabs = slab_edges(edges, zone_start, box, EDGES_PER_SLAB)
    grid, shape = _grid(box, np.zeros(len(zones)), CELLS_PER_ZONE)
    cell_start, entries = cover_cells(edges, zone_start, box, *slabs, grid[0], grid[1], grid[2], shape[0], shape[1])
    near_grid, near_shape = _grid(box, reach, NEAR_CELLS_PER_ZONE)
    chunks = edge_chunks(edges, zone_start)
    near = near_cells(chain, chain_start, box, reach, slabs, near_grid, near_shape)
    none = math.inf
    low = np.array([-none if zone.bottom_m is None else zone.bottom_m - HEIGHT_TOLERANCE_M for zone in zones])
    high = np.array([none if zone.top_m is None else zone.top_m - HEIGHT_TOLERANCE_M for zone in zones])
    bits = near[1].view(np.float32)
    bits[:, LOW : HIGH + 1] = _rounded_outwards(low, high)[near[1][:, CODE] >> 2] if len(zones) else 0.0
    return Plan(  # type: ignore[call-arg]
        edges, zone_start, box, low, high, reach, *slabs, grid, shape, cell_start, entries, near_grid, near_shape,
        *near, chain, np.ascontiguousarray(chain.T), *chunks, bits,
    )  # fmt: skip


def _rounded_outwards(low: Floats, high: Floats) -> NDArray[np.float32]:
    """Return ranges of heights in half the bytes, none narrower than it was."""
    narrow = np.column_stack([low, high]).astype(np.float32)
    return np.nextafter(narrow, np.array([-np.inf, np.inf], np.float32))


def _edges_of(outlines: NDArray) -> tuple[Floats, NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Return the edges of all rings, directed with the inside to the left, where those of each zone begin, and the
    chains of corners (see `near_grid`) with where each begins."""
    if not outlines.size:
        return np.empty((0, 5)), np.zeros(1, np.int64), np.empty((3, 0)), np.zeros(1, np.int64)
    parts, zone_of_part = shapely.get_parts(shapely.orient_polygons(outlines), return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    edges = np.hstack([corners[:-1], corners[1:], np.zeros((len(corners) - 1, 1))])
    length = ((edges[:, 2:4] - edges[:, :2]) ** 2).sum(axis=1)
    edges[:, 4] = np.divide(1.0, length, out=np.zeros_like(length), where=(length > 0.0) & same)
    zone = zone_of_part[part_of_ring[ring]]
    counts = np.bincount(zone[:-1][same], minlength=outlines.size)
    chain = np.vstack([corners.T, np.append(edges[:, 4], 0.0)])
    return edges[same], _starts(counts), *_twice(chain, np.bincount(zone, minlength=outlines.size))


def _twice(chain: Floats, counts: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """Return chains with every zone's circle written twice, and where each begins."""
    start, once = _starts(2 * counts), _starts(counts)
    zone = np.repeat(np.arange(counts.size), 2 * counts)
    place = once[zone] + (np.arange(start[-1]) - start[zone]) % np.maximum(counts, 1)[zone]
    return np.ascontiguousarray(chain[:, place]), start


def _starts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _grid(box: Floats, reach_m: Floats, cells_per_zone: float) -> tuple[Floats, NDArray[np.int64]]:
    """Return (west, south, cell size, cells per metre, least reach) and (columns, rows): cells a fraction of the usual
    zone."""
    if not len(box):
        return np.array([0.0, 0.0, 1.0, 1.0, 0.0]), np.array([1, 1], np.int64)
    west, south = (box[:, :2].min(axis=0) - reach_m.max()).tolist()
    east, north = (box[:, 2:].max(axis=0) + reach_m.max()).tolist()
    spans = box[:, 2:] - box[:, :2] + 2 * reach_m[:, None]
    usual = math.sqrt(max(float(np.median(spans[:, 0] * spans[:, 1])), 1e-6))
    size = max(usual / cells_per_zone, math.sqrt((east - west) * (north - south) / MAX_CELLS), 1e-3)
    columns, rows = int((east - west) / size) + 1, int((north - south) / size) + 1
    return np.array([west, south, size, 1.0 / size, reach_m.min()]), np.array([columns, rows], np.int64)


@compiled
def _covering(
    xs, ys, hs, grid, shape, cell_start, entries, box, low, high, slab_first, slab_scale, slab_start, slab_rows
):
    points = np.empty(max(64, 2 * xs.size), np.int32)
    zones = np.empty(points.size, np.int32)
    unsure = np.empty(0, np.int32)
    used = 0
    for i in range(xs.size):
        x, y, h = xs[i], ys[i], hs[i]
        cell = cell_of(x, y, grid, shape)
        if cell < 0:
            continue
        for k in range(cell_start[cell], cell_start[cell + 1]):
            z = entries[k] >> 1
            if not (low[z] <= h < high[z]):
                continue
            if not entries[k] & FULL:
                s = slab_of(y, z, box, slab_first, slab_scale)
                found = side(x, y, slab_rows, slab_start[s], slab_start[s + 1])
                if found == OUTSIDE:
                    continue
                if found != INSIDE:
                    unsure = np.append(unsure, np.int32(used))
            if used == points.size:
                points, zones = grown(points, used), grown(zones, used)
            points[used] = i
            zones[used] = z
            used += 1
    return points[:used], zones[:used], unsure
