"""Find the edges and openings that people can fall from. Pure: project metres in, project metres out.

Method: docs/explanation/fall-edges.md. The boundary of every walkable surface is walked with its inside to the left;
where the next surface beside it lies too deep and nothing protects it, it is a fall edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from .barriers import Barriers
from .crossings import Crossing, PieceIndex
from .runs import Run, Stretch, barriers_of, chains_of, pieces_between, short_side, straightened, stretch_of
from .spans import Span, within, without
from .surfaces import SLABS, SMALLEST_FLOOR_M2, Body, Floor, floors_of, tidy
from .values import Values, usual_values

Array = NDArray[np.float64]

PROBES_M = (0.03, 0.3)
INSIDE_M = 0.03
STEP_UP_M = 1.0
COVER_M = 0.3
SHORTEST_RIM_M = 0.05
FILLERS = frozenset({"IfcWall", "IfcWallStandardCase", "IfcColumn", "IfcColumnStandardCase", "IfcChimney"})


@dataclass(frozen=True)
class StoreyLevel:
    """A storey's index and elevation in project metres."""

    index: int
    elevation_m: float


@dataclass(frozen=True)
class Found:
    """A fall edge or an opening. `points` (n, 3) is a line, or the opening's outline, closed, in project metres.

    For an opening `length_m` is the unguarded part of its perimeter and `area_m2` what no cover closes.
    """

    kind: str
    storey_index: int | None
    hosts: tuple[str, ...]
    drop_m: float
    length_m: float
    points: Array
    area_m2: float | None = None
    perimeter_m: float | None = None
    short_side_m: float | None = None


@dataclass(frozen=True)
class Protected:
    """An edge or opening with a drop that the model protects: `way` is "guarded" or "covered", `by` the GlobalIds of
    what does it. `points` (n, 3) as in Found; `length_m` of an opening is its perimeter."""

    kind: str
    way: str
    storey_index: int | None
    drop_m: float
    length_m: float
    points: Array
    by: tuple[str, ...]


class Finder:
    """Holds the surfaces and barriers of one model, found by place."""

    def __init__(self, bodies: Sequence[Body], storeys: Sequence[StoreyLevel], values: Values | None = None) -> None:
        self.values = values or usual_values()
        self.storeys = sorted(storeys, key=lambda storey: storey.elevation_m)
        self.floors, self.stops = floors_of(bodies)
        self.barriers = Barriers(list(bodies), self.values)
        self.index = PieceIndex(self.stops)
        self.fillers = [body for body in bodies if body.ifc_class in FILLERS and len(body.corners)]
        self.low = np.array([body.corners.min(axis=(0, 1)) for body in self.fillers]).reshape(-1, 3)
        self.high = np.array([body.corners.max(axis=(0, 1)) for body in self.fillers]).reshape(-1, 3)
        self.ground_m = self._ground()
        self.protected: list[Protected] = []

    def _ground(self) -> float:
        """Return where the ground is taken to be beside the model: its storey at zero, or its lowest level."""
        middles = shapely.get_coordinates(shapely.centroid([piece.polygon for piece in self.stops])).tolist()
        lowest = min((piece.z_at(*at) for piece, at in zip(self.stops, middles, strict=True)), default=0.0)
        levels = [storey.elevation_m for storey in self.storeys]
        at_zero = max((level for level in levels if level <= STEP_UP_M), default=lowest)
        return max(lowest, at_zero)

    def find(self) -> list[Found]:
        """Return the fall edges and openings of all surfaces."""
        found: list[Found] = []
        for floor in self.floors:
            for polygon in shapely.get_parts(floor.polygon):
                if polygon.area < SMALLEST_FLOOR_M2 and floor.z_m is not None:
                    continue
                shape = shapely.orient_polygons(polygon)
                found += self._edges(floor, shape.exterior)
                for ring in shape.interiors:
                    found += self._opening(floor, ring)
        return found

    def _edges(self, floor: Floor, ring: Any) -> list[Found]:
        guarded: list[Stretch] = []
        chains = list(chains_of(self._open_parts(self._runs(floor, ring), guarded)))
        for edge, by in ((self._edge(chain), barriers_of(chain)) for chain in chains_of(guarded)):
            if edge.length_m >= self.values.edge_from_m:
                self.protected.append(
                    Protected("edge", "guarded", edge.storey_index, edge.drop_m, edge.length_m, edge.points, by)
                )
        return [edge for chain in chains if (edge := self._edge(chain)).length_m >= self.values.edge_from_m]

    def _edge(self, chain: list[Stretch]) -> Found:
        points: list[Array] = []
        for part in chain:
            points += [part.end] if points and np.allclose(points[-1], part.start) else [part.start, part.end]
        length = sum(float(np.linalg.norm((part.end - part.start)[:2])) for part in chain)
        hosts = _unique(body for part in chain for body in part.hosts)
        z_m = max(float(point[2]) for point in points)
        drop = max(part.drop_m for part in chain)
        return Found("edge", self.storey_of(hosts, z_m), _ids(hosts), drop, length, straightened(np.array(points)))

    def _opening(self, floor: Floor, ring: Any) -> list[Found]:
        hole = shapely.Polygon(ring.coords)
        z_m = floor.z_m
        if z_m is None or short_side(hole) < self.values.opening_from_m:
            return []
        cover, covers = self._cover(hole, z_m)
        left = tidy(hole.difference(cover))
        left = shapely.union_all([p for p in shapely.get_parts(left) if short_side(p) >= self.values.opening_from_m])
        runs = self._runs(floor, ring)
        hosts = _unique(body for run in runs for body in run.hosts)
        if left.is_empty:
            covers = tuple(name for name in covers if name not in _ids(hosts))
            if covers and not hole.within(shapely.union_all([piece.polygon for piece in floor.pieces])):
                self._is_protected("covered", ring, z_m, hosts, 0.0, covers)
            return []
        guarded: list[Stretch] = []
        parts = self._open_parts(runs, guarded, probes=PROBES_M[:1])
        length = sum(float(np.linalg.norm(part.end - part.start)) for part in parts)
        if length < SHORTEST_RIM_M:
            if guarded:
                self._is_protected(
                    "guarded", ring, z_m, hosts, max(part.drop_m for part in guarded), barriers_of(guarded)
                )
            return []
        outline = max(shapely.get_parts(left), key=lambda part: part.area).exterior
        points = np.array([(x, y, z_m) for x, y in outline.coords])
        return [
            Found(
                "opening", self.storey_of(hosts, z_m), _ids(hosts), max(part.drop_m for part in parts), length, points,
                float(left.area), float(ring.length), max(short_side(part) for part in shapely.get_parts(left)),
            )
        ]  # fmt: skip

    def _is_protected(
        self, way: str, ring: Any, z_m: float, hosts: Sequence[Body], drop_m: float, by: tuple[str, ...]
    ) -> None:
        points = np.array([(x, y, z_m) for x, y in np.array(ring.coords)[:, :2]])
        self.protected.append(
            Protected("opening", way, self.storey_of(hosts, z_m), drop_m, float(ring.length), points, by)
        )

    def _cover(self, hole: Any, z_m: float) -> tuple[Any, tuple[str, ...]]:
        """Return what closes a hole in plan (slabs at nearly its height, and walls and columns that pass through),
        and the GlobalIds of the slabs among it."""
        shapes, slabs = [], []
        for index in self.index.tree.query(hole, predicate="intersects"):
            piece = self.stops[index]
            if piece.body.ifc_class in SLABS and abs(piece.z_at(*hole.centroid.coords[0]) - z_m) <= COVER_M:
                shapes.append(piece.polygon)
                slabs.append(piece.body)
        west, south, east, north = hole.bounds
        passing = (self.low <= (east, north, z_m + 0.02)) & (
            self.high >= (west, south, z_m + self.values.barrier_height_m)
        )
        for index in np.flatnonzero(passing.all(axis=1)):
            plans = np.asarray(shapely.polygons(self.fillers[index].corners[:, :, :2]), dtype=object)
            shapes.append(shapely.union_all(plans[shapely.area(plans) > 1e-9]))
        return shapely.union_all([shape.buffer(0) for shape in shapes]), _ids(_unique(slabs))

    def _runs(self, floor: Floor, ring: Any) -> list[Run]:
        """Return the ring's straight pieces in order, cut where the height or the element under them changes."""
        points = np.array(ring.coords)[:, :2]
        lengths = np.hypot(*np.diff(points, axis=0).T)
        starts, ends, lengths = points[:-1][lengths >= 1e-6], points[1:][lengths >= 1e-6], lengths[lengths >= 1e-6]
        alongs = (ends - starts) / lengths[:, None]
        inside = np.column_stack((-alongs[:, 1], alongs[:, 0])) * INSIDE_M
        index = PieceIndex(floor.pieces)
        found: list[Run] = []
        for start, along, length, owners in zip(
            starts, alongs, lengths.tolist(), index.crossings(starts + inside, ends + inside), strict=True
        ):
            for a, b in pieces_between(length, [span for span, _ in owners]):
                middle = (a + b) / 2
                here = [piece for (low, high), piece in owners if low <= middle <= high]
                if not here:  # a corner: the inside point of one side lies beyond the other
                    here = [floor.pieces[int(index.tree.nearest(shapely.Point(start + along * middle)))]]
                z_m = floor.z_m
                if z_m is None:
                    z_m = max(piece.z_at(*(start + along * middle)) for piece in here)
                found.append(Run(start + along * a, start + along * b, z_m, _unique(piece.body for piece in here)))
        return found

    def _open_parts(
        self, runs: Sequence[Run], protected: list[Stretch], probes: Sequence[float] = PROBES_M
    ) -> list[Stretch]:
        """Return the parts of runs that are too high above what lies beside them and that no barrier protects; what
        a barrier protects goes into `protected`."""
        if not runs:
            return []
        starts, ends = np.array([run.start for run in runs]), np.array([run.end for run in runs])
        alongs = (ends - starts) / np.hypot(*(ends - starts).T)[:, None]
        outward = np.column_stack((alongs[:, 1], -alongs[:, 0]))
        levels = np.array([run.z_m for run in runs])
        sides = [self.index.crossings(starts + outward * d, ends + outward * d, levels + STEP_UP_M) for d in probes]
        beside = zip(runs, alongs, outward, *sides, strict=True)
        deep = [self._deep_parts_of(run, along, out, own, probes) for run, along, out, *own in beside]
        some = [number for number, parts in enumerate(deep) if parts]
        found: list[Stretch] = []
        barriers = self.barriers.guarded(starts[some], ends[some], levels[some])
        for number, (guarded, standing) in zip(some, barriers, strict=True):
            for span, drop in deep[number]:
                for part in within(span, guarded):
                    by = tuple(name for reach, name in standing if within(part, [reach]))
                    protected.append(stretch_of(runs[number], alongs[number], part, drop, by))
                found += [stretch_of(runs[number], alongs[number], part, drop) for part in without(span, guarded)]
        return found

    def _deep_parts_of(
        self, run: Run, along: Array, outward: Array, sides: list[list[Crossing]], probes: Sequence[float]
    ) -> list[tuple[Span, float]]:
        """Return the spans of a run that are too high above what lies beside them, with the height of each."""
        length = float(np.hypot(*(run.end - run.start)))
        deep: list[tuple[Span, float]] = []
        for a, b in pieces_between(length, [span for side in sides for span, _ in side]):
            middle = (a + b) / 2
            drop = min(
                run.z_m - self._below(side, middle, run.start + along * middle + outward * d, run.z_m)
                for side, d in zip(sides, probes, strict=True)
            )
            if drop >= self.values.drop_m - 1e-6:
                deep.append(((a, b), drop))
        return deep

    def _below(self, side: list[Crossing], at: float, point: Array, z_m: float) -> float:
        heights = [piece.z_at(*point) for (a, b), piece in side if a <= at <= b]
        return max((z for z in heights if z <= z_m + STEP_UP_M), default=min(self.ground_m, z_m))

    def storey_of(self, hosts: Sequence[Body], z_m: float) -> int | None:
        """Return the index of the storey that most hosts name, else of the highest storey not above z."""
        named = [body.storey_index for body in hosts if body.storey_index is not None]
        if named:
            return max(set(named), key=named.count)
        below = [storey.index for storey in self.storeys if storey.elevation_m <= z_m + 0.5]
        return below[-1] if below else None


def find_fall_edges(
    bodies: Sequence[Body], storeys: Sequence[StoreyLevel] = (), values: Values | None = None
) -> list[Found]:
    """Return the unprotected edges and openings of a model, from below, then by size."""
    return in_order(Finder(bodies, storeys, values).find())


def in_order(found: Sequence[Found]) -> list[Found]:
    """Return findings from below, edges before openings, then by size."""
    return sorted(found, key=lambda row: (round(float(row.points[:, 2].max()), 2), row.kind, -row.length_m))


def opening_class(short_side_m: float, values: Values | None = None) -> int:
    """Return the class of an opening by its short side: 0 below all limits, then 1, 2, 3 (values.json)."""
    return sum(short_side_m >= limit for limit in (values or usual_values()).opening_classes_m)


def same_place(old: Array, new: Array, closed: bool, tolerance_m: float = 0.05) -> float:
    """Return which part (0 to 1) two edges or outlines have in common, by the larger of both."""
    if closed:
        first, second = shapely.Polygon(old[:, :2]).buffer(0), shapely.Polygon(new[:, :2]).buffer(0)
        union = first.union(second).area
        return float(first.intersection(second).area / union) if union else 0.0
    before, after = shapely.LineString(old[:, :2]), shapely.LineString(new[:, :2])
    shared = before.intersection(after.buffer(tolerance_m, cap_style="flat")).length
    return float(min(1.0, shared / max(before.length, after.length, 1e-9)))


def _unique(bodies: Any) -> tuple[Body, ...]:
    return tuple({body.global_id: body for body in bodies}.values())


def _ids(bodies: Sequence[Body]) -> tuple[str, ...]:
    return tuple(body.global_id for body in bodies)
