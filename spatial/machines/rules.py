"""When a measure of moving danger becomes an event: levels, hold times, hysteresis. Event time only, no clock.

A finding is what one moment says about one rule, one machine and one other: the level that its numbers reach (None:
none), and whether they are beyond the margin that clears. What is unknown makes no finding, so a silent machine or a
silent tag neither raises nor clears.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from spatial.machines.limits import LEVELS, Level, RuleLimits

EventKind = Literal["raised", "worsened", "cleared"]
PERSON_RULES = ("P-15", "P-16")
PAIR_RULES = ("TC-04", "TC-05")
Key = tuple[UUID, str, str]
"""A machine, a rule, and the other that it is about: a person's device, a machine, a place; empty: nobody."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one moment says: the level reached (None: none), whether it is clear beyond the margin, and the numbers."""

    level: Level | None
    clear: bool
    numbers: Mapping[str, float | str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WatchState:
    """The memory of one rule: the level raised (None: not), since when it holds, and since when it is clear."""

    level: Level | None = None
    holds_since: datetime | None = None
    clear_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A rule began to hold at a level, got worse, or ended."""

    kind: EventKind
    level: Level
    at: datetime
    numbers: Mapping[str, float | str | None]


@dataclass(frozen=True)
class Turn:
    """A change of one rule about one machine and one other (empty: nobody), and where it was (x, y, height)."""

    key: Key
    change: Change
    where: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a machine by one operator: from when to when, verified or not, and the devices that sit in its cab."""

    started_at: datetime
    ended_at: datetime | None
    verified: bool
    devices: frozenset[UUID] = frozenset()

    def holds(self, at: datetime) -> bool:
        """Whether the run goes on at a moment."""
        return self.started_at <= at and (self.ended_at is None or at < self.ended_at)


@dataclass(frozen=True)
class Scope:
    """What is judged: every rule about these machines, and every rule that concerns these people."""

    machines: frozenset[UUID] = frozenset()
    people: frozenset[UUID] = frozenset()

    def holds(self, key: Key) -> bool:
        """Whether a rule about a machine and another is judged."""
        machine_id, rule, other = key
        if machine_id in self.machines:
            return True
        if rule in PERSON_RULES:
            return UUID(other) in self.people
        return rule in PAIR_RULES and UUID(other) in self.machines


def judge(rule: RuleLimits, measures: Mapping[str, float | None]) -> Finding:
    """Return the gravest level whose step is met; `inside` is met above 0, every other measure at or below its limit.

    A measure that is None is not known to be met (no contact in sight, no plan overlap). Clear is what is met by no
    step even with the margin added to the limits in metres.
    """
    level: Level | None = None
    near = False
    for step, measure, limit in rule.steps:
        value = measures.get(measure)
        if value is None:
            continue
        met = value > 0 if measure == "inside" else value <= limit
        margin = rule.clear_margin_m if measure.endswith("_m") else 0.0
        near = near or met or (measure != "inside" and value <= limit + margin)
        if met and (level is None or LEVELS.index(step) > LEVELS.index(level)):
            level = step
    return Finding(level, not near, dict(measures))


def advance(state: WatchState, finding: Finding, at: datetime, rule: RuleLimits) -> tuple[WatchState, Change | None]:
    """Return the memory after a finding, and what changed. A finding is never older than the one before it."""
    if state.level is None:
        return _not_raised(state, finding, at, rule)
    if finding.level is not None and LEVELS.index(finding.level) > LEVELS.index(state.level):
        worse = replace(state, level=finding.level, clear_since=None)
        return worse, Change("worsened", finding.level, at, finding.numbers)
    if not finding.clear:
        return (replace(state, clear_since=None) if state.clear_since else state), None
    since = state.clear_since or at
    if (at - since).total_seconds() >= rule.clear_s:
        return WatchState(), Change("cleared", state.level, at, finding.numbers)
    return replace(state, clear_since=since), None


def _not_raised(
    state: WatchState, finding: Finding, at: datetime, rule: RuleLimits
) -> tuple[WatchState, Change | None]:
    if finding.level is None:
        return (WatchState() if state.holds_since else state), None
    since = state.holds_since or at
    if (at - since).total_seconds() < rule.hold_s:
        return WatchState(holds_since=since), None
    return WatchState(level=finding.level, holds_since=since), Change("raised", finding.level, at, finding.numbers)
