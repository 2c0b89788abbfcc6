"""What a late fix changes: the device is run again from before it, and what was found then is compared. Pure.

A history is what is known of a device after some moment: the state at that moment, every fix since then (used or not)
and the findings that stand in the record. Adding fixes gives a correction: what is new, what is disproved, the state.
Because the state and all fixes after it are known, and `decide` takes fixes in event order, the outcome is the same
whatever order they came in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from spatial.fences.rules import Decision, DeviceState, Finding, FixUse, event_order
from spatial.fences.zone_index import PlanFix

# A fix this much older than the newest one of its device is stored, and judged no more.
REEVALUATED = timedelta(hours=24)
CHECKPOINT_EVERY = 300
Key = tuple[UUID, str, datetime]
Decide = Callable[[DeviceState, Iterable[PlanFix]], Decision]


@dataclass(frozen=True)
class History:
    """A state, the fixes that came after it, and the findings (zone, kind, time) that stand since then."""

    start: DeviceState
    fixes: frozenset[PlanFix]
    recorded: frozenset[Key]


@dataclass(frozen=True)
class Correction:
    """What has to be added to the record and what withdrawn, and the checkpoints (time, state) of the new run."""

    state: DeviceState
    found: tuple[Finding, ...]
    withdrawn: frozenset[Key]
    checkpoints: tuple[tuple[datetime, DeviceState], ...]
    implausible: frozenset[PlanFix]


def key_of(finding: Finding) -> Key:
    """This function will return what makes a finding of a device the same one."""
    return (finding.zone_id, finding.kind, finding.fix.fix_time)


def newest_time(state: DeviceState) -> datetime | None:
    """This function will return the time of the newest fix that a state has seen."""
    times = [fix.fix_time for fix in (state.last, state.doubted) if fix is not None]
    return max(times) if times else None


def too_old(state: DeviceState, fix: PlanFix) -> bool:
    """This function will tell whether a fix is too old to be judged after what a state has seen."""
    newest = newest_time(state)
    return newest is not None and fix.fix_time < newest - REEVALUATED


def correct(history: History, fixes: Iterable[PlanFix], decide: Decide) -> Correction:
    """This function will add fixes, late ones too, to a history and say what changes."""
    state = history.start
    found: list[Finding] = []
    ordered = sorted(history.fixes | frozenset(fixes), key=event_order)
    checkpoints: list[tuple[datetime, DeviceState]] = []
    implausible: set[PlanFix] = set()
    for first in range(0, len(ordered), CHECKPOINT_EVERY):
        decision = decide(state, ordered[first : first + CHECKPOINT_EVERY])
        state = decision.state
        found += decision.findings
        implausible |= {fix for fix, use in decision.uses if use is FixUse.IMPLAUSIBLE}
        at = newest_time(state)
        if at is not None and first + CHECKPOINT_EVERY < len(ordered):
            checkpoints.append((at, state))
    keys = {key_of(finding) for finding in found}
    new = tuple(finding for finding in found if key_of(finding) not in history.recorded)
    return Correction(state, new, history.recorded - keys, tuple(checkpoints), frozenset(implausible))
