"""What keeps people from an edge: walls, curtain walls, railings and other upright surfaces beside it. Pure.

A barrier is looked at from the edge: its triangles, cut to the strip beside the edge, are drawn in the plane of
distance along the edge (s) and height above the floor (h). A wall protects where it leaves no hole higher than the
allowed gap in the band; a railing where its top is high enough, for what lies below the top is its maker's concern.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from .clipping import Polygons, clipped
from .spans import Span, joined
from .surfaces import Body
from .values import Values
from .walls import walled

Array = NDArray[np.float64]
Guarded = tuple[list[Span], list[tuple[Span, str]]]

RAILINGS = frozenset({"IfcRailing"})
UPRIGHT = frozenset(
    {
        "IfcWall", "IfcWallStandardCase", "IfcWallElementedCase", "IfcCurtainWall", "IfcPlate", "IfcPlateStandardCase",
        "IfcMember", "IfcMemberStandardCase", "IfcWindow", "IfcWindowStandardCase", "IfcDoor", "IfcDoorStandardCase",
        "IfcSlab", "IfcSlabStandardCase", "IfcSlabElementedCase", "IfcRoof",
    }
)  # fmt: skip
BARRIERS = RAILINGS | UPRIGHT
BALUSTERS_M = 0.15
HIGHEST_RAIL_M = 2.5
NEAR_M = 0.001
TOUCH_M = 1e-9
RUNS_AT_ONCE = 200


class Barriers:
    """The barriers of a model, found by place."""

    def __init__(self, bodies: list[Body], values: Values) -> None:
        self.values = values
        self.bodies = [body for body in bodies if body.ifc_class in BARRIERS and len(body.corners)]
        corners = [body.corners.reshape(-1, 3) for body in self.bodies]
        self.low = np.array([part.min(axis=0) for part in corners]).reshape(-1, 3)
        self.high = np.array([part.max(axis=0) for part in corners]).reshape(-1, 3)
        self.tree = shapely.STRtree(shapely.box(self.low[:, 0], self.low[:, 1], self.high[:, 0], self.high[:, 1]))
        self.railing = np.array([body.ifc_class in RAILINGS for body in self.bodies], dtype=bool)
        self._boxes: dict[int, tuple[Array, Array]] = {}

    def guarded(self, starts: Array, ends: Array, levels_m: Array) -> list[Guarded]:
        """Return for each straight run (n, 2) to (n, 2) at height z (n) the spans (metres from its start) where a
        barrier stands beside it, and where along it each barrier stands, by GlobalId."""
        found: list[Guarded] = []
        for first in range(0, len(starts), RUNS_AT_ONCE):
            some = slice(first, first + RUNS_AT_ONCE)
            found += self._guarded(starts[some], ends[some], levels_m[some])
        return found

    def _guarded(self, starts: Array, ends: Array, levels_m: Array) -> list[Guarded]:
        values, lengths = self.values, np.hypot(*(ends - starts).T)
        alongs = (ends - starts) / lengths[:, None]
        run, body = self._beside(starts, ends, alongs, levels_m)
        spans: list[list[Span]] = [[] for _ in starts]
        standing: list[list[tuple[Span, str]]] = [[] for _ in starts]
        if len(run):
            railing = self.railing[body]
            seen, pair = self._seen(run, body, starts, alongs, lengths, levels_m)
            west = np.minimum.reduceat(seen.points[:, 0], seen.first) if len(pair) else np.empty(0)
            east = np.maximum.reduceat(seen.points[:, 0], seen.first) if len(pair) else np.empty(0)
            bounds = np.searchsorted(pair, np.arange(len(run) + 1)).tolist()
            for number in np.flatnonzero(np.diff(bounds)).tolist():
                a, b = bounds[number], bounds[number + 1]
                if railing[number]:
                    spans[run[number]] += joined(zip(west[a:b].tolist(), east[a:b].tolist(), strict=True), BALUSTERS_M)
                reach = float(west[a:b].min()), float(east[a:b].max())
                standing[run[number]].append((reach, self.bodies[body[number]].global_id))
            walls = ~railing[pair]
            for number, span in walled(seen.kept(walls), run[pair[walls]], lengths, values):
                spans[number].append(span)
        return [(joined(own, 1e-6), by) for own, by in zip(spans, standing, strict=True)]

    def _beside(
        self, starts: Array, ends: Array, alongs: Array, levels_m: Array
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return (run, body) of each pair that may have to do with one another, run by run."""
        out = np.column_stack((alongs[:, 1], -alongs[:, 0])) * self.values.outside_m
        corners = np.stack((starts + out, starts - out, ends + out, ends - out))
        low, high = corners.min(axis=0) - TOUCH_M, corners.max(axis=0) + TOUCH_M
        run, body = self.tree.query(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
        bottom, top = self.low[body, 2] - levels_m[run], self.high[body, 2] - levels_m[run]
        near = ~((bottom > self.values.barrier_height_m) | (top < self.values.barrier_gap_m))
        return run[near], body[near]

    def _seen(
        self, run: NDArray[np.intp], body: NDArray[np.intp], starts: Array, alongs: Array, lengths: Array,
        levels_m: Array,
    ) -> tuple[Polygons, NDArray[np.intp]]:  # fmt: skip
        """Return what lies before the run of each pair of its body, as polygons in (s, h, across), and their pairs."""
        values, railing = self.values, self.railing[body]
        least, most = np.zeros((len(run), 3)), np.empty((len(run), 3))
        least[:, 1] = np.where(railing, values.railing_height_m, 0.0)
        most[:, 1] = np.where(railing, HIGHEST_RAIL_M, values.barrier_height_m)
        least[:, 2], most[:, 0], most[:, 2] = -values.beside_m, lengths[run], values.outside_m
        begin, along, level = starts[run], alongs[run], levels_m[run]
        across = np.column_stack((along[:, 1], -along[:, 0]))
        sides = [at + across * side for at in (begin, begin + along * most[:, :1])
                 for side in (-values.beside_m, values.outside_m)]  # fmt: skip
        low = np.column_stack((np.min(sides, axis=0), level + least[:, 1])) - NEAR_M
        high = np.column_stack((np.max(sides, axis=0), level + most[:, 1])) + NEAR_M
        rows = [self._touching(*each) for each in zip(body.tolist(), low, high, strict=True)]
        pair = np.repeat(np.arange(len(run)), [len(part) for part in rows])
        corners = np.concatenate([self.bodies[index].corners[part] for index, part in zip(body, rows, strict=True)])
        x, y = np.moveaxis(corners[:, :, :2] - begin[pair, None], 2, 0)
        local = np.stack(
            (
                x * along[pair, :1] + y * along[pair, 1:],
                corners[:, :, 2] - level[pair, None],
                x * across[pair, :1] + y * across[pair, 1:],
            ),
            axis=-1,
        )
        seen = clipped(local, least[pair], most[pair])
        return seen, pair[seen.source]

    def _touching(self, index: int, least: Array, most: Array) -> NDArray[np.intp]:
        """Return which of a body's triangles reach into a box in project metres."""
        if index not in self._boxes:
            corners = self.bodies[index].corners
            self._boxes[index] = corners.min(axis=1), corners.max(axis=1)
        low, high = self._boxes[index]
        return np.flatnonzero((high >= least).all(axis=1) & (low <= most).all(axis=1))
