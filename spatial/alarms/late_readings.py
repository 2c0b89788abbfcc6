"""Late readings: a condition is evaluated again from before them, and the alarms of that time are put right."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from spatial.alarms.conditions import (
    Change,
    Condition,
    ConditionState,
    Episode,
    StreamFacts,
    blank_state,
    episodes,
    follow,
    lookback,
    measured,
    window,
)
from spatial.alarms.episodes import put_right
from spatial.alarms.measures import REACH
from spatial.alarms.models import Alarm
from spatial.alarms.reading_alarms import raise_for_reading
from spatial.alarms.rules import LATE_AFTER
from spatial.alarms.starting import OLDEST_BY_HAND, start_of
from spatial.alarms.titles import Words
from spatial.ledger.operations import lock_ledgers
from spatial.observations.models import Datastream
from spatial.observations.queries import last_readings_before, readings_between

AHEAD = timedelta(days=1)  # a device's clock may run ahead


def judge_again(
    stream: Datastream,
    condition: Condition,
    facts: StreamFacts,
    since: datetime,
    received_at: datetime,
    *,
    name: Words,
) -> ConditionState:
    """This function will evaluate a condition anew from before `since`, correct its alarms, and return its memory."""
    start, known = _reach(stream, condition, since)
    known = [row for row in known if row.raised_at >= start]
    readings = sorted(
        set(readings_between([stream.pk], start - window(condition), received_at + AHEAD).get(stream.pk, []))
    )
    if count := REACH[condition.aggregate].readings:
        readings = [*last_readings_before(stream.pk, start, count), *(row for row in readings if row[0] >= start)]
    first = next((at for at, row in enumerate(readings) if row[0] >= start), len(readings))
    values = measured(condition, facts, readings, first)
    cleared = [row.cleared_at for row in known if row.cleared_by_id and row.cleared_at]
    state, changes = follow(condition, facts, blank_state(condition), values, cleared)
    newest = readings[-1][0] if readings else since
    live = received_at - newest <= LATE_AFTER

    def raise_new(episode: Episode, late: bool | None) -> Alarm:
        last = episode.changes[-1]
        change = Change(episode.started_at, last.level, last.value)
        return raise_for_reading(
            stream, condition, change, received_at, name=name, late=late, ended_at=episode.ended_at
        )

    put_right(episodes(changes), known, raise_new=raise_new, received_at=received_at, live=live)
    return state


def _reach(stream: Datastream, condition: Condition, since: datetime) -> tuple[datetime, list[Alarm]]:
    """Return from when on a condition must be evaluated again, and its alarms that reach into that time, locked."""
    back = lookback(condition)
    oldest = since - OLDEST_BY_HAND - 2 * back
    while True:
        known = list(_alarms(stream, condition).filter(Q(cleared_at__isnull=True) | Q(cleared_at__gte=oldest)))
        start = start_of(condition, since, known)
        if oldest <= start - back:
            return start, known
        oldest = start - OLDEST_BY_HAND - 2 * back


def _alarms(stream: Datastream, condition: Condition) -> QuerySet[Alarm]:
    lock_ledgers([stream.site.organisation_id])
    rows = Alarm.objects.filter(datastream=stream, condition=condition.key, disproved_at__isnull=True)
    return rows.select_for_update(of=("self",)).order_by("raised_at", "id")
