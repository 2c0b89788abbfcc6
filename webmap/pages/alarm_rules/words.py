"""Conditions in words of the active language, and why one is refused."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop

from spatial.alarms.catalogue import Fault, clock
from spatial.alarms.conditions import Condition, Period
from spatial.observations.quantities import quantity_of, unit_sign
from webmap.pages.observations.words import LEVELS, quantity_name
from webmap.wording.reader import reads_chinese
from webmap.wording.sentences import Sentences

AGGREGATES = {
    "value": lazy("each reading"),
    "mean_3s": lazy("mean of 3 seconds (gust)"),
    "mean_10min": lazy("mean of 10 minutes"),
    "mean_1h": lazy("mean of an hour"),
    "rate_per_day": lazy("change per day"),
    "rate_three_days": lazy("least change per day of three days running"),
    "ratio_to_mean_3": lazy("ratio to the mean of the last three readings"),
}
SIGNS = {">=": "≥", ">": ">", "<=": "≤", "<": "<"}
BASES = {
    "value": "",
    "design": lazy("in per cent of the design limit"),
    "rate": lazy("in per cent of the rate limit"),
}
CLEARINGS = {
    "limit": lazy("when its limit is left"),
    "hand": lazy("by people only"),
    "next_day": lazy("on the next day"),
}
FAULTS = {
    "not_a_number": lazy("This is not a number."),
    "hold_out_of_range": lazy("A time to hold is 0 to %(most)s seconds."),
    "operators_differ": lazy("All limits of a condition look in the same direction."),
    "not_beyond": lazy("A higher level needs a limit beyond %(before)s."),
    "clear_beyond_limit": lazy("The clear limit must not lie beyond the first limit, %(limit)s."),
    "no_step": lazy("Give at least one limit."),
    "bad_periods": lazy("Write periods as 06:00-12:00, 13:00-22:00; none means the whole day."),
}
_REFUSALS = Sentences(
    gettext_noop("Only the safety officer, the project manager or the safety department sets alarm rules."),
    gettext_noop("Say why the alarm rule is changed."),
    gettext_noop("The edition's value holds here already."),
)


def unit_of(condition: Condition) -> str:
    """Return the unit of a condition's limits."""
    if condition.basis != "value":
        return "%"
    if condition.aggregate == "ratio_to_mean_3":
        return "×"
    unit = unit_sign(quantity_of(condition.quantity).unit)
    return f"{unit}/{_('day')}" if condition.aggregate.startswith("rate") else unit


def limit_words(condition: Condition) -> list[tuple[str, str]]:
    """Return (level, words) of each limit of a condition."""
    unit = unit_of(condition)
    return [
        (step.level, f"{SIGNS[step.operator]} {step.limit:g} {unit}".strip() + (_hold(step.hold_s)))
        for step in condition.steps
    ]


def _hold(seconds: float) -> str:
    if not seconds:
        return ""
    return " · " + (_("%(n)g min") % {"n": seconds / 60} if seconds >= 60 else _("%(n)g s") % {"n": seconds})


def note_of(given: Condition) -> str:
    """Return what the data file says of a condition, in the active language."""
    return given.note_zh if reads_chinese() else given.note


def looks_at(condition: Condition) -> str:
    """Return what a condition looks at: quantity, aggregate, basis."""
    name = quantity_name(quantity_of(condition.quantity))
    aggregate = str(AGGREGATES[condition.aggregate]) if condition.aggregate != "value" else ""
    return ", ".join(filter(None, [name, aggregate, str(BASES[condition.basis])]))


def cleared_words(condition: Condition) -> str:
    """Return how a condition's alarm is cleared."""
    if condition.clearing != "limit":
        return str(CLEARINGS[condition.clearing])
    first = condition.steps[0]
    limit = first.limit if condition.clear_limit is None else condition.clear_limit
    sign = {">=": "<", ">": "≤", "<=": ">", "<": "≥"}[first.operator]
    return f"{sign} {limit:g} {unit_of(condition)}".strip() + _hold(condition.clear_hold_s)


def periods_words(periods: tuple[Period, ...]) -> str:
    """Return active periods as they are typed."""
    return ", ".join(f"{clock(period.start)}-{clock(period.end)}" for period in periods)


def fault_words(fault: Fault) -> str:
    """Return a fault of a condition in the active language."""
    return str(FAULTS.get(fault.code, fault.code)) % dict(fault.parts)


def refusal_words(error: Exception) -> str:
    """Return a refusal in the active language."""
    return _REFUSALS.tell(str(error))


def level_word(level: Any) -> str:
    """Return the word of a level."""
    return str(LEVELS.get(level, level))
