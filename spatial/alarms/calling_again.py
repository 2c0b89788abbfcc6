"""Who calls for help again while nobody has ended the first alarm is heard again: as loudly, and where they are now."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from spatial.alarms.clocks import ask_anew, set_clocks
from spatial.alarms.models import Alarm
from spatial.alarms.steps import locked, record, tell_pages
from spatial.alarms.zone_colour import colour_anew
from spatial.tracks.queries import last_place


@transaction.atomic
def call_again(*, alarm: Alarm, at: datetime, received_at: datetime) -> Alarm:
    """This function will make an active alarm of a call for help news again: it is to be acknowledged anew.

    It takes the place where the device is now, and every open page hears of it. An alarm that nobody has acknowledged
    keeps its clocks, so that pressing again and again does not put its escalation off. Of one that was late it makes a
    live one. What was done about the call before stands in the life line.
    """
    alarm = locked(alarm)
    if alarm.cleared_at:
        return alarm
    if alarm.late or alarm.acknowledged_at or alarm.remind_at is None:
        alarm.late = False
        ask_anew(alarm)
        set_clocks(alarm, received_at)
    alarm.handled_at = alarm.handled_by = None
    place, storey = last_place(alarm.device)
    if place is not None:
        alarm.location, alarm.storey = place, storey
    alarm.save()
    colour_anew(alarm, at, received_at)
    record(alarm, None, "call_again", at, received_at, details={"repeats": alarm.repeats})
    tell_pages(alarm, "alarm_raised", at)
    return alarm
