"""What the importer says, in the reader's language: sentences with their parts, fields, kinds and choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ingest.vectors.places.headings import COLUMNS
from ingest.vectors.places.plan import Plan, Step
from ingest.vectors.places.problems import Problem
from spatial.places.models import Organisation, Region, Site


@dataclass(frozen=True)
class Said:
    """A problem, a warning or a note as it is shown; `datum` is a declaration that would help."""

    row: int
    field: str
    text: str
    datum: str


def field_label(kind: str, key: str) -> str:
    """Return the label of a field as people see it."""
    labels = {column.key: column.label for column in COLUMNS.get(kind, ())}
    own = {"geometry": _("Shape"), "datum": _("Coordinates"), "type": _("Kind")}
    return own.get(key) or (_(labels[key]) if key in labels else key)


def choice_labels() -> dict[str, str]:
    """Return the words for stored choices: levels, kinds of organisation, phases."""
    return {
        str(value): str(label)
        for enum in (Region.Level, Organisation.Kind, Site.Phase)
        for value, label in enum.choices
    }


def said(kind: str, problem: Problem) -> Said:
    """Return a problem in the reader's language."""
    labels = choice_labels()
    parts = {name: labels.get(str(value), value) if name == "level" else value for name, value in problem.parts.items()}
    text = _(problem.sentence) % parts if parts else _(problem.sentence)
    return Said(problem.row, field_label(kind, problem.field) if problem.field else "", text, problem.datum)


@dataclass(frozen=True)
class StepShown:
    """A row of the preview: what it is and what will change, old and new."""

    row: int
    state: str
    key: str
    name: str
    label: str
    changes: list[tuple[str, str, str]]


def steps_shown(plan: Plan, limit: int) -> list[StepShown]:
    """Return the first rows that will be written, changed ones first."""
    writes = sorted(plan.writes, key=lambda step: step.state != "changed")
    return [_step(plan.kind, step) for step in writes[:limit]]


def _step(kind: str, step: Step) -> StepShown:
    labels = choice_labels()
    changes = [
        (
            field_label(kind, change.field),
            labels.get(change.before, change.before),
            labels.get(change.after, change.after),
        )
        for change in step.changes
    ]
    return StepShown(step.draft.row, step.state, step.key, step.name, _(step.label) if step.label else "", changes)


def state_label(state: str) -> str:
    """Return the word for a row's state."""
    return {"new": _("New"), "changed": _("Changed"), "unchanged": _("Unchanged"), "refused": _("Refused")}[state]


def datum_choices(table_srid: int | None) -> list[tuple[str, str]]:
    """Return declarations to choose from: the file's own first, then what is usual in China."""
    own = [(f"EPSG:{table_srid}", _("as the file says"))] if table_srid else []
    usual = [
        ("EPSG:4490", _("CGCS2000, degrees")),
        ("EPSG:4326", _("WGS 84, degrees (GNSS)")),
        ("GCJ-02", _("Amap, Tencent and most web maps in China")),
        ("BD-09", _("Baidu maps")),
    ]
    grids = [(f"EPSG:{4534 + i}", f"CGCS2000 / 3° GK · {75 + 3 * i}°E") for i in range(21)]
    zones = [(f"EPSG:{4513 + i}", f"CGCS2000 / 3° GK · {25 + i}") for i in range(21)]
    return [*own, *(choice for choice in [*usual, *grids, *zones] if choice[0] != f"EPSG:{table_srid}")]


def refusal(error: Exception) -> str:
    """Return an importer's refusal of the whole file in the reader's language."""
    problem: Any = getattr(error, "problem", None)
    return said("", problem).text if problem is not None else _(str(error))
