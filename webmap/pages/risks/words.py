"""Words of the risk pages: columns, levels, kinds of change, and what a problem is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from spatial.control_lists.refusals import sentence
from spatial.control_lists.rules import MEASURE_KINDS, Problem
from spatial.risks.models import ControlMeasure, ResponsiblePerson
from webmap.wording.grade_signs import sign_of

COLUMN_LABELS: dict[str, Any] = {
    "content": _("Content of the activity"),
    "routine": _("Routine or non-routine"),
    "frequency": _("Frequency"),
    "people_count": _("People count"),
    "period": _("Period"),
    "facility_class": _("Class"),
    "model": _("Model (type)"),
    "number": _("Equipment number"),
    "special_equipment": _("Special equipment"),
    "registration_no": _("Registration number"),
    "owner": _("Owner or user"),
    "unit": _("Responsible unit"),
    "analyst": _("Analysed by"),
    "analysed_on": _("Analysed on"),
    "remark": _("Note"),
    "starts_on": _("Starts on"),
    "ends_on": _("Ends on"),
    "monitor": _("Monitoring or duty"),
    "special_plan": _("Special construction plan"),
    "expert_review": _("Expert review"),
    "emergency_plan": _("Emergency plan"),
}
CHOICE_LABELS: dict[str, Any] = {
    "routine": _("Routine"),
    "non_routine": _("Non-routine"),
    "yes": _("Yes"),
    "no": _("No"),
}
CHANGE_LABELS: dict[str, Any] = {
    "added": _("Added"),
    "removed": _("Removed"),
    "regraded": _("Regraded"),
    "rescored": _("Scores"),
    "sources": _("Hazard sources"),
    "measures": _("Measures"),
    "people": _("People and level"),
    "place": _("Place"),
    "columns": _("Name and columns"),
}
FIELD_LABELS: dict[str, Any] = {
    "code": _("number"),
    "name": _("name"),
    "place": _("place"),
    "sources": _("hazard sources"),
    "source": _("hazard source"),
    "step": _("step or check item"),
    "factor_code": _("factor code"),
    "accident_type": _("possible accident"),
    "method": _("method"),
    "before": _("scores before controls"),
    "after": _("scores after controls"),
    "judgement": _("direct judgement"),
    "measures": _("measures"),
    "lead_level": _("lead level"),
    "people": _("responsible people"),
    "lowering_reason": _("reason"),
}
MEASURE_LABELS = {kind: ControlMeasure.Kind(kind).label for kind in MEASURE_KINDS}
LEVEL_LABELS = {level.value: level.label for level in ResponsiblePerson.Level}


def field_label(name: str) -> str:
    """Return what a field of a row is called: its own name, or that of the group and the part of it."""
    head, _dot, part = name.partition(".")
    if head == "columns":
        return str(COLUMN_LABELS.get(part, part))
    label = str(FIELD_LABELS.get(head, head))
    more = MEASURE_LABELS.get(part) or LEVEL_LABELS.get(part) or part
    return f"{label}: {more}" if part else label


def problem_sentence(problem: Problem) -> str:
    """Return a problem as a sentence with the words of levels, kinds, columns and grades in place of their codes."""
    values = dict(problem.values)
    for name, words in (("level", LEVEL_LABELS), ("lead", LEVEL_LABELS), ("due", LEVEL_LABELS),
                        ("kind", MEASURE_LABELS), ("column", COLUMN_LABELS)):  # fmt: skip
        if name in values:
            values[name] = str(words.get(values[name], values[name]))
    if "grade" in values:
        values["grade"] = str(sign_of(int(values["grade"])).word)
    return sentence(Problem(problem.row, problem.field, problem.sentence, values, problem.severity))


@dataclass(frozen=True)
class ProblemLine:
    """A problem as the page shows it."""

    row: str
    field: str
    text: str
    refuses: bool


def problem_lines(problems: Iterable[Problem]) -> list[ProblemLine]:
    """Return problems as lines of a page, those that refuse first."""
    lines = [ProblemLine(p.row, field_label(p.field), problem_sentence(p), p.severity == "refuse") for p in problems]
    return sorted(lines, key=lambda line: not line.refuses)
