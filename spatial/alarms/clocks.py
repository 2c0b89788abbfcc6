"""When an alarm is said again and told to the next role, and what starts and stops that. The caller saves it."""

from __future__ import annotations

from datetime import datetime, timedelta

from spatial.alarms.catalogue import policy
from spatial.alarms.models import Alarm
from spatial.alarms.policies import policy_of_alarm


def take_level(alarm: Alarm, level: str, now: datetime) -> None:
    """Give an alarm a level; a higher one must be acknowledged anew and is told from the first role on. The caller
    saves it."""
    rises = Alarm.Level.values.index(level) > Alarm.Level.values.index(alarm.level)
    alarm.level = level
    if rises:
        ask_anew(alarm)
    if not alarm.late and (rises or not alarm.acknowledged_at):
        set_clocks(alarm, now)


def ask_anew(alarm: Alarm) -> None:
    """Forget who acknowledged an alarm and whom it was told, because it is news again; the caller saves it."""
    alarm.acknowledged_at = alarm.acknowledged_by = None
    alarm.escalated_to = 0


def set_clocks(alarm: Alarm, now: datetime) -> None:
    """Set when an alarm is repeated and escalated next, unless somebody takes note of it; the caller saves it."""
    if alarm.rule in policy()["quiet"]["rules"]:
        stop_clocks(alarm)
        return
    clocks = policy_of_alarm(alarm)["escalation"][alarm.level]
    alarm.remind_at = now + timedelta(seconds=clocks["remind_s"]) if clocks["remind_s"] else None
    alarm.escalate_at = now + timedelta(seconds=clocks["after_s"]) if clocks["after_s"] else None


def stop_clocks(alarm: Alarm) -> None:
    """Stop repeating and escalating an alarm; the caller saves it."""
    alarm.remind_at = alarm.escalate_at = None
