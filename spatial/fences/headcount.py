"""How many persons are in a zone over time, and when that is too many (P-04) or one alone (P-05). Pure, no clock.

Stays are made of what the engine found of each device: from entered (or found again) to left (or lost). A person with
two devices counts once. A condition becomes an event when it has held for its time, at the moment when that time is
up; one that ends before brings nothing about. Everything is judged up to `until`, the newest time that is known of the
site, so that the outcome follows from the set of findings alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal
from uuid import UUID

from spatial.fences import defaults

LOOK_BACK = timedelta(minutes=5)
BEGINS, ENDS = frozenset({"entered", "found"}), frozenset({"left", "lost"})

CountKind = Literal["crowded", "uncrowded", "alone", "accompanied"]


@dataclass(frozen=True, slots=True)
class Stay:
    """A device of a person in a zone from `start` on until `end` (not included); None while nothing ended it."""

    person: UUID
    device: UUID
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class CountEvent:
    """At `at` a zone became crowded, alone or not so any more; `device` brought it about, `count` persons are in it."""

    kind: CountKind
    at: datetime
    device: UUID
    count: int


@dataclass(frozen=True, slots=True)
class Condition:
    """What raises and clears a pair of events, and for how long it has to hold."""

    raised: CountKind
    cleared: CountKind
    holds: Callable[[int], bool]
    raise_after: timedelta
    clear_after: timedelta


def crowding(limit: int, numbers: Mapping[str, float] | None = None) -> Condition:
    """This function will return the rule that at most `limit` persons are in a zone (P-04); `numbers` None are those
    that ship."""
    given = numbers or defaults.shipped_numbers()
    after, over = (timedelta(seconds=given[name]) for name in ("crowded_after_s", "uncrowded_after_s"))
    return Condition("crowded", "uncrowded", lambda count: count > limit, after, over)


def solitude(numbers: Mapping[str, float] | None = None) -> Condition:
    """This function will return the rule that nobody is in a zone alone (P-05); `numbers` None are those that ship."""
    after = timedelta(seconds=(numbers or defaults.shipped_numbers())["alone_after_s"])
    return Condition("alone", "accompanied", lambda count: count == 1, after, timedelta(0))


def stays(marks: Iterable[tuple[UUID, UUID, datetime, str]]) -> list[Stay]:
    """This function will turn (person, device, time, kind of finding) into stays, per device in order of time.

    Of two marks of one device at one moment the end counts first.
    """
    ordered = sorted(marks, key=lambda mark: (mark[1], mark[2], mark[3] in BEGINS))
    found: list[Stay] = []
    for device, rows in groupby(ordered, key=lambda mark: mark[1]):
        start: datetime | None = None
        owner: UUID | None = None
        for person, _, at, kind in rows:
            if kind in BEGINS:
                start, owner = start or at, person
            elif kind in ENDS and start is not None and owner is not None:
                found.append(Stay(owner, device, start, at))
                start = None
        if start is not None and owner is not None:
            found.append(Stay(owner, device, start, None))
    return found


def counts(spent: Sequence[Stay]) -> list[tuple[datetime, int, UUID]]:
    """This function will return (time, persons from then on, device that changed it) at every change, in order."""
    changes: list[tuple[datetime, int, UUID, UUID]] = []
    for stay in spent:
        changes.append((stay.start, 1, stay.device, stay.person))
        if stay.end is not None and stay.end > stay.start:
            changes.append((stay.end, -1, stay.device, stay.person))
        elif stay.end is not None:
            changes.pop()
    inside: dict[UUID, int] = {}
    steps: list[tuple[datetime, int, UUID]] = []
    for at, rows in groupby(sorted(changes), key=lambda change: change[0]):
        group, before = list(rows), len(inside)
        for _, change, _, person in group:
            inside[person] = inside.get(person, 0) + change
            if not inside[person]:
                del inside[person]
        if len(inside) != before:
            steps.append((at, len(inside), group[-1][2]))
    return steps


def count_events(
    spent: Sequence[Stay], rule: Condition, *, raised: bool, since: datetime, until: datetime
) -> list[CountEvent]:
    """This function will return the events of a rule after `since` and before `until`.

    `raised` is the state at `since`. What held for a part of its time at `since` counts from when it began.
    """
    steps = [(datetime.min.replace(tzinfo=since.tzinfo), 0, UUID(int=0)), *counts(spent)]
    found: list[CountEvent] = []
    pending: tuple[datetime, UUID] | None = None
    for number, (at, count, device) in enumerate(steps):
        end = steps[number + 1][0] if number + 1 < len(steps) else until
        changing = rule.holds(count) != raised
        if not changing:
            pending = None
        elif pending is None:
            pending = (at, device)
        if pending is None or end <= since:
            continue
        due = max(pending[0] + (rule.clear_after if raised else rule.raise_after), since)
        if due < min(end, until):
            raised = not raised
            found.append(CountEvent(rule.raised if raised else rule.cleared, due, pending[1], count))
            pending = None
    return found
