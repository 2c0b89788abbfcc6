"""The fenced zones of one site, compiled: a tree over prepared outlines in the site's projected CRS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import shapely

from spatial.fences.probability import CERTAIN_AFTER_SIGMAS, probability_inside, sigma_of

# A tag reads up to this much below the floor that its wearer stands on. The whole range of a zone is moved
# down by it, so that storeys stay apart: who stands on the floor above a zone is not in the zone.
HEIGHT_TOLERANCE_M = 0.5


@dataclass(frozen=True, slots=True)
class PlanFix:
    """A fix on the site's plan: projected metres, Yellow Sea height, r95 accuracy in metres."""

    fix_time: datetime
    east_m: float
    north_m: float
    height_m: float
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class FenceZone:
    """A danger zone: outline in projected metres, height range, and when an entry or exit counts."""

    zone_id: UUID
    outline: shapely.Geometry
    bottom_m: float | None = None
    top_m: float | None = None
    enter_fixes: int = 2
    leave_fixes: int = 2
    enter_probability: float = 0.5
    leave_probability: float = 0.2

    def spans(self, height_m: float) -> bool:
        """This function will tell whether a height lies in bottom - 0.5 m <= height < top - 0.5 m."""
        above = self.bottom_m is None or height_m >= self.bottom_m - HEIGHT_TOLERANCE_M
        below = self.top_m is None or height_m < self.top_m - HEIGHT_TOLERANCE_M
        return above and below


class ZoneIndex:
    """Answers which zones a fix may be in. Immutable: build a new one when zones change."""

    def __init__(self, zones: Iterable[FenceZone]) -> None:
        self.zones = tuple(zones)
        self.by_id = {zone.zone_id: zone for zone in self.zones}
        outlines = [zone.outline for zone in self.zones]
        shapely.prepare(outlines)
        self._tree = shapely.STRtree(outlines)

    def probabilities(self, fix: PlanFix) -> dict[UUID, float]:
        """This function will return P(inside) of every zone where it is above zero."""
        reach_m = CERTAIN_AFTER_SIGMAS * sigma_of(fix.accuracy_m)
        found = self._tree.query(
            shapely.box(fix.east_m - reach_m, fix.north_m - reach_m, fix.east_m + reach_m, fix.north_m + reach_m)
        )
        likely: dict[UUID, float] = {}
        for number in sorted(found):
            zone = self.zones[number]
            if not zone.spans(fix.height_m):
                continue
            inside = probability_inside(zone.outline, fix.east_m, fix.north_m, fix.accuracy_m)
            if inside > 0.0:
                likely[zone.zone_id] = inside
        return likely

    def covering(self, east_m: float, north_m: float, height_m: float) -> list[UUID]:
        """This function will return the zones that cover a point, boundary included, by exact plan geometry."""
        found = self._tree.query(shapely.Point(east_m, north_m), predicate="covered_by")
        return [self.zones[number].zone_id for number in sorted(found) if self.zones[number].spans(height_m)]
