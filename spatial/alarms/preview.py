"""What a condition would have raised: evaluated anew on the stored observations of a time, old against new.

Only hours in which a value came near a limit are read (their least and greatest values are kept), with what the
condition looks back at before them and what clearing needs after them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from spatial.alarms.conditions import Condition, Episode, Reading, StreamFacts, applies, evaluate, lookback, window
from spatial.alarms.measures import REACH
from spatial.alarms.rule_queries import SiteConditions, site_conditions, stream_facts
from spatial.observations.models import Datastream
from spatial.observations.queries import Bucket, hours_between, of_site, readings_between, readings_in

HOUR = timedelta(hours=1)
BY_HOURS = frozenset({"value", "mean_3s", "mean_10min", "mean_1h"})


@dataclass(frozen=True)
class WouldBe:
    """One alarm that a condition would have raised, and whether the condition as it is raises it too."""

    stream: Datastream
    episode: Episode
    new: bool
    old: bool


@dataclass(frozen=True)
class Preview:
    """Alarms of a time by day of the site, as it is (`old`) and as it would be (`new`), and each of them."""

    days: list[tuple[date, int, int]]
    alarms: list[WouldBe]
    streams: int

    @property
    def old(self) -> int:
        """How many alarms the condition as it is makes."""
        return sum(day[1] for day in self.days)

    @property
    def new(self) -> int:
        """How many alarms the condition given would make."""
        return sum(day[2] for day in self.days)


def preview(
    site: Any,
    condition: Condition,
    *,
    zone: Any | None = None,
    datastream: Any | None = None,
    start: datetime,
    end: datetime,
    now: datetime,
) -> Preview:
    """Return what a condition would have raised in a scope between two moments, against the one that holds now."""
    held = site_conditions(site, at=now)
    zone_info = ZoneInfo(site.time_zone)
    streams = _scope(site, condition, zone, datastream)
    facts = {stream.pk: stream_facts(stream, zone_info) for stream in streams}
    pairs = {stream.pk: (_held(held, stream, condition.key, facts[stream.pk]), condition) for stream in streams}
    readings = _readings(streams, facts, pairs, start, end)
    alarms: list[WouldBe] = []
    for stream in streams:
        old, new = (
            _episodes(row, stream, facts[stream.pk], readings.get(stream.pk, []), start) for row in pairs[stream.pk]
        )
        alarms += _compared(stream, old, new)
    alarms.sort(key=lambda row: (row.episode.started_at, str(row.stream.pk)))
    return Preview(_days(alarms, start, end, zone_info), alarms, len(streams))


def _scope(site: Any, condition: Condition, zone: Any | None, datastream: Any | None) -> list[Datastream]:
    rows = of_site(site).filter(quantity=condition.quantity)
    if zone is not None:
        rows = rows.filter(zone=zone)
    if datastream is not None:
        rows = rows.filter(pk=datastream.pk)
    return list(rows)


def _held(held: SiteConditions, stream: Datastream, key: str, facts: StreamFacts) -> Condition | None:
    return next((row for row in held.of_stream(stream, facts) if row.key == key), None)


def _episodes(
    condition: Condition | None, stream: Datastream, facts: StreamFacts, readings: Sequence[Reading], start: datetime
) -> list[Episode]:
    if condition is None or not applies(condition, stream.quantity, stream.device.kind, facts):
        return []
    # what only people clear would stay for ever: for counting, it ends where its limit is no longer reached
    counted = replace(condition, clearing="limit") if condition.clearing == "hand" else condition
    return [row for row in evaluate(counted, facts, readings) if row.started_at >= start]


def _compared(stream: Datastream, old: Sequence[Episode], new: Sequence[Episode]) -> list[WouldBe]:
    found = [WouldBe(stream, row, True, any(_overlap(row, other) for other in old)) for row in new]
    found += [WouldBe(stream, row, False, True) for row in old if not any(_overlap(row, other) for other in new)]
    return found


def _overlap(first: Episode, second: Episode) -> bool:
    starts_before = second.ended_at is None or first.started_at <= second.ended_at
    return starts_before and (first.ended_at is None or second.started_at <= first.ended_at)


def _days(alarms: Sequence[WouldBe], start: datetime, end: datetime, zone: ZoneInfo) -> list[tuple[date, int, int]]:
    old: dict[date, int] = defaultdict(int)
    new: dict[date, int] = defaultdict(int)
    for row in alarms:
        day = row.episode.started_at.astimezone(zone).date()
        old[day] += row.old
        new[day] += row.new
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [(day, old[day], new[day]) for day in days]


def _readings(
    streams: Sequence[Datastream],
    facts: dict[UUID, StreamFacts],
    pairs: dict[UUID, tuple[Condition | None, Condition]],
    start: datetime,
    end: datetime,
) -> dict[UUID, list[Reading]]:
    ids = [stream.pk for stream in streams]
    known = [row for pair in pairs.values() for row in pair if row is not None]
    if not known:
        return {}
    before = max(window(row) for row in known) + max(lookback(row) for row in known)
    if any(row.aggregate not in BY_HOURS or (row.periods and row.clearing == "next_day") for row in known):
        return readings_between(ids, start - before, end)
    hours = hours_between(ids, start - before - HOUR, end)
    spans = [
        (stream.pk, first, last)
        for stream in streams
        for first, last in _near_limits(hours.get(stream.pk, []), facts[stream.pk], pairs[stream.pk])
    ]
    return readings_in(spans)


def _near_limits(
    hours: Sequence[Bucket], facts: StreamFacts, pair: tuple[Condition | None, Condition]
) -> list[tuple[datetime, datetime]]:
    """The stretches of hours whose readings can matter, joined where they touch."""
    conditions = [row for row in pair if row is not None]
    after = max(math.ceil(row.clear_hold_s / 3600) for row in conditions) + 1
    back = max(math.ceil(REACH[row.aggregate].time / HOUR) for row in conditions) + 1
    spans: list[tuple[datetime, datetime]] = []
    for hour in hours:
        if not any(_reaches(row, facts, hour) for row in conditions):
            continue
        first, last = hour.start - back * HOUR, hour.start + (1 + after) * HOUR
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    return spans


def _reaches(condition: Condition, facts: StreamFacts, hour: Bucket) -> bool:
    """Whether a value of an hour can be at or beyond the nearest limit of a condition, clear limits included."""
    scale = 1.0
    if condition.basis != "value":
        limit = facts.design_limit if condition.basis == "design" else facts.rate_limit
        if not limit:
            return False
        scale = 100.0 / limit
    low, high = hour.minimum * scale, hour.maximum * scale
    if condition.absolute:
        low, high = 0.0 if low <= 0 <= high else min(abs(low), abs(high)), max(abs(low), abs(high))
    limits = [limit for step in condition.steps for limit in (step.limit, condition.clear_limit_of(step))]
    return high >= min(limits) if condition.steps[0].operator in (">=", ">") else low <= max(limits)
