"""What must be over before a person may clear an alarm of readings: where the row of its condition names a limit and a
time for clearing by hand (W-01: below force 5 for 30 min, W-02: lifted), the readings must show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from spatial.alarms.conditions import REACHES, Condition, StreamFacts, measured, window
from spatial.alarms.measures import REACH
from spatial.alarms.models import Alarm
from spatial.alarms.rule_queries import site_conditions, stream_facts
from spatial.alarms.steps import AlarmRefused
from spatial.observations.models import Datastream
from spatial.observations.queries import last_readings_before, readings_between


class AlarmNotOver(AlarmRefused):
    """The readings do not show yet that the condition was over for as long as its rule asks."""

    def __init__(self, hold_s: float, limit: float, since: datetime | None) -> None:
        self.hold_s, self.limit, self.since = hold_s, limit, since
        begun = f"they have since {since:%H:%M}" if since else "they do not yet"
        super().__init__(f"Not yet: the readings must stay below {limit:g} for {hold_s / 60:g} min; {begun}.")


@dataclass(frozen=True)
class Readings:
    """How the readings bear out that a condition is over: since when, or `silent` where nothing was measured."""

    since: datetime | None
    silent: bool


def check_over(alarm: Alarm, at: datetime) -> dict[str, bool]:
    """Raise AlarmNotOver while the readings say that an alarm's condition goes on, or was not over for long enough.

    Returns what the act keeps: that nothing was measured for all that time, when whoever clears answers alone.
    """
    stream = alarm.datastream
    if stream is None:
        return {}
    condition = _condition_of(alarm, stream, at)
    if condition is None or not condition.enabled or condition.clearing != "hand" or condition.clear_limit is None:
        return {}
    facts = stream_facts(stream, ZoneInfo(alarm.site.time_zone))
    found = judge(condition, facts, _readings(stream, condition, facts, at), at)
    if found.silent:
        return {"not_measured": True}
    if found.since is None or at - found.since < timedelta(seconds=condition.clear_hold_s):
        since = found.since.astimezone(facts.zone) if found.since else None
        raise AlarmNotOver(condition.clear_hold_s, condition.clear_limit, since)
    return {}


def judge(
    condition: Condition, facts: StreamFacts, readings: Iterable[tuple[datetime, float]], at: datetime
) -> Readings:
    """Return what readings up to a moment say of a condition's end. Pure."""
    ordered = sorted(set(readings))
    reach = max(timedelta(seconds=condition.clear_hold_s), facts.silent_after)
    if not ordered or ordered[-1][0] < at - reach:
        return Readings(None, silent=True)
    since = _over_since(condition, facts, measured(condition, facts, ordered))
    return Readings(since if at - ordered[-1][0] <= facts.silent_after else None, silent=False)


def _over_since(
    condition: Condition, facts: StreamFacts, values: Iterable[tuple[datetime, float | None]]
) -> datetime | None:
    """Since when the limit for clearing was not reached, without a break in the line; None where it is reached."""
    since: datetime | None = None
    last: datetime | None = None
    step = condition.steps[0]
    for time, value in values:
        broken = last is None or time - last > facts.silent_after
        reached = value is None or REACHES[step.operator](value, condition.clear_limit_of(step))
        since = None if reached else (time if since is None or broken else since)
        last = time
    return since


def _condition_of(alarm: Alarm, stream: Datastream, at: datetime) -> Condition | None:
    known = site_conditions(alarm.site, at=at)
    keys = [(alarm.condition, None, stream.pk), (alarm.condition, stream.zone_id, None), (alarm.condition, None, None)]
    return next((known.own[key] for key in keys if key in known.own), known.edition.get(alarm.condition))


def _readings(
    stream: Datastream, condition: Condition, facts: StreamFacts, at: datetime
) -> list[tuple[datetime, float]]:
    start = at - max(timedelta(seconds=condition.clear_hold_s), facts.silent_after) - window(condition)
    found = readings_between([stream.pk], start, at).get(stream.pk, [])
    return [*last_readings_before(stream.pk, start, max(1, REACH[condition.aggregate].readings)), *found]
