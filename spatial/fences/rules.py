"""What the fence engine finds, what it remembers, and the readable reference engine. Event time only, no clock.

Laws (spec 07, 7.1 P-01 to P-03 and 7.2; docs/explanation/fences.md): enter at P(inside) >= 0.5 for 2 consecutive
fixes, leave at <= 0.2 for 2; between the two the last state holds and a run of fixes is broken. Fixes are used in
event order (`event_order`); of several fixes of one moment the most accurate one is used. A fix that needs more than
12 m/s on foot beyond both accuracies is implausible and is not used; when the next fix agrees with it rather than
with the old place, the old place was wrong and the device is taken there. A fix that comes after a later one was
used is LATE here; `spatial.fences.replay` runs the device again from before it, so that the findings are a function
of the set of fixes, whatever order they came in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal
from uuid import UUID

from spatial.fences import defaults
from spatial.fences.zone_index import Closeness, FenceZone, PlanFix, ZoneIndex

MAX_SPEED_ON_FOOT_M_S = defaults.engine_number("max_speed_on_foot_m_s")
CLOSER_FIXES = 2
FAR = math.inf

FindingKind = Literal[
    "entered", "left", "approaching", "receded", "dwelling", "dwelling_ended", "lost", "found",
    "crowded", "uncrowded", "alone", "accompanied",
]  # fmt: skip
ENDS: dict[FindingKind, FindingKind] = {
    "left": "entered",
    "receded": "approaching",
    "dwelling_ended": "dwelling",
    "found": "lost",
    "uncrowded": "crowded",
    "accompanied": "alone",
}
RULES: dict[FindingKind, str] = {"approaching": "P-02", "dwelling": "P-03", "crowded": "P-04", "alone": "P-05"}


class FixUse(Enum):
    """What became of a fix."""

    USED = "used"
    LATE = "late"
    IMPLAUSIBLE = "implausible"


@dataclass(frozen=True, slots=True)
class ZoneState:
    """The engine's memory of one device and one zone.

    `run` counts the fixes that speak for a change of `inside`, `closer` those that came nearer one after the other;
    `near` is the state of the approach rule, `dwelt` that of the dwell rule.
    """

    inside: bool = False
    run: int = 0
    since: datetime | None = None
    near: bool = False
    closer: int = 0
    distance_m: float = FAR
    dwelt: bool = False

    @property
    def idle(self) -> bool:
        """Whether the next fix may treat the device as one that was never at the zone."""
        return not (self.inside or self.run or self.near or self.closer) and self.distance_m == FAR


@dataclass(frozen=True)
class DeviceState:
    """The engine's memory of one device: newest fix used, a doubted fix, and the zones that it is at."""

    last: PlanFix | None = None
    doubted: PlanFix | None = None
    zones: Mapping[UUID, ZoneState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What the engine found: a kind of event at a zone, decided by `fix` (its time is the time of the event).

    `value` is metres for approaching and receded, seconds for dwelling, persons for crowded. `possible` says that
    the height was not known, so the alarm is one level lower (spec 07, 7.2). Findings of a whole zone (crowded,
    alone) name the device that brought them about.
    """

    kind: FindingKind
    zone_id: UUID
    fix: PlanFix
    value: float | None = None
    possible: bool = False


@dataclass(frozen=True)
class Decision:
    """The state after some fixes, what became of each (in event order), and what they brought about.

    `touched` says that the device was at a zone at some point, so that another order of fixes could matter.
    """

    state: DeviceState
    uses: tuple[tuple[PlanFix, FixUse], ...]
    findings: tuple[Finding, ...]
    touched: bool = False


def decide(
    state: DeviceState,
    fixes: Iterable[PlanFix],
    index: ZoneIndex,
    *,
    max_speed_m_s: float | None,
    silence: timedelta | None = None,
) -> Decision:
    """This function will run fixes of one device through the fences, in event order whatever order they came
    in.

    `max_speed_m_s` None switches the speed check off (machines and vehicles). Between two used fixes more than
    `silence` apart a device inside is lost and found again.
    """
    uses: list[tuple[PlanFix, FixUse]] = []
    findings: list[Finding] = []
    touched = bool(state.zones)
    for fix in sorted(fixes, key=event_order):
        use = judge_fix(state, fix, max_speed_m_s)
        uses.append((fix, use))
        if use is FixUse.IMPLAUSIBLE:
            state = replace(state, doubted=fix)
        elif use is FixUse.USED:
            zones, found = _advance_zones(state, fix, index, silence)
            findings += found
            state = DeviceState(last=fix, doubted=None, zones=zones)
            touched = touched or bool(zones or found)
    return Decision(state, tuple(uses), tuple(findings), touched)


def judge_fix(state: DeviceState, fix: PlanFix, max_speed_m_s: float | None) -> FixUse:
    """This function will tell whether a fix is used, late, or implausible after what was used before it."""
    if state.last is not None and fix.fix_time <= state.last.fix_time:
        return FixUse.LATE
    doubted = state.doubted
    if doubted and event_order(fix) < event_order(doubted):
        return FixUse.LATE
    if max_speed_m_s is None or state.last is None or _reachable(state.last, fix, max_speed_m_s):
        return FixUse.USED
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
    changed = replace(state, inside=not state.inside, run=0, since=fix_time)
    return changed, "entered" if changed.inside else "left"


def advance_approach(
    state: ZoneState, distance_m: float, zone: FenceZone, *, first: bool
) -> tuple[ZoneState, Literal["approaching", "receded"] | None]:
    """This function will apply one used fix, at `distance_m` from the zone, to the approach rule of the zone."""
    if zone.approach_m is None or state.inside:
        kind: Literal["receded"] | None = "receded" if state.near else None
        return replace(state, near=False, closer=0, distance_m=FAR), kind
    closer = state.closer + 1 if distance_m < state.distance_m and not first else 0
    state = replace(state, closer=min(closer, CLOSER_FIXES), distance_m=distance_m)
    if state.near:
        return (replace(state, near=False), "receded") if distance_m == FAR else (state, None)
    if closer >= CLOSER_FIXES and 0.0 < distance_m <= zone.approach_m:
        return replace(state, near=True), "approaching"
    return state, None


def changed_states(before: DeviceState, after: DeviceState) -> dict[UUID, ZoneState]:
    """This function will return the zone states that differ afterwards; one that is gone is stored as an idle one."""
    gone = {zone_id: ZoneState() for zone_id in before.zones if zone_id not in after.zones}
    changed = {zone_id: state for zone_id, state in after.zones.items() if state != before.zones.get(zone_id)}
    return gone | changed


def event_order(fix: PlanFix) -> tuple[datetime, float, float, float, float, float]:
    """This function will return the key that orders fixes: time, then the more accurate one, then the place.

    An unknown height sorts below every height. Fixes with equal keys are the same fix.
    """
    height_m = -math.inf if math.isnan(fix.height_m) else fix.height_m
    return (fix.fix_time, fix.accuracy_m, fix.east_m, fix.north_m, height_m, fix.height_accuracy_m)


def _reachable(start: PlanFix, end: PlanFix, max_speed_m_s: float) -> bool:
    seconds = (end.fix_time - start.fix_time).total_seconds()
    distance_m = math.sqrt((end.east_m - start.east_m) ** 2 + (end.north_m - start.north_m) ** 2)
    return not distance_m - start.accuracy_m - end.accuracy_m > max_speed_m_s * seconds  # a place not told is reachable


def _advance_zones(
    state: DeviceState, fix: PlanFix, index: ZoneIndex, silence: timedelta | None
) -> tuple[dict[UUID, ZoneState], list[Finding]]:
    close = index.closeness(fix)
    after: dict[UUID, ZoneState] = {}
    findings: list[Finding] = []
    for zone_id in sorted({*state.zones, *close}):
        before = state.zones.get(zone_id, ZoneState())
        zone = index.by_id.get(zone_id)
        if zone is None:  # the fence was taken away: whoever was inside is let out by this fix
            findings += _let_out(before, zone_id, fix)
            continue
        if zone.valid_from is not None and fix.fix_time < zone.valid_from:
            after |= {} if before.idle else {zone_id: before}
            continue
        if zone.valid_from is not None and state.last is not None and state.last.fix_time < zone.valid_from:
            before = replace(before, run=0)
        here, found = _advance_zone(before, state.last, fix, zone, close.get(zone_id, Closeness()), silence)
        findings += found
        if not here.idle:
            after[zone_id] = here
    return after, findings


def _advance_zone(
    before: ZoneState,
    last: PlanFix | None,
    fix: PlanFix,
    zone: FenceZone,
    close: Closeness,
    silence: timedelta | None,
) -> tuple[ZoneState, list[Finding]]:
    """Apply one used fix to one zone; the findings come in the order in which they hold."""
    findings: list[Finding] = []
    state, crossed = advance(before, close.probability, fix.fix_time, zone)
    lost = before.inside and last is not None and silence is not None and fix.fix_time - last.fix_time > silence
    if lost and last is not None and silence is not None:
        findings.append(Finding("lost", zone.zone_id, replace(last, fix_time=last.fix_time + silence)))
        if state.inside:
            findings.append(Finding("found", zone.zone_id, fix))
    state, moved = advance_approach(state, close.distance_m, zone, first=last is None)
    if moved == "receded":
        value = None if close.distance_m == FAR else close.distance_m
        findings.append(Finding("receded", zone.zone_id, fix, value))
    if crossed == "left" and state.dwelt:
        state = replace(state, dwelt=False)
        findings.append(Finding("dwelling_ended", zone.zone_id, fix))
    if crossed is not None:
        findings.append(Finding(crossed, zone.zone_id, fix, possible=close.possible))
    if moved == "approaching":
        findings.append(Finding("approaching", zone.zone_id, fix, close.distance_m, close.possible))
    if state.inside and not state.dwelt and zone.dwell_s is not None and state.since is not None:
        seconds = (fix.fix_time - state.since).total_seconds()
        if seconds > zone.dwell_s or zone.dwell_s == 0:
            state = replace(state, dwelt=True)
            findings.append(Finding("dwelling", zone.zone_id, fix, seconds, close.possible))
    return state, findings


def _let_out(before: ZoneState, zone_id: UUID, fix: PlanFix) -> list[Finding]:
    kinds: list[FindingKind] = []
    kinds += ["receded"] if before.near else []
    kinds += ["dwelling_ended"] if before.dwelt else []
    kinds += ["left"] if before.inside else []
    return [Finding(kind, zone_id, fix) for kind in kinds]
