"""Conditions on readings, in event time: which level of alarm holds from when to when. Pure.

A condition is a row of typed fields. Each of its steps is a switch with hysteresis: it goes on when its limit was
reached for `hold_s`, and off when its clear limit was not reached for `clear_hold_s`. The level is that of the
highest step that is on. Nothing but the readings, their event times and the moments at which somebody cleared the
alarm decides, so late, doubled and permuted messages give the same episodes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from spatial.alarms.measures import REACH, Aggregate, measure
from spatial.alarms.rules import LEVELS, Level

Operator = Literal[">=", ">", "<=", "<"]
Basis = Literal["value", "design", "rate"]
Clearing = Literal["limit", "hand", "next_day"]
REACHES: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
Reading = tuple[datetime, float]


@dataclass(frozen=True, slots=True)
class Step:
    """A limit and the level of alarm that it brings, when it was reached for `hold_s` seconds."""

    level: Level
    operator: Operator
    limit: float
    hold_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Period:
    """A part of the day (site's time, minutes from midnight) in which a condition is looked at.

    An end at or before the start lies on the next day. `days` are weekdays of the start, 0 Monday; none means all.
    """

    start: int
    end: int
    days: frozenset[int] = frozenset()

    def holds(self, local: datetime) -> bool:
        """Return whether a moment, in the site's time, lies in the period."""
        minute, day = local.hour * 60 + local.minute, local.weekday()
        if self.start < self.end:
            return self.start <= minute < self.end and self._of(day)
        return (minute >= self.start and self._of(day)) or (minute < self.end and self._of((day - 1) % 7))

    def _of(self, day: int) -> bool:
        return not self.days or day in self.days


@dataclass(frozen=True, slots=True)
class Again:
    """From the `count`-th alarm of a day (site's time) on, the level is at least `level`."""

    count: int
    level: Level


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on the readings of a quantity; steps rise in level. Limits are in the unit of the basis:

    the quantity's own, or per cent of the datastream's design limit or rate limit.
    """

    key: str
    rule: str
    quantity: str
    steps: tuple[Step, ...]
    aggregate: Aggregate = "value"
    basis: Basis = "value"
    absolute: bool = False
    clearing: Clearing = "limit"
    clear_limit: float | None = None
    clear_hold_s: float = 0.0
    periods: tuple[Period, ...] = ()
    device_kinds: frozenset[str] = frozenset()
    enabled: bool = True
    again: Again | None = None
    note: str = ""
    note_zh: str = ""

    def clear_limit_of(self, step: Step) -> float:
        """Return the clear limit of a step: as far from its limit as that of the first step from its own."""
        if self.clear_limit is None:
            return step.limit
        return step.limit + (self.clear_limit - self.steps[0].limit)


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What a condition must know of a datastream: limits of its design, when its line is broken, its site's time."""

    design_limit: float | None
    rate_limit: float | None
    silent_after: timedelta
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class SwitchState:
    """One step: on or off, since when a change is due, and whether it waits for its limit not to be reached."""

    on: bool = False
    since: datetime | None = None
    muted: bool = False


@dataclass(frozen=True, slots=True)
class ConditionState:
    """The evaluator's memory of one condition on one datastream."""

    switches: tuple[SwitchState, ...]
    last: datetime | None = None
    raised: datetime | None = None
    day: date | None = None
    count: int = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is remembered that the next reading would need."""
        return self.count == 0 and all(switch == SwitchState() for switch in self.switches)


@dataclass(frozen=True, slots=True)
class Change:
    """The level that holds from a moment on (None: cleared), and the value that brought it."""

    time: datetime
    level: Level | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Episode:
    """One alarm: its level changes in order, and its end when it has one."""

    changes: tuple[Change, ...]
    ended_at: datetime | None = None

    @property
    def started_at(self) -> datetime:
        """The moment at which the first step went on."""
        return self.changes[0].time

    @property
    def level(self) -> Level:
        """The level that holds now, or held last."""
        level = self.changes[-1].level
        assert level is not None
        return level

    @property
    def highest(self) -> Level:
        """The highest level that it had."""
        return max((change.level for change in self.changes if change.level), key=LEVELS.index)


def blank_state(condition: Condition) -> ConditionState:
    """This function will return the memory of a condition that saw no reading yet."""
    return ConditionState((SwitchState(),) * len(condition.steps))


def applies(condition: Condition, quantity: str, device_kind: str, facts: StreamFacts) -> bool:
    """This function will tell whether a condition looks at a datastream at all."""
    if not condition.enabled or condition.quantity != quantity:
        return False
    if condition.device_kinds and device_kind not in condition.device_kinds:
        return False
    return _scale(condition, facts) is not None


def level_of_state(condition: Condition, state: ConditionState) -> Level | None:
    """This function will return the level that holds, or None."""
    on = [step.level for step, switch in zip(condition.steps, state.switches, strict=True) if switch.on]
    if not on:
        return None
    level = max(on, key=LEVELS.index)
    if condition.again and state.count >= condition.again.count:
        level = max(level, condition.again.level, key=LEVELS.index)
    return level


def measured(condition: Condition, facts: StreamFacts, readings: Sequence[Reading], start: int = 0) -> list[Any]:
    """This function will return (event time, value in the basis or None) of the readings from `start` on."""
    scale = _scale(condition, facts)
    times = [time for time, _ in readings]
    values = [value for _, value in readings]
    found: list[tuple[datetime, float | None]] = []
    for index in range(start, len(readings)):
        value = measure(condition.aggregate, times, values, index)
        if value is not None and scale is not None:
            value = (abs(value) if condition.absolute else value) * scale
        found.append((times[index], value if scale is not None else None))
    return found


def advance(
    condition: Condition, facts: StreamFacts, state: ConditionState, time: datetime, value: float | None
) -> ConditionState:
    """This function will return the memory after one more reading in event order; `value` is in the basis."""
    local = time.astimezone(facts.zone)
    if condition.again and state.day != local.date():
        running = any(switch.on for switch in state.switches)
        state = replace(state, day=local.date() if running else None, count=1 if running else 0)
    looked_at = not condition.periods or any(period.holds(local) for period in condition.periods)
    over = condition.clearing == "next_day" and state.raised and local.date() > _day(state.raised, facts)
    if not looked_at or over:
        state = replace(state, switches=(SwitchState(),) * len(condition.steps))
    broken = state.last is None or time - state.last > facts.silent_after
    was_on = any(switch.on for switch in state.switches)
    if looked_at and value is not None:
        switches = tuple(
            _switch(condition, step, switch, time, value, broken)
            for step, switch in zip(condition.steps, state.switches, strict=True)
        )
    else:
        switches = tuple(replace(switch, since=None) for switch in state.switches)
    raised_now = not was_on and any(switch.on for switch in switches)
    after = replace(state, switches=switches, last=time)
    if raised_now:
        after = replace(after, raised=time)
        if condition.again:
            after = replace(after, day=local.date(), count=state.count + 1)
    return after


def clear_by_hand(state: ConditionState) -> ConditionState:
    """This function will return the memory after somebody cleared the alarm by hand.

    It comes again only after its limit was not reached once, or when a higher step is reached.
    """
    switches = tuple(SwitchState(muted=True) if switch.on else switch for switch in state.switches)
    return replace(state, switches=switches)


def follow(
    condition: Condition,
    facts: StreamFacts,
    state: ConditionState,
    values: Iterable[tuple[datetime, float | None]],
    cleared: Sequence[datetime] = (),
) -> tuple[ConditionState, list[Change]]:
    """This function will run readings in event order through a condition and return the changes of level.

    `cleared` are the moments at which somebody cleared the alarm by hand: each counts before the readings after it.
    """
    changes: list[Change] = []
    waiting = sorted(moment for moment in cleared if state.last is None or moment >= state.last)
    level = level_of_state(condition, state)
    for time, value in values:
        while waiting and waiting[0] < time:
            moment = waiting.pop(0)
            state = clear_by_hand(state)
            if level is not None:
                changes.append(Change(moment, None, None))
                level = None
        before = state
        state = advance(condition, facts, state, time, value)
        now = level_of_state(condition, state)
        restarted = level is not None and now is not None and before.raised != state.raised
        if restarted:  # a period or a day ended and the limit is reached in the next one: another alarm
            changes.append(Change(time, None, value))
        if now != level or restarted:
            changes.append(Change(time, now, value))
            level = now
    if waiting and level is not None:  # the memory takes it with the next reading, which may be older than it
        changes.append(Change(waiting[0], None, None))
    return state, changes


def episodes(changes: Iterable[Change]) -> list[Episode]:
    """This function will return the alarms that changes of level make, in order; the last one may go on."""
    found: list[Episode] = []
    running: list[Change] = []
    for change in changes:
        if change.level is not None:
            running.append(change)
        elif running:
            found.append(Episode(tuple(running), change.time))
            running = []
    return [*found, Episode(tuple(running))] if running else found


def evaluate(
    condition: Condition, facts: StreamFacts, readings: Iterable[Reading], cleared: Sequence[datetime] = ()
) -> list[Episode]:
    """This function will return the alarms that a condition makes of the readings of a datastream, in any order."""
    ordered = sorted(set(readings))
    values = measured(condition, facts, ordered)
    return episodes(follow(condition, facts, blank_state(condition), values, cleared)[1])


def lookback(condition: Condition) -> timedelta:
    """This function will return how long before a reading the memory of a condition can have begun."""
    holds = [step.hold_s for step in condition.steps]
    longest = timedelta(seconds=max([*holds, condition.clear_hold_s]))
    day = timedelta(days=1) if condition.again else timedelta(0)
    return max(longest, day) + timedelta(seconds=1)


def window(condition: Condition) -> timedelta:
    """This function will return how far back the value looks that a condition compares."""
    return REACH[condition.aggregate].time


def _scale(condition: Condition, facts: StreamFacts) -> float | None:
    if condition.basis == "value":
        return 1.0
    limit = facts.design_limit if condition.basis == "design" else facts.rate_limit
    return None if not limit else 100.0 / limit


def _day(moment: datetime, facts: StreamFacts) -> date:
    return moment.astimezone(facts.zone).date()


def _switch(
    condition: Condition, step: Step, switch: SwitchState, time: datetime, value: float, broken: bool
) -> SwitchState:
    reached = REACHES[step.operator]
    if switch.on:
        if condition.clearing != "limit" or reached(value, condition.clear_limit_of(step)):
            return replace(switch, since=None)
        hold_s = condition.clear_hold_s
    else:
        if not reached(value, step.limit):
            return SwitchState()
        if switch.muted:
            return switch
        hold_s = step.hold_s
    since = time if switch.since is None or broken else switch.since
    if time - since >= timedelta(seconds=hold_s):
        return SwitchState(on=not switch.on)
    return replace(switch, since=since)


def state_json(state: ConditionState) -> dict[str, Any]:
    """This function will return the memory of a condition as JSON."""
    return {
        "switches": [[row.on, row.since.isoformat() if row.since else None, row.muted] for row in state.switches],
        "last": state.last.isoformat() if state.last else None,
        "raised": state.raised.isoformat() if state.raised else None,
        "day": state.day.isoformat() if state.day else None,
        "count": state.count,
    }


def state_of_json(condition: Condition, body: Mapping[str, Any]) -> ConditionState:
    """This function will read the memory of a condition; one of another number of steps (edited since) begins anew."""
    if len(body["switches"]) != len(condition.steps):
        return blank_state(condition)
    moment = lambda text: datetime.fromisoformat(text) if text else None  # noqa: E731
    return ConditionState(
        tuple(SwitchState(on, moment(since), muted) for on, since, muted in body["switches"]),
        moment(body["last"]),
        moment(body["raised"]),
        date.fromisoformat(body["day"]) if body["day"] else None,
        int(body["count"]),
    )
