"""Alarms from readings: each datastream's conditions, stepped on by fresh readings, judged anew for late ones.

Fresh readings cost one step of each condition. A late reading (not newer than what was known) makes its conditions
be evaluated again from before it, and the alarms of that time are put right: a new one is raised late, the times of a
known one are corrected, one that the readings no longer bear out is closed as disproved. So the record is the same
whatever the order in which messages came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from spatial.alarms.conditions import (
    Change,
    Condition,
    ConditionState,
    Reading,
    StreamFacts,
    blank_state,
    follow,
    measured,
    state_json,
    state_of_json,
    window,
)
from spatial.alarms.late_readings import judge_again
from spatial.alarms.life import change_level, clear_alarm
from spatial.alarms.measures import REACH
from spatial.alarms.models import Alarm, ConditionMemory
from spatial.alarms.reading_alarms import raise_for_reading
from spatial.alarms.rule_queries import SiteConditions, site_conditions, stream_facts
from spatial.alarms.rules import subject_of
from spatial.alarms.titles import Words
from spatial.observations.models import Datastream
from spatial.observations.operations import StoredReadings
from spatial.observations.queries import last_readings_before, readings_between


@transaction.atomic
def follow_readings(*, stored: StoredReadings) -> None:
    """This function will raise, change and clear alarms by the readings of a batch that was just stored."""
    by_site: dict[UUID, list[Datastream]] = defaultdict(list)
    for stream in stored.streams.values():
        by_site[stream.site_id].append(stream)
    memories = _memories(stored)
    for streams in by_site.values():
        site = streams[0].device.site
        at = max(stored.received_at[stream.pk] for stream in streams)
        conditions = site_conditions(site, at=at)
        for stream in sorted(streams, key=lambda row: row.pk):
            _follow_stream(site, stream, conditions, stored, memories)


def _follow_stream(
    site: Any,
    stream: Datastream,
    conditions: SiteConditions,
    stored: StoredReadings,
    memories: dict[tuple[UUID, str], ConditionMemory],
) -> None:
    facts = stream_facts(stream, ZoneInfo(site.time_zone))
    before = stored.before[stream.pk]
    readings = sorted(set(stored.readings[stream.pk]))
    received_at = stored.received_at[stream.pk]
    late = before is not None and readings[0][0] <= before
    for condition in conditions.of_stream(stream, facts):
        name = Words.of(conditions.names[condition.rule])
        memory = memories.get((stream.pk, condition.key))
        if late:
            state = judge_again(stream, condition, facts, readings[0][0], received_at, name=name)
        else:
            state = state_of_json(condition, memory.state) if memory else blank_state(condition)
            state = _step_on(stream, condition, facts, state, before, readings, received_at, name)
        _remember(stream, condition, state, memory)


def _step_on(
    stream: Datastream,
    condition: Condition,
    facts: StreamFacts,
    state: ConditionState,
    before: datetime | None,
    readings: Sequence[Reading],
    received_at: datetime,
    name: Words,
) -> ConditionState:
    known = _window_before(stream, condition, readings[0][0])
    values = measured(condition, facts, [*known, *readings], len(known))
    if state.last is None and before is not None:
        state = ConditionState(state.switches, before, state.raised, state.day, state.count)
    cleared = _cleared_by_hand(stream, condition, state) if not state.idle else []
    state, changes = follow(condition, facts, state, values, cleared)
    for change in changes:
        _apply(stream, condition, change, received_at, name)
    return state


def _apply(stream: Datastream, condition: Condition, change: Change, received_at: datetime, name: Words) -> None:
    subject = subject_of(condition.rule, datastream_id=stream.pk, key=condition.key)
    active = Alarm.objects.filter(site_id=stream.site_id, subject=subject, cleared_at__isnull=True).first()
    if change.level is None:
        if active is not None:
            clear_alarm(alarm=active, cleared_at=change.time, received_at=received_at)
    elif active is None:
        raise_for_reading(stream, condition, change, received_at, name=name)
    else:
        change_level(alarm=active, level=change.level, at=change.time, received_at=received_at, value=change.value)


def _window_before(stream: Datastream, condition: Condition, first: datetime) -> list[Reading]:
    """The stored readings before a batch that its values look back at."""
    reach = REACH[condition.aggregate]
    if reach.readings:
        return last_readings_before(stream.pk, first, reach.readings)
    if not reach.time:
        return []
    found = readings_between([stream.pk], first - window(condition), first).get(stream.pk, [])
    return [reading for reading in sorted(set(found)) if reading[0] < first]


def _cleared_by_hand(stream: Datastream, condition: Condition, state: ConditionState) -> list[datetime]:
    rows = Alarm.objects.filter(datastream=stream, condition=condition.key, cleared_by__isnull=False)
    if state.last is not None:
        rows = rows.filter(cleared_at__gte=state.last)
    return [moment for moment in rows.values_list("cleared_at", flat=True) if moment is not None]


def _memories(stored: StoredReadings) -> dict[tuple[UUID, str], ConditionMemory]:
    rows = ConditionMemory.objects.filter(datastream_id__in=list(stored.streams))
    return {(row.datastream_id, row.key): row for row in rows}


def _remember(stream: Datastream, condition: Condition, state: ConditionState, memory: ConditionMemory | None) -> None:
    if state.idle:
        if memory is not None:
            memory.delete()
        return
    ConditionMemory.objects.update_or_create(
        datastream=stream, key=condition.key, defaults={"state": state_json(state)}
    )
