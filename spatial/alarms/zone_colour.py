"""What an alarm does to the colour of its zone: a trigger while it is live, of the kind of its level."""

from __future__ import annotations

from datetime import datetime

from spatial.alarms.catalogue import policy
from spatial.alarms.models import Alarm
from spatial.alarms.rules import trigger_kind
from spatial.zones.operations import end_triggers, start_trigger

SOURCE_KIND = "alarm"


def colour_anew(alarm: Alarm, at: datetime, now: datetime) -> None:
    """End the trigger of a live alarm and start another, because its level or place is another from `at` on."""
    if not alarm.late:
        end_colour(alarm, at, now)
        colour_zone(alarm, now, starts_at=at)


def colour_zone(alarm: Alarm, now: datetime, *, starts_at: datetime | None = None) -> None:
    """Start the trigger of an alarm, from when it was raised on unless told otherwise; rules of papers have none."""
    if alarm.rule in policy()["quiet"]["rules"]:
        return
    start_trigger(
        site=alarm.site,
        kind=trigger_kind(alarm.level),
        starts_at=starts_at or alarm.raised_at,
        source_kind=SOURCE_KIND,
        source_id=alarm.pk,
        source_label=alarm.title,
        zone=alarm.zone,
        risk_point=alarm.risk_point,
        location=None if alarm.zone else alarm.location,
        edition=alarm.rule_edition,
        now=now,
    )


def end_colour(alarm: Alarm, at: datetime, now: datetime) -> None:
    """End the trigger of an alarm; one that has none stays as it is."""
    end_triggers(source_kind=SOURCE_KIND, source_id=alarm.pk, at=at, now=now)
