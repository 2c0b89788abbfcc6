"""What is wrong with somebody's being in a confined space at a moment (C-01, spec 07 7.7). Pure, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .rules import GasTestTaken, PermitLimits, Span, may_go_in, shipped_limits


@dataclass(frozen=True, slots=True)
class EntryFault:
    """What is wrong, and since when."""

    code: str
    since: datetime


def entry_faults(
    entered_at: datetime,
    at: datetime,
    permit: Span | None,
    tests: Sequence[GasTestTaken],
    attendant_m: float | None,
    attendant_wanted_since: datetime | None = None,
    limits: PermitLimits | None = None,
) -> list[EntryFault]:
    """Return what is wrong with a stay that began at `entered_at`, as it is at `at`; nothing when all is well.

    `permit` is the window of a permit that names the person, the one that ended last when none holds; `attendant_m`
    how far the attendant's tag is from the entrance, None when no tag of theirs tells a place. `limits` None are those
    that ship.
    """
    limits = limits or shipped_limits()
    if permit is None or at < permit.starts_at:
        return [EntryFault("no_permit", entered_at)]
    if at >= permit.ends_at:
        return [EntryFault("no_permit", max(entered_at, permit.ends_at))]
    found = _gas_faults(entered_at, at, [test for test in tests if test.taken_at <= at], limits)
    if attendant_m is None or attendant_m > limits.attendant_m:
        found.append(EntryFault("attendant_away", attendant_wanted_since or at))
    return found


def _gas_faults(
    entered_at: datetime, at: datetime, tests: Sequence[GasTestTaken], limits: PermitLimits
) -> list[EntryFault]:
    newest = max(tests, key=lambda test: test.taken_at, default=None)
    if newest is None:
        return [EntryFault("untested", entered_at)]
    if not newest.passed:
        return [EntryFault("failed", max(entered_at, newest.taken_at))]
    if at - newest.taken_at > limits.repeat_after:
        return [EntryFault("old", max(entered_at, newest.taken_at + limits.repeat_after))]
    if newest.taken_at <= entered_at and not may_go_in(tests, entered_at, limits):
        return [EntryFault("old_at_entry", entered_at)]
    return []


def covering(windows: Sequence[Span], at: datetime) -> Span | None:
    """Return the window that holds at a moment, else the one that ended last before it."""
    begun = [window for window in windows if window.starts_at <= at]
    return max(begun, key=lambda window: window.ends_at, default=None)
