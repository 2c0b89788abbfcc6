"""Which level a paper is at that holds to the end of a day, and since which day (V-01, H-05). Pure.

A condition on days is a row of the edition like any other: of the days left until the last day, or of the days over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from spatial.alarms.conditions import REACHES, Condition
from spatial.alarms.rules import Level

LEFT, OVER = "days_to_due", "fall_arrester_overdue"
"""The quantities of days: that are left, and that are over."""


@dataclass(frozen=True, slots=True)
class DueLevel:
    """The level that a paper is at, and the first day on which it was."""

    level: Level
    since: date


def due_level(condition: Condition, last_day: date, today: date) -> DueLevel | None:
    """This function will return the highest level whose limit is reached today; None while none is."""
    left = (last_day - today).days
    value = left if condition.quantity == LEFT else -left
    reached = [step for step in condition.steps if REACHES[step.operator](value, step.limit)]
    if not reached:
        return None
    step = reached[-1]
    return DueLevel(step.level, last_day + timedelta(days=_first_day(step.operator, step.limit)))


def _first_day(operator: str, limit: float) -> int:
    """Return on which day after the last day (before it: negative) a limit is reached first.

    The days left fall by one each day, so they reach `<= n` n days before; the days over rise and reach `>= n` n days
    after.
    """
    if operator == "<=":
        return -math.floor(limit)
    if operator == "<":
        return 1 - math.ceil(limit)
    if operator == ">=":
        return math.ceil(limit)
    return math.floor(limit) + 1
