"""Readings of one datastream as they arrive, in any order: what the pipeline does with a condition, and its control.

`Keeper` does in memory what `readings` and `late_readings` do in the database; `final_alarms` is what the set of all
readings means.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from spatial.alarms.catalogue import conditions_of_rules
from spatial.alarms.conditions import (
    Change,
    Condition,
    ConditionState,
    Reading,
    StreamFacts,
    blank_state,
    episodes,
    evaluate,
    follow,
    measured,
    window,
)
from spatial.alarms.measures import REACH
from spatial.alarms.starting import start_of

START = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
FACTS = StreamFacts(30.0, 3.0, timedelta(seconds=120), ZoneInfo("Asia/Shanghai"))
ALL = conditions_of_rules({"TC-02", "TC-03", "G-01", "K-01", "F-02", "W-01", "D-01", "N-01"})
# Condition, seconds between readings, values around its limits.
KINDS: tuple[tuple[str, tuple[float, ...], tuple[float, ...]], ...] = (
    ("TC-02/ratio", (0.0, 1.0, 1.0, 2.0, 200.0), (10.0, 84.0, 91.0, 103.0, 115.0)),
    ("TC-03/working", (0.0, 10.0, 20.0, 30.0, 300.0), (3.0, 8.5, 9.5, 11.0, 11.0, 13.0)),
    ("G-01/low", (0.0, 1.0, 5.0, 60.0, 600.0), (18.0, 19.4, 20.0, 20.9)),
    ("F-02/jump", (0.0, 30.0, 60.0), (10.0, 10.0, 12.0, 16.0, 25.0)),
    ("W-01/mean", (0.0, 30.0, 60.0, 90.0), (4.0, 9.0, 12.0, 18.0)),
    ("K-01/wall_top_displacement", (0.0, 3600.0, 7200.0), (5.0, 22.0, 26.0, 31.0)),
    ("K-01/wall_top_displacement/rate", (0.0, 3600.0, 20_000.0, 40_000.0), (0.0, 2.0, 3.5, 6.0)),
    ("D-01/excess", (60.0, 600.0, 600.0, 1200.0), (40.0, 220.0, 220.0, 260.0)),
)
Alarm = tuple[datetime, datetime | None, str]


@dataclass(frozen=True)
class Spell:
    """An alarm that stands in the record."""

    raised_at: datetime
    cleared_at: datetime | None
    cleared_by_id: None = None


@dataclass
class Keeper:
    """What is known of one datastream and condition; `again` False is the negative control."""

    condition: Condition
    again: bool = True
    readings: set[Reading] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)
    state: ConditionState | None = None

    def take(self, message: Sequence[Reading]) -> None:
        before = max((time for time, _ in self.readings), default=None)
        given = sorted(set(message))
        self.readings |= set(given)
        if before is not None and given[0][0] <= before and self.again:
            self._judge_again(given[0][0])
            return
        given = [row for row in given if before is None or row[0] > before]
        if given:
            self._step_on(before, given)

    def alarms(self) -> list[Alarm]:
        return [(one.started_at, one.ended_at, one.level) for one in episodes(self.changes)]

    def _step_on(self, before: datetime | None, given: list[Reading]) -> None:
        known = self._before(given[0][0])
        values = measured(self.condition, FACTS, [*known, *given], len(known))
        state = self.state if self.state is not None and not self.state.idle else blank_state(self.condition)
        if state.last is None and before is not None:
            state = ConditionState(state.switches, before, state.raised, state.day, state.count)
        self.state, changes = follow(self.condition, FACTS, state, values, [])
        self.changes += changes

    def _judge_again(self, since: datetime) -> None:
        known = [Spell(one.started_at, one.ended_at) for one in episodes(self.changes)]
        start = start_of(self.condition, since, known)
        rows = [*self._before(start), *sorted(row for row in self.readings if row[0] >= start)]
        first = next((n for n, row in enumerate(rows) if row[0] >= start), len(rows))
        values = measured(self.condition, FACTS, rows, first)
        self.state, changes = follow(self.condition, FACTS, blank_state(self.condition), values, [])
        stand = [one for one in episodes(self.changes) if one.started_at < start]
        kept = [change for one in stand for change in one.changes]
        kept += [Change(one.ended_at, None, None) for one in stand if one.ended_at]
        self.changes = sorted(kept, key=lambda change: change.time) + changes

    def _before(self, moment: datetime) -> list[Reading]:
        """The readings before a moment that values after it look back at."""
        rows = sorted(row for row in self.readings if row[0] < moment)
        if count := REACH[self.condition.aggregate].readings:
            return rows[-count:]
        return [row for row in rows if row[0] >= moment - window(self.condition)]


def final_alarms(condition: Condition, readings: Sequence[Reading]) -> list[Alarm]:
    return [(one.started_at, one.ended_at, one.level) for one in evaluate(condition, FACTS, readings)]


def random_readings(rng: random.Random, length: int) -> tuple[Condition, list[Reading]]:
    key, steps, values = rng.choice(KINDS)
    second, found, value = 0.0, [], values[0]
    for _ in range(length):
        second += rng.choice(steps)
        value = rng.choice(values) if rng.random() < 0.5 else value
        found.append((START + timedelta(seconds=second), value))
    return ALL[key], found


def mixed_messages(rng: random.Random, readings: Sequence[Reading]) -> list[list[Reading]]:
    messages, first = [], 0
    while first < len(readings):
        size = rng.randint(1, 5)
        messages.append(list(readings[first : first + size]))
        first += size
    messages += rng.sample(messages, k=min(len(messages), rng.randint(0, 3)))
    rng.shuffle(messages)
    return messages


def outcome(condition: Condition, messages: Sequence[Sequence[Reading]], *, again: bool = True) -> list[Alarm]:
    keeper = Keeper(condition, again)
    for message in messages:
        keeper.take(message)
    return keeper.alarms()
