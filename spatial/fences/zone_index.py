"""The fenced zones of one site in its projected CRS, and how close a fix is to each: the readable reference index.

A tree over prepared Shapely outlines. `spatial.fences.compiled_index` answers the same much faster and is proved
equal to this one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import shapely

from spatial.fences import defaults
from spatial.fences.probability import CERTAIN_AFTER_SIGMAS, probability_inside, probability_of_height, sigma_of
from spatial.fences.schedules import Schedule

# A tag reads up to this much below the floor that its wearer stands on. The whole range of a zone is moved
# down by it, so that storeys stay apart: who stands on the floor above a zone is not in the zone.
HEIGHT_TOLERANCE_M = defaults.engine_number("height_tolerance_m")


@dataclass(frozen=True, slots=True)
class PlanFix:
    """A fix on the site's plan: projected metres, Yellow Sea height, r95 accuracy in metres.

    A height of NaN is not known. `height_accuracy_m` holds 95 % of the errors of the height; 0 where the source
    states none, and the height is then taken as it is.
    """

    fix_time: datetime
    east_m: float
    north_m: float
    height_m: float
    accuracy_m: float
    height_accuracy_m: float = 0.0


@dataclass(frozen=True, slots=True)
class FenceZone:
    """A danger zone: outline in projected metres, height range, and when an entry or exit counts.

    `approach_m` None switches the approach rule off, `dwell_s` None the dwell rule; without a schedule the fence is
    always in force; fixes before `valid_from` are none of its business. Who came near is away again when they are
    `receded_beyond_m` farther than the approach distance (P-02).
    """

    zone_id: UUID
    outline: shapely.Geometry
    bottom_m: float | None = None
    top_m: float | None = None
    enter_fixes: int = 2
    leave_fixes: int = 2
    enter_probability: float = 0.5
    leave_probability: float = 0.2
    approach_m: float | None = None
    dwell_s: float | None = None
    schedule: Schedule | None = None
    valid_from: datetime | None = None
    receded_beyond_m: float = 1.0

    def spans(self, height_m: float) -> bool:
        """This function will tell whether a height lies in bottom - 0.5 m <= height < top - 0.5 m."""
        above = self.bottom_m is None or height_m >= self.bottom_m - HEIGHT_TOLERANCE_M
        below = self.top_m is None or height_m < self.top_m - HEIGHT_TOLERANCE_M
        return above and below

    @property
    def ahead_m(self) -> float:
        """How far from the zone its approach rule looks; 0 where it has none."""
        return 0.0 if self.approach_m is None else self.approach_m + self.receded_beyond_m

    @property
    def every_height(self) -> bool:
        """Whether the zone has no height range."""
        return self.bottom_m is None and self.top_m is None

    def height_probability(self, fix: PlanFix) -> float:
        """This function will return how likely the height of a fix lies in the range; 1 when it is not known."""
        if self.every_height or math.isnan(fix.height_m):
            return 1.0
        if fix.height_accuracy_m <= 0.0:
            return 1.0 if self.spans(fix.height_m) else 0.0
        low = -math.inf if self.bottom_m is None else self.bottom_m - HEIGHT_TOLERANCE_M
        high = math.inf if self.top_m is None else self.top_m - HEIGHT_TOLERANCE_M
        return probability_of_height(low - fix.height_m, high - fix.height_m, fix.height_accuracy_m)


@dataclass(frozen=True, slots=True)
class Closeness:
    """How close a fix is to a zone: P(inside) with all errors, and the plan distance (0 inside) as far as the
    approach rule asks, else infinity. `possible` means that only the unknown height speaks for it."""

    probability: float = 0.0
    distance_m: float = math.inf
    possible: bool = False


class ZoneIndex:
    """Answers which zones a fix may be in. Immutable: build a new one when zones change."""

    def __init__(self, zones: Iterable[FenceZone]) -> None:
        self.zones = tuple(zones)
        self.by_id = {zone.zone_id: zone for zone in self.zones}
        outlines = [zone.outline for zone in self.zones]
        shapely.prepare(outlines)
        self._tree = shapely.STRtree(outlines)
        self._ahead_m = max((zone.ahead_m for zone in self.zones), default=0.0)

    def closeness(self, fix: PlanFix) -> dict[UUID, Closeness]:
        """This function will return every zone that a fix may be in or that its approach rule sees it near to."""
        reach_m = max(CERTAIN_AFTER_SIGMAS * sigma_of(fix.accuracy_m), self._ahead_m)
        found = self._tree.query(
            shapely.box(fix.east_m - reach_m, fix.north_m - reach_m, fix.east_m + reach_m, fix.north_m + reach_m)
        )
        close: dict[UUID, Closeness] = {}
        for number in sorted(found):
            zone = self.zones[number]
            one = _closeness(zone, fix)
            if one.probability > 0.0 or one.distance_m < math.inf:
                close[zone.zone_id] = one
        return close

    def covering(self, east_m: float, north_m: float, height_m: float) -> list[UUID]:
        """This function will return the zones that cover a point, boundary included, by exact plan geometry."""
        found = self._tree.query(shapely.Point(east_m, north_m), predicate="covered_by")
        return [self.zones[number].zone_id for number in sorted(found) if self.zones[number].spans(height_m)]


def _closeness(zone: FenceZone, fix: PlanFix) -> Closeness:
    height = zone.height_probability(fix)
    if height == 0.0 or (zone.schedule is not None and not zone.schedule.in_force(fix.fix_time)):
        return Closeness()
    plan = probability_inside(zone.outline, fix.east_m, fix.north_m, fix.accuracy_m)
    distance_m = math.inf
    if zone.approach_m is not None and height >= zone.enter_probability:
        plan_m = float(shapely.distance(zone.outline, shapely.Point(fix.east_m, fix.north_m)))
        if plan_m <= zone.ahead_m:
            distance_m = to_micrometre(plan_m)
    possible = math.isnan(fix.height_m) and not zone.every_height
    return Closeness(to_billionth(plan * height), distance_m, possible)


def to_billionth(probability: float) -> float:
    """This function will round a probability so that a fix on an edge has 0.5 exactly, however it was summed up."""
    return math.floor(probability * 1e9 + 0.5) / 1e9


def to_micrometre(distance_m: float) -> float:
    """This function will round a distance so that who walks along an edge does not come nearer by noise."""
    return math.floor(distance_m * 1e6 + 0.5) / 1e6
