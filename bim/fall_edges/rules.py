"""Find the edges and openings that people can fall from. Pure: project metres in, project metres out.

Method: docs/explanation/fall-edges.md. The boundary of every walkable surface is walked with its inside to the left;
where the next surface beside it lies too deep and nothing protects it, it is a fall edge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from .barriers import Barriers
from .spans import Span, without
from .surfaces import SLABS, SMALLEST_FLOOR_M2, Body, Floor, Piece, floors_of, tidy
from .values import Values, usual_values

Array = NDArray[np.float64]

PROBES_M = (0.03, 0.3)
INSIDE_M = 0.03
STEP_UP_M = 1.0
COVER_M = 0.3
SAME_DROP_M = 0.5
SHORTEST_M = 0.05
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
class _Run:
    """A straight piece of a boundary at one height, and the elements it belongs to."""

    start: Array
    end: Array
    z_m: float
    hosts: tuple[Body, ...]


@dataclass(frozen=True)
class _Stretch:
    """An unprotected part of a run."""

    start: Array
    end: Array
    drop_m: float
    hosts: tuple[Body, ...]


class Finder:
    """Holds the surfaces and barriers of one model, found by place."""

    def __init__(self, bodies: Sequence[Body], storeys: Sequence[StoreyLevel], values: Values | None = None) -> None:
        self.values = values or usual_values()
        self.storeys = sorted(storeys, key=lambda storey: storey.elevation_m)
        self.floors, self.stops = floors_of(bodies)
        self.barriers = Barriers(list(bodies), self.values)
        self.tree = shapely.STRtree([piece.polygon for piece in self.stops])
        self.fillers = [body for body in bodies if body.ifc_class in FILLERS and len(body.corners)]
        self.ground_m = self._ground()

    def _ground(self) -> float:
        """Return where the ground is taken to be beside the model: its storey at zero, or its lowest level."""
        lowest = min((piece.z_at(*piece.polygon.centroid.coords[0]) for piece in self.stops), default=0.0)
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
        chains = list(_chains([s for run in self._runs(floor, ring) for s in self._open_parts(run)]))
        return [edge for chain in chains if (edge := self._edge(chain)).length_m >= SHORTEST_M]

    def _edge(self, chain: list[_Stretch]) -> Found:
        points: list[Array] = []
        for part in chain:
            points += [part.end] if points and np.allclose(points[-1], part.start) else [part.start, part.end]
        length = sum(float(np.linalg.norm((part.end - part.start)[:2])) for part in chain)
        hosts = _unique(body for part in chain for body in part.hosts)
        z_m = max(float(point[2]) for point in points)
        drop = max(part.drop_m for part in chain)
        return Found("edge", self._storey(hosts, z_m), _ids(hosts), drop, length, _straightened(np.array(points)))

    def _opening(self, floor: Floor, ring: Any) -> list[Found]:
        hole = shapely.Polygon(ring.coords)
        z_m = floor.z_m
        if z_m is None or _short_side(hole) < self.values.opening_from_m:
            return []
        left = tidy(hole.difference(self._cover(hole, z_m)))
        left = shapely.union_all([p for p in shapely.get_parts(left) if _short_side(p) >= self.values.opening_from_m])
        if left.is_empty:
            return []
        runs = list(self._runs(floor, ring))
        parts = [part for run in runs for part in self._open_parts(run, probes=PROBES_M[:1])]
        length = sum(float(np.linalg.norm(part.end - part.start)) for part in parts)
        if length < SHORTEST_M:
            return []
        hosts = _unique(body for run in runs for body in run.hosts)
        outline = max(shapely.get_parts(left), key=lambda part: part.area).exterior
        points = np.array([(x, y, z_m) for x, y in outline.coords])
        return [
            Found(
                "opening", self._storey(hosts, z_m), _ids(hosts), max(part.drop_m for part in parts), length, points,
                float(left.area), float(ring.length), max(_short_side(part) for part in shapely.get_parts(left)),
            )
        ]  # fmt: skip

    def _cover(self, hole: Any, z_m: float) -> Any:
        """Return what closes a hole in plan: slabs at nearly its height, and walls and columns that pass through."""
        shapes = []
        for index in self.tree.query(hole, predicate="intersects"):
            piece = self.stops[index]
            if piece.body.ifc_class in SLABS and abs(piece.z_at(*hole.centroid.coords[0]) - z_m) <= COVER_M:
                shapes.append(piece.polygon)
        west, south, east, north = hole.bounds
        for body in self.fillers:
            low, high = body.corners.min(axis=(0, 1)), body.corners.max(axis=(0, 1))
            if low[0] > east or high[0] < west or low[1] > north or high[1] < south:
                continue
            if low[2] <= z_m + 0.02 and high[2] >= z_m + self.values.barrier_height_m:
                plans = [shapely.Polygon(corners[:, :2]) for corners in body.corners]
                shapes.append(shapely.union_all([plan for plan in plans if plan.area > 1e-9]))
        return shapely.union_all([shape.buffer(0) for shape in shapes])

    def _runs(self, floor: Floor, ring: Any) -> Iterator[_Run]:
        """Yield the ring's straight pieces in order, cut where the height or the element under them changes."""
        points = np.array(ring.coords)[:, :2]
        tree = shapely.STRtree([piece.polygon for piece in floor.pieces])
        for start, end in pairwise(points):
            length = float(np.hypot(*(end - start)))
            if length < 1e-6:
                continue
            along = (end - start) / length
            inside = np.array([-along[1], along[0]]) * INSIDE_M
            owners = _crossings(tree, floor.pieces, start + inside, end + inside)
            for a, b in _parts(length, [span for span, _ in owners]):
                middle = (a + b) / 2
                here = [piece for (low, high), piece in owners if low <= middle <= high]
                if not here:  # a corner: the inside point of one side lies beyond the other
                    here = [floor.pieces[int(tree.nearest(shapely.Point(start + along * middle)))]]
                z_m = floor.z_m
                if z_m is None:
                    z_m = max(piece.z_at(*(start + along * middle)) for piece in here)
                yield _Run(start + along * a, start + along * b, z_m, _unique(piece.body for piece in here))

    def _open_parts(self, run: _Run, probes: Sequence[float] = PROBES_M) -> Iterator[_Stretch]:
        """Yield the parts of a run that are too high above what lies beside them and that no barrier protects."""
        length = float(np.hypot(*(run.end - run.start)))
        along = (run.end - run.start) / length
        outward = np.array([along[1], -along[0]])
        sides = [_crossings(self.tree, self.stops, run.start + outward * d, run.end + outward * d) for d in probes]
        deep: list[tuple[Span, float]] = []
        for a, b in _parts(length, [span for side in sides for span, _ in side]):
            middle = (a + b) / 2
            drop = min(
                run.z_m - self._below(side, middle, run.start + along * middle + outward * d, run.z_m)
                for side, d in zip(sides, probes, strict=True)
            )
            if drop >= self.values.drop_m - 1e-6:
                deep.append(((a, b), drop))
        if not deep:
            return
        guarded = self.barriers.guarded(run.start, run.end, run.z_m)
        for span, drop in deep:
            for a, b in without(span, guarded):
                start, end = (np.append(run.start + along * at, run.z_m) for at in (a, b))
                yield _Stretch(start, end, drop, run.hosts)

    def _below(self, side: list[tuple[Span, Piece]], at: float, point: Array, z_m: float) -> float:
        heights = [piece.z_at(*point) for (a, b), piece in side if a <= at <= b]
        return max((z for z in heights if z <= z_m + STEP_UP_M), default=min(self.ground_m, z_m))

    def _storey(self, hosts: Sequence[Body], z_m: float) -> int | None:
        named = [body.storey_index for body in hosts if body.storey_index is not None]
        if named:
            return max(set(named), key=named.count)
        below = [storey.index for storey in self.storeys if storey.elevation_m <= z_m + 0.5]
        return below[-1] if below else None


def find_fall_edges(
    bodies: Sequence[Body], storeys: Sequence[StoreyLevel] = (), values: Values | None = None
) -> list[Found]:
    """Return the unprotected edges and openings of a model, from below, then by size."""
    found = Finder(bodies, storeys, values).find()
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


def _crossings(tree: Any, pieces: Sequence[Piece], start: Array, end: Array) -> list[tuple[Span, Piece]]:
    """Return where a straight line runs over pieces: ((from, to), piece)."""
    line = shapely.LineString([start, end])
    indexes = tree.query(line, predicate="intersects")
    along = (end - start) / line.length
    found = []
    for index in indexes:
        for part in shapely.get_parts(line.intersection(pieces[index].polygon)):
            if part.geom_type == "LineString" and part.length > 1e-6:
                at = (shapely.get_coordinates(part) - start) @ along
                found.append(((float(at.min()), float(at.max())), pieces[index]))
    return found


def _parts(length: float, spans: Sequence[Span]) -> Iterator[Span]:
    stops = np.unique(np.round([0.0, length, *(at for span in spans for at in span)], 6))
    stops = stops[(stops >= 0.0) & (stops <= round(length, 6))]
    yield from pairwise(stops.tolist())


def _chains(parts: list[_Stretch]) -> Iterator[list[_Stretch]]:
    """Yield stretches that follow one another with about the same drop; the ring's end may go on at its start."""
    chains: list[list[_Stretch]] = []
    for part in parts:
        if chains and _follows(chains[-1][-1], part):
            chains[-1].append(part)
        else:
            chains.append([part])
    if len(chains) > 1 and _follows(chains[-1][-1], chains[0][0]):
        chains[0] = chains.pop() + chains[0]
    yield from chains


def _follows(before: _Stretch, after: _Stretch) -> bool:
    near = np.hypot(*(before.end - after.start)[:2]) < 0.002 and abs(before.end[2] - after.start[2]) < SAME_DROP_M
    return bool(near and abs(before.drop_m - after.drop_m) <= SAME_DROP_M)


def _straightened(points: Array) -> Array:
    """Return a line without the points that lie on the straight between their neighbours."""
    keep = [0]
    for index in range(1, len(points) - 1):
        before, here, after = points[keep[-1]], points[index], points[index + 1]
        whole = after - before
        size = float(np.linalg.norm(whole))
        if size < 1e-9 or np.linalg.norm(np.cross(whole, here - before)) / size > 0.001:
            keep.append(index)
    return points[[*keep, len(points) - 1]]


def _short_side(polygon: Any) -> float:
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))
    return float(np.linalg.norm(np.diff(box[:3], axis=0), axis=1).min()) if len(box) >= 4 else 0.0


def _unique(bodies: Any) -> tuple[Body, ...]:
    return tuple({body.global_id: body for body in bodies}.values())


def _ids(bodies: Sequence[Body]) -> tuple[str, ...]:
    return tuple(body.global_id for body in bodies)
