"""A graded control list: what a row says, how it is graded, and what is missing before it can be submitted. Pure.

Sources: spec/domain/01 1.1-1.8 (DB37/T 2882-2016, GB/T 13861-2022, GB 6441); S0.43, S0.47-S0.51.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Literal

from spatial.risks.rules import (
    ScoreRefused,
    grade_source,
    required_levels,
)

MEASURE_KINDS = ("engineering", "management", "training", "ppe", "emergency")
METHOD_SCORES = {"LEC": ("L", "E", "C"), "LS": ("L", "S")}
FACTOR_CODE = re.compile(r"^[1-4]\d{0,5}$")
ACCIDENT_BREAKS = re.compile(r"[、,，;；/\s]+")
OPEN_STATES = ("draft", "department", "head")
MAJOR_COLUMNS = ("starts_on", "ends_on", "monitor", "special_plan", "expert_review", "emergency_plan")
COLUMNS: dict[str, tuple[str, ...]] = {
    "activity": ("content", "routine", "frequency", "people_count", "period"),
    "facility": (
        "facility_class", "model", "number", "special_equipment", "registration_no", "owner",
    ),
}  # fmt: skip
SHARED_COLUMNS = ("unit", "analyst", "analysed_on", "remark", *MAJOR_COLUMNS)
CHOICES = {"routine": ("routine", "non_routine"), "special_equipment": ("yes", "no")}
LENGTHS = {
    "code": 40, "name": 160, "place_text": 160, "lowering_reason": 200, "person": 60, "phone": 20, "step_no": 20,
    "step": 160, "source": 160, "standard": 300, "deviation": 300, "factor_code": 8, "accident_type": 40,
    "measure": 300, "added_measures": 500,
}  # fmt: skip


def gettext_noop(text: str) -> str:
    """Mark a sentence for translation; the page that shows it translates."""
    return text


@dataclass(frozen=True)
class Problem:
    """What is wrong or missing: in which row (its code) and field, as a sentence with %(names)s for `values`."""

    row: str
    field: str
    sentence: str
    values: Mapping[str, Any] = default(default_factory=dict)
    severity: Literal["refuse", "warn"] = "refuse"


@dataclass(frozen=True)
class SourceData:
    """One hazard source of a row, at a step of the activity (JHA) or a check item of the facility (SCL)."""

    name: str
    step_no: str = ""
    step: str = ""
    standard: str = ""
    deviation: str = ""
    factor_code: str = ""
    accident_type: str = ""
    method: str = "LEC"
    before: Mapping[str, float] = default(default_factory=dict)
    after: Mapping[str, float] = default(default_factory=dict)
    judgement: str = ""
    measures: Mapping[str, Sequence[str]] = default(default_factory=dict)
    added_measures: str = ""


@dataclass(frozen=True)
class PersonData:
    """Who answers for a row at one level."""

    level: str
    full_name: str
    phone: str = ""


@dataclass(frozen=True)
class PlaceData:
    """Where a row is: geometry as EWKB in hex (EPSG:4490, Yellow Sea heights), and the element it hangs on."""

    geometry: str
    storey_id: str = ""
    model_id: str = ""
    element_global_id: str = ""
    element_name: str = ""
    offset_m: tuple[float, ...] | None = None


@dataclass(frozen=True)
class EntryData:
    """One row of a list: a risk point with its official columns, hazard sources, people and place."""

    code: str
    name: str
    place_text: str = ""
    columns: Mapping[str, str] = default(default_factory=dict)
    lead_level: str = ""
    sources: tuple[SourceData, ...] = ()
    people: tuple[PersonData, ...] = ()
    place: PlaceData | None = None
    risk_point_id: str = ""
    lowering_reason: str = ""


@dataclass(frozen=True)
class Tables:
    """The tables of a rule edition that lists read."""

    lec: Mapping[str, Any]
    ls: Mapping[str, Any]
    levels: Mapping[str, Any]
    judgements: Sequence[Mapping[str, Any]]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Graded:
    """Values and grades of one source; None where scores are incomplete or not in the table."""

    value_before: float | None = None
    grade_before: int | None = None
    value_after: float | None = None
    grade_after: int | None = None


def columns_of(kind: str) -> tuple[str, ...]:
    """Return the names of the official columns of a list of this kind, in their order, then those all share."""
    return (*COLUMNS[kind], *SHARED_COLUMNS)


def value_and_grade(method: str, scores: Mapping[str, float], tables: Tables) -> tuple[float | None, int | None]:
    """Return the value of a method and its grade; None, None where scores are incomplete or not in the table."""
    try:
        grading = grade_source(method, scores, lec=tables.lec, ls=tables.ls)
    except ScoreRefused:
        return None, None
    return grading.value, grading.grade


def grade(source: SourceData, tables: Tables) -> Graded:
    """Return the values and grades of a source. A direct judgement makes it 4 before controls, whatever the scores.

    After controls a grade is never above the one before.
    """
    value_before, grade_before = value_and_grade(source.method, source.before, tables)
    value_after, grade_after = value_and_grade(source.method, source.after, tables)
    if source.judgement:
        grade_before = 4
    if grade_after is not None and grade_before is not None:
        grade_after = min(grade_after, grade_before)
    return Graded(value_before, grade_before, value_after, grade_after)


def entry_grades(sources: Iterable[Graded]) -> tuple[int | None, int | None]:
    """Return the grade of a row before and after controls: of its highest source.

    A source that was not scored after controls counts with its grade before them.
    """
    graded = list(sources)
    before = [row.grade_before for row in graded if row.grade_before]
    if not before:
        return None, None
    scored = any(row.grade_after for row in graded)
    return max(before), max(row.grade_after or row.grade_before or 0 for row in graded) if scored else None


def lead_level(grade_before: int, chosen: str, levels: Mapping[str, Any]) -> str:
    """Return the level that leads the control: that of the grade, or a higher one that the company chose."""
    ranks = {row["code"]: row["rank"] for row in levels["control_levels"]}
    due = required_levels(grade_before, levels)[0]
    return chosen if chosen in ranks and ranks[chosen] > ranks[due] else due


def levels_needed(grade_before: int, chosen: str, levels: Mapping[str, Any]) -> list[str]:
    """Return every level that needs a named person: the lead level and all below it (S0.43), highest first."""
    ranks = {row["code"]: row["rank"] for row in levels["control_levels"]}
    lead = lead_level(grade_before, chosen, levels)
    return sorted((code for code, rank in ranks.items() if rank <= ranks[lead]), key=lambda code: -ranks[code])


def split_accidents(text: str) -> list[str]:
    """Return the accident types named in a cell, which may hold several (高处坠落、物体打击)."""
    return [part for part in ACCIDENT_BREAKS.split(text.strip()) if part]
