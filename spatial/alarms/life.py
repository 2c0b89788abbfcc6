"""How long an alarm holds and how high it is: made live, its level changed, cleared, disproved, put right.

Each step is one transaction with one act in the ledger and one event for open pages.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from spatial.alarms.catalogue import policy
from spatial.alarms.clocks import set_clocks, stop_clocks, take_level
from spatial.alarms.hand_clearing import check_over
from spatial.alarms.models import Alarm
from spatial.alarms.steps import AlarmRefused, check_role, locked, record, tell_pages
from spatial.alarms.zone_colour import colour_anew, colour_zone, end_colour

FALSE = "false: "
"""Begins the reason of an alarm that is cleared because it was a false one."""


@transaction.atomic
def make_alarm_live(*, alarm: Alarm, received_at: datetime) -> Alarm:
    """This function will turn a late alarm into a live one, because a fresh fix shows that it still holds."""
    alarm = locked(alarm)
    if not alarm.late or alarm.cleared_at:
        return alarm
    alarm.late = False
    set_clocks(alarm, received_at)
    alarm.save(update_fields=["late", "remind_at", "escalate_at"])
    colour_zone(alarm, received_at)
    record(alarm, None, "make_alarm_live", alarm.raised_at, received_at)
    tell_pages(alarm, "alarm_raised", alarm.raised_at)
    return alarm


@transaction.atomic
def change_level(
    *,
    alarm: Alarm,
    level: str,
    at: datetime,
    received_at: datetime,
    value: float | None = None,
    actor: Any | None = None,
    reason: str = "",
) -> Alarm:
    """This function will raise or lower the level of an active alarm, and the colour of its zone with it.

    A higher level must be acknowledged anew. `actor` None is the system; a person says why. Raises AlarmForbidden,
    AlarmRefused.
    """
    alarm = locked(alarm)
    if level not in Alarm.Level.values:
        raise AlarmRefused(f"{level!r} is not an alarm level.")
    if actor is not None:
        check_role(alarm, actor)
        if not reason.strip():
            raise AlarmRefused("Say why the alarm gets another level.")
    if alarm.cleared_at or alarm.level == level:
        return alarm
    before = alarm.level
    alarm.value = alarm.value if value is None else value
    take_level(alarm, level, received_at)
    alarm.save()
    colour_anew(alarm, at, received_at)
    details = {"before": before, "reason": reason, **({} if value is None else {"value": value})}
    record(alarm, actor, "change_alarm_level", at, received_at, details=details)
    tell_pages(alarm, "alarm_raised", at)
    return alarm


@transaction.atomic
def clear_alarm(
    *, alarm: Alarm, cleared_at: datetime, received_at: datetime, actor: Any | None = None, reason: str = ""
) -> Alarm:
    """This function will clear an alarm: its trigger ends, and the zone's colour decays by the algebra.

    `actor` None is the system (the condition is gone). Clearing twice changes nothing. Raises AlarmForbidden
    for an actor without a safety role on the site, AlarmRefused for an actor without a reason, and after weather
    (W-01, W-02) without the record of the re-inspection, which is what was written down as done; AlarmNotOver while
    the readings do not show that it is over for as long as the condition's row asks.
    """
    alarm = locked(alarm)
    details: dict[str, Any] = {"reason": reason}
    if actor is not None:
        check_role(alarm, actor)
        if not reason.strip():
            raise AlarmRefused("Say why the alarm is cleared although its condition may still hold.")
        is_false = reason.startswith(FALSE)
        if alarm.rule in policy()["reinspected"] and alarm.handled_at is None and not is_false and not alarm.cleared_at:
            raise AlarmRefused("Write down the re-inspection first: what was checked after the weather, with photos.")
        if not is_false and not alarm.cleared_at:
            details |= check_over(alarm, cleared_at)
    if alarm.cleared_at:
        return alarm
    alarm.cleared_at = max(cleared_at, alarm.raised_at)
    alarm.cleared_by = actor
    stop_clocks(alarm)
    alarm.save(update_fields=["cleared_at", "cleared_by", "remind_at", "escalate_at"])
    end_colour(alarm, alarm.cleared_at, received_at)
    record(alarm, actor, "clear_alarm", cleared_at, received_at, details=details)
    tell_pages(alarm, "alarm_cleared", alarm.cleared_at)
    return alarm


@transaction.atomic
def disprove_alarm(*, alarm: Alarm, received_at: datetime) -> Alarm:
    """This function will close an alarm that a late fact disproved: it stays in the record, marked, without colour."""
    alarm = locked(alarm)
    if alarm.disproved_at:
        return alarm
    alarm.disproved_at = received_at
    alarm.cleared_at = alarm.cleared_at or max(received_at, alarm.raised_at)
    stop_clocks(alarm)
    alarm.save()
    end_colour(alarm, received_at, received_at)
    record(alarm, None, "disprove_alarm", received_at, received_at)
    tell_pages(alarm, "alarm_cleared", received_at)
    return alarm


@transaction.atomic
def correct_times(
    *,
    alarm: Alarm,
    raised_at: datetime,
    cleared_at: datetime | None,
    level: str,
    value: float | None,
    received_at: datetime,
) -> Alarm:
    """This function will put right when an alarm held and how high, by late facts; who took note stays, unless an
    alarm that goes on is higher than they knew.

    One that is found to go on is repeated and escalated like any other. An alarm that somebody cleared keeps its end.
    Nothing is written when all was right already.
    """
    alarm = locked(alarm)
    end = alarm.cleared_at if alarm.cleared_by_id else cleared_at
    if (alarm.raised_at, alarm.cleared_at, alarm.level) == (raised_at, end, level):
        return alarm
    before = {"raised_at": alarm.raised_at.isoformat(), "level": alarm.level}
    before["cleared_at"] = alarm.cleared_at.isoformat() if alarm.cleared_at else ""
    was_active, was_level = alarm.cleared_at is None, alarm.level
    alarm.raised_at, alarm.cleared_at, alarm.value = raised_at, end, value
    if end is not None:
        alarm.level = level
        stop_clocks(alarm)
    elif level != was_level or not was_active:
        take_level(alarm, level, received_at)
    alarm.save()
    if was_active and end is not None:
        end_colour(alarm, end, received_at)
    elif end is None and not was_active and not alarm.late:
        colour_zone(alarm, received_at)
    elif end is None and level != was_level:
        colour_anew(alarm, received_at, received_at)
    record(alarm, None, "correct_alarm", received_at, received_at, details={"before": before})
    kind = "alarm_raised" if end is None else "alarm_cleared"
    tell_pages(alarm, kind, received_at)
    return alarm
