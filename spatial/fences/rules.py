"""The fence engine: what a device's fixes mean for the danger zones of its site. Event time only, no clock.

Rules (spec 07, 7.1 P-01 and 7.2): enter at P(inside) >= 0.5 for 2 consecutive fixes, leave at <= 0.2 for 2;
between the two the last state holds and a run of fixes is broken. A fix not newer than the newest one used is
late and changes nothing, so a replayed or held-back message never moves the state and any order inside a
batch gives one answer. A fix that needs more than 12 m/s on foot beyond both accuracies is implausible and is
not used; when the next fix agrees with it rather than with the old place, the old place was wrong and the
device is taken there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Literal
from uuid import UUID

from spatial.fences.zone_index import FenceZone, PlanFix, ZoneIndex

MAX_SPEED_ON_FOOT_M_S = 12.0


class FixUse(Enum):
    """What became of a fix."""

    USED = "used"
    LATE = "late"
    IMPLAUSIBLE = "implausible"


@dataclass(frozen=True, slots=True)
class ZoneState:
    """The engine's memory of one device and one zone; `run` counts the fixes that speak for a change."""

    inside: bool = False
    run: int = 0
    since: datetime | None = None


@dataclass(frozen=True)
class DeviceState:
    """The engine's memory of one device: newest fix used, a doubted fix, and its zones."""

    last: PlanFix | None = None
    doubted: PlanFix | None = None
    zones: Mapping[UUID, ZoneState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A device entered or left a zone, decided by `fix`."""

    kind: Literal["entered", "left"]
    zone_id: UUID
    fix: PlanFix


@dataclass(frozen=True)
class Decision:
    """The state after some fixes, what became of each (in event order), and the crossings they completed."""

    state: DeviceState
    uses: tuple[tuple[PlanFix, FixUse], ...]
    crossings: tuple[Crossing, ...]


def decide(state: DeviceState, fixes: Iterable[PlanFix], index: ZoneIndex, *, max_speed_m_s: float | None) -> Decision:
    """This function will run fixes of one device through the fences, in event order whatever order they came
    in.

    `max_speed_m_s` None switches the speed check off (machines and vehicles).
    """
    uses: list[tuple[PlanFix, FixUse]] = []
    crossings: list[Crossing] = []
    for fix in sorted(fixes, key=_event_order):
        use = judge_fix(state, fix, max_speed_m_s)
        uses.append((fix, use))
        if use is FixUse.IMPLAUSIBLE:
            state = replace(state, doubted=fix)
        elif use is FixUse.USED:
            zones, crossed = _advance_zones(state.zones, fix, index)
            crossings += crossed
            state = DeviceState(last=fix, doubted=None, zones=zones)
    return Decision(state, tuple(uses), tuple(crossings))


def judge_fix(state: DeviceState, fix: PlanFix, max_speed_m_s: float | None) -> FixUse:
    """This function will tell whether a fix is used, late, or implausible after what was used before it."""
    if state.last is not None and fix.fix_time <= state.last.fix_time:
        return FixUse.LATE
    if max_speed_m_s is None or state.last is None or _reachable(state.last, fix, max_speed_m_s):
        return FixUse.USED
    doubted = state.doubted
    if doubted and doubted.fix_time < fix.fix_time and _reachable(doubted, fix, max_speed_m_s):
        return FixUse.USED
    return FixUse.IMPLAUSIBLE


def advance(
    state: ZoneState, probability: float, fix_time: datetime, zone: FenceZone
) -> tuple[ZoneState, Literal["entered", "left"] | None]:
    """This function will apply one used fix with its P(inside) to the state of one zone."""
    if state.inside:
        speaks, needed = probability <= zone.leave_probability, zone.leave_fixes
    else:
        speaks, needed = probability >= zone.enter_probability, zone.enter_fixes
    if not speaks:
        return replace(state, run=0), None
    if state.run + 1 < needed:
        return replace(state, run=state.run + 1), None
    changed = ZoneState(inside=not state.inside, run=0, since=fix_time)
    return changed, "entered" if changed.inside else "left"


def concerns_fences(state: DeviceState, fixes: Iterable[PlanFix], index: ZoneIndex) -> bool:
    """This function will tell whether fixes of a device can complete a fence rule, so that they must not
    wait."""
    if any(zone.inside or zone.run for zone in state.zones.values()):
        return True
    return any(index.probabilities(fix) for fix in fixes)


def _event_order(fix: PlanFix) -> tuple[datetime, float, float, float, float]:
    return (fix.fix_time, fix.accuracy_m, fix.east_m, fix.north_m, fix.height_m)


def _reachable(start: PlanFix, end: PlanFix, max_speed_m_s: float) -> bool:
    seconds = (end.fix_time - start.fix_time).total_seconds()
    distance_m = math.hypot(end.east_m - start.east_m, end.north_m - start.north_m)
    return distance_m - start.accuracy_m - end.accuracy_m <= max_speed_m_s * seconds


def _advance_zones(
    zones: Mapping[UUID, ZoneState], fix: PlanFix, index: ZoneIndex
) -> tuple[dict[UUID, ZoneState], list[Crossing]]:
    probabilities = index.probabilities(fix)
    after: dict[UUID, ZoneState] = {}
    crossings: list[Crossing] = []
    for zone_id in sorted({*zones, *probabilities}):
        before = zones.get(zone_id, ZoneState())
        zone = index.by_id.get(zone_id)
        if zone is None:  # the fence was taken away: whoever was inside is let out by this fix
            state, kind = ZoneState(since=fix.fix_time), "left" if before.inside else None
        else:
            state, kind = advance(before, probabilities.get(zone_id, 0.0), fix.fix_time, zone)
        after[zone_id] = state
        if kind is not None:
            crossings.append(Crossing(kind, zone_id, fix))  # type: ignore[arg-type]
    return after, crossings
