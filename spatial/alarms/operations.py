"""What can be done with alarms, by its parts: their life, and what raises them."""

from spatial.alarms.fence_events import follow_fence_events
from spatial.alarms.life import (
    MAY_ACKNOWLEDGE,
    AlarmForbidden,
    AlarmRefused,
    acknowledge_alarm,
    change_level,
    clear_alarm,
    make_alarm_live,
    raise_alarm,
)
from spatial.alarms.readings import follow_readings
from spatial.alarms.signals import SignalRow, follow_batteries, follow_signals

__all__ = [
    "MAY_ACKNOWLEDGE",
    "AlarmForbidden",
    "AlarmRefused",
    "SignalRow",
    "acknowledge_alarm",
    "change_level",
    "clear_alarm",
    "follow_batteries",
    "follow_fence_events",
    "follow_readings",
    "follow_signals",
    "make_alarm_live",
    "raise_alarm",
]
