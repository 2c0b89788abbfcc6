"""The rings around a pit in which nothing heavy may stand (spec 07, 7.4). Pure."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from spatial.machines.limits import Limits

QUARTER_STEPS = 16


@dataclass(frozen=True)
class EdgeRing:
    """A ring outside the pit's edge, from `inner_m` to `outer_m` away, and what it is for."""

    kind: str
    inner_m: float
    outer_m: float
    shape: BaseGeometry


def edge_rings(pit: BaseGeometry, limits: Limits, *, depth_m: float | None, supported: bool) -> tuple[EdgeRing, ...]:
    """Return the rings of a pit from its polygon: nothing stacked, low stacks only, and one depth when unsupported."""
    spans = [("nothing", 0.0, limits.nothing_m), ("low_stacks", limits.nothing_m, limits.low_stacks_m)]
    if not supported and depth_m is not None and depth_m > 0:
        spans.append(("one_depth", 0.0, depth_m))
    return tuple(EdgeRing(kind, inner, outer, _ring(pit, inner, outer)) for kind, inner, outer in spans)


def no_vehicle_m(limits: Limits, *, depth_m: float | None, supported: bool) -> float:
    """Return how near to the edge no vehicle may come: 1.5 m, or one depth of an unsupported pit where that is more."""
    return limits.nothing_m if supported or depth_m is None else max(limits.nothing_m, depth_m)


def edge_distance_m(pit: BaseGeometry, body: BaseGeometry) -> float:
    """Return how far a body outside a pit is from its edge; a body that overlaps the pit is at 0, one wholly in it has
    no edge load and is infinitely far."""
    if shapely.covers(pit, body):
        return float("inf")
    return float(shapely.distance(pit, body))


def needs_guard(limits: Limits, depth_m: float | None) -> bool:
    """Return whether a pit of this depth needs a guard at its edge (JGJ 80-2016 4.1.1)."""
    return depth_m is not None and depth_m >= limits.guard_depth_m


def _ring(pit: BaseGeometry, inner_m: float, outer_m: float) -> BaseGeometry:
    outer = shapely.buffer(pit, outer_m, quad_segs=QUARTER_STEPS)
    hole = shapely.buffer(pit, inner_m, quad_segs=QUARTER_STEPS) if inner_m else pit
    return shapely.difference(outer, hole)
