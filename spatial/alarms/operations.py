"""What can be done with alarms, by its parts: what raises and ends them, and what people do about them."""

from spatial.alarms.fence_events import follow_fence_events
from spatial.alarms.hand_clearing import AlarmNotOver
from spatial.alarms.handling import acknowledge_alarm, close_alarm, handle_alarm, mark_false
from spatial.alarms.life import change_level, clear_alarm, make_alarm_live
from spatial.alarms.raising import raise_alarm
from spatial.alarms.readings import follow_readings
from spatial.alarms.signals import SignalRow, follow_batteries, follow_signals
from spatial.alarms.steps import MAY_ACKNOWLEDGE, AlarmForbidden, AlarmRefused

__all__ = [
    "MAY_ACKNOWLEDGE",
    "AlarmForbidden",
    "AlarmNotOver",
    "AlarmRefused",
    "SignalRow",
    "acknowledge_alarm",
    "change_level",
    "clear_alarm",
    "close_alarm",
    "follow_batteries",
    "follow_fence_events",
    "follow_readings",
    "follow_signals",
    "handle_alarm",
    "make_alarm_live",
    "mark_false",
    "raise_alarm",
]
