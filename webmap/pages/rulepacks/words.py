"""Names of tables, values, marks and faults of rules in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spatial.rulebook.adjustable import Fault
from spatial.rulebook.differences import ABSENT, is_verified
from spatial.rulebook.operations import RulesRefused
from spatial.rulebook.table_words import field_words, text_words
from spatial.rulebook.tenant_numbers import LimitSetting
from webmap.wording.reader import data_language, reads_chinese

TITLES = {"National default": gettext_lazy("National default"), "Henan": gettext_lazy("Henan")}
TABLES = {
    "lec": gettext_lazy("LEC: scores and bands"),
    "ls": gettext_lazy("Risk matrix (LS): scores and bands"),
    "risk_levels": gettext_lazy("Grades, colours and control levels"),
    "patrol_periods": gettext_lazy("Patrol periods"),
    "direct_judgement": gettext_lazy("Direct judgement"),
    "dangerous_works": gettext_lazy("Dangerous works"),
    "zone_triggers": gettext_lazy("Colour policy: triggers and bands of regions"),
    "hazard_workflow": gettext_lazy("Hazard workflow and deadlines"),
    "hazard_settings": gettext_lazy("Settings of hazards"),
    "alarm_rules": gettext_lazy("Alarm rules"),
    "thresholds": gettext_lazy("Thresholds"),
    "machine_limits": gettext_lazy("Limits of moving danger"),
    "alarm_policy": gettext_lazy("Times of alarms and signals"),
    "permit_limits": gettext_lazy("Gas limits and permits"),
    "fence_defaults": gettext_lazy("What a new fence starts with"),
}
ROW_NAMES = ("zh", "zh_short", "en")
"""Fields in which a row of a table says what it is called, in one language or the other."""
LEVELS = {
    "company": gettext_lazy("Company"),
    "project": gettext_lazy("Project"),
    "team": gettext_lazy("Team"),
    "post": gettext_lazy("Post"),
}
PERIODS = {
    "shift": gettext_lazy("every shift"),
    "day": gettext_lazy("every day"),
    "week": gettext_lazy("every week"),
    "month": gettext_lazy("every month"),
}
DEADLINES = {
    "deadline_general_immediate": gettext_lazy("General hazard, at once (days)"),
    "deadline_general_short": gettext_lazy("General hazard, short (days)"),
    "deadline_general_normal": gettext_lazy("General hazard, normal (days)"),
    "deadline_general_long": gettext_lazy("General hazard, long (days)"),
    "deadline_major_plan": gettext_lazy("Major hazard, plan (days)"),
    "returned_clock_hours": gettext_lazy("Time to add facts to a returned report (hours)"),
    "max_returns": gettext_lazy("Times a report may be returned"),
    "max_extensions": gettext_lazy("Extensions of a deadline"),
    "reopen_within_days": gettext_lazy("A closed hazard may be reopened within (days)"),
}
MARKS = {
    "S": gettext_lazy("given by the project"),
    "A": gettext_lazy("text seen"),
    "A-": gettext_lazy("second hand, text not read"),
    "B": gettext_lazy("from memory of the standard, not verified"),
    "C": gettext_lazy("assumption or own decision, not verified"),
}
FAULTS = {
    "not_a_number": gettext_lazy("Give a number; “%(value)s” is none."),
    "not_below": gettext_lazy("%(value)s must lie below the boundary above it (%(above)s)."),
    "not_positive": gettext_lazy("The lowest boundary must be above 0."),
    "grade_never_reached": gettext_lazy("No scores of the lists would give grade %(grade)s; choose other boundaries."),
    "band_empty": gettext_lazy("No product of the matrix lies in the band from %(value)s; choose other boundaries."),
    "not_a_level": gettext_lazy("“%(value)s” is no control level."),
    "level_lowered": gettext_lazy(
        "Grade %(grade)s is led by “%(level)s” at least: a level may be lifted, not lowered."
    ),
    "level_below_lower_grade": gettext_lazy("Grade %(grade)s must be led at least as high as the grade below it."),
    "not_a_period": gettext_lazy("“%(value)s” is no period."),
    "level_above_lead": gettext_lazy(
        "This level does not control grade %(grade)s: leave it empty or lift the lead level."
    ),
    "patrolled_less_often": gettext_lazy(
        "A lower level patrols grade %(grade)s at least as often as the level above it."
    ),
    "nobody_patrols": gettext_lazy("Grade %(grade)s needs a patrol by some level."),
    "out_of_limits": gettext_lazy("Give a whole number from %(low)s to %(high)s."),
    "out_of_bounds": gettext_lazy(
        "Give a number from %(low)s to %(high)s; what a standard asks for is made stricter only."
    ),
    "graver_from_farther": gettext_lazy("A graver level must not begin farther away than a lighter one."),
    "above_the_other": gettext_lazy("%(value)s must not be above “%(other)s” (%(limit)s)."),
    "deadlines_do_not_rise": gettext_lazy("Deadlines must rise from at once to long."),
}
REFUSALS = {
    "past": gettext_lazy("Rules are valid from today on at the earliest; choose today or a later day."),
    "not_yours": gettext_lazy("Only the safety department of the organisation or the operator sets its rules."),
    "mark": gettext_lazy("Choose one of the confidence marks."),
    "no_source": gettext_lazy("Say where the values come from: a rule without a source is not published."),
    "own_base": gettext_lazy("An edition inherits the pack above, not an earlier edition of its own pack."),
    "foreign_base": gettext_lazy("That edition belongs to another organisation."),
    "foreign_pack": gettext_lazy("That pack belongs to another organisation."),
    "no_difference": gettext_lazy("Nothing differs from the inherited edition; choose that pack instead."),
    "no_edition": gettext_lazy("The pack has no edition valid on that day; choose a later day."),
}


LIMIT_GROUPS = {
    "crane": gettext_lazy("Cranes"),
    "vehicle": gettext_lazy("Vehicles"),
    "pit_edge": gettext_lazy("Pit edges"),
    "silence": gettext_lazy("Silence"),
    "rules": gettext_lazy("Alarm rules"),
    "fall_radius": gettext_lazy("Falling radius by height"),
    "power_line": gettext_lazy("Distance to power lines"),
}

NUMBER_GROUPS = {
    "alarm_policy": {
        "escalation": gettext_lazy("An alarm that nobody takes note of"),
        "drafts": gettext_lazy("Hazard drafts of alarms"),
        "signals": gettext_lazy("No motion, helmet off"),
        "battery": gettext_lazy("Batteries"),
        "people": gettext_lazy("Silence, overtime, fire"),
    },
    "permit_limits": {
        "gas": gettext_lazy("Gas"),
        "tests": gettext_lazy("Gas tests and attendant"),
        "windows": gettext_lazy("Longest windows of permits"),
    },
    "fence_defaults": {
        "entering": gettext_lazy("When an entry counts"),
        "approach": gettext_lazy("Approach"),
        "times": gettext_lazy("How long before it counts"),
        "persons": gettext_lazy("Most persons that pages name"),
    },
}
"""Groups of the tables of numbers, in the order of the page."""
NUMBER_HINTS = {
    "alarm_policy": gettext_lazy(
        "When an alarm is said again and told to the next role, and after how long a signal is one. An alarm goes on "
        "by the numbers of the day on which it was raised."
    ),
    "permit_limits": gettext_lazy(
        "What a gas test must read, how old it may be, and for how long a permit may hold. A permit goes on by the "
        "numbers of its first day, a gas test by those of its own."
    ),
    "fence_defaults": gettext_lazy(
        "A fence keeps the numbers that it was made with: a change counts for new ones. Each fence is changed on its "
        "own page."
    ),
}


def limit_label(row: LimitSetting) -> str:
    """Return how a number of moving danger is called in the reader's language."""
    return row.zh if reads_chinese() else row.en


def pack_title(pack: Any) -> str:
    """Return the title of a pack; those that ship have one in each language."""
    return str(TITLES.get(pack.title, pack.title))


def table_title(name: str) -> str:
    """Return the title of a table, or its name where a pack brought a new one."""
    return str(TABLES.get(name, name))


def mark_words(conf: str) -> dict[str, Any]:
    """Return a confidence mark with its meaning, and whether the value is verified."""
    mark = conf.split(" ")[0]
    return {"mark": conf, "words": str(MARKS.get(mark, "")), "verified": is_verified(conf)}


def value_words(value: Any, *, field: str = "") -> str:
    """Return a value of a table as one line; `field` is where it stands."""
    if value is ABSENT:
        return _("not said")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None:
        return "–"
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return ("、" if reads_chinese() else ", ").join(value_words(one, field=field) for one in value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str):
        return str(value)
    told = text_words(value, data_language(), field=field)
    return told if told != value else str(LEVELS.get(value, value))


def name_words(name: str, *, block: str = "") -> str:
    """Return what a key of a table is called: a field, a control level, or a code; else the key itself."""
    language = data_language()
    told = field_words(name, language, block=block)
    return told if told != name else str(LEVELS.get(name) or text_words(name, language))


def title_words(row: Mapping[str, Any]) -> str:
    """Return what a row of a table is called in the reader's language, with its code where that says more."""
    language = data_language()
    says = next((row[name] for name in (language, f"{language}_short", *ROW_NAMES) if row.get(name)), "")
    told, code = text_words(str(says), language), text_words(str(row.get("code", "")), language)
    return told if code in told else f"{code}: {told}"


def fault_words(fault: Fault) -> str:
    """Return the sentence of a fault."""
    parts = dict(fault.parts)
    if "other_zh" in parts:
        parts["other"] = parts["other_zh"] if reads_chinese() else parts["other_en"]
    if parts.get("level") in LEVELS:
        parts["level"] = LEVELS[parts["level"]]
    return str(FAULTS[fault.code]) % parts


def refusal_words(refused: RulesRefused) -> str:
    """Return the sentence of a refusal."""
    return str(REFUSALS[refused.code])


def lec_label(index: int, band: dict[str, Any]) -> str:
    """Return the label of the lower end of an LEC or LS band."""
    return _("Grade %(grade)s (%(band)s) begins at") % {"grade": band["grade"], "band": band.get("class5", index)}
