"""Fall edges and openings as lines over the model, each with its length or area and its drop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bim.fall_edges.models import FallEdge
from bim.fall_edges.queries import survey_of, visible_fall_edges
from bim.models import Revision

from .kinds import PAINTERS, PaintClass, PaintLine, PaintOut

COLOURS = {"edge": "#d4380d", "opening": "#722ed1", "decided": "#5b8c5a"}


def paint_fall_edges(revision: Revision, user: Any, query: Mapping[str, str]) -> PaintOut:
    """Return the lines of a revision's edges and openings; what was decided already has its own colour and sign."""
    rows = list(visible_fall_edges(user, revision).exclude(decision=FallEdge.Decision.DISMISSED))
    page = reverse("fall-edges", args=[revision.site.code, revision.pk])
    lines = [
        PaintLine(
            key=key_of(row), label=edge_words(row), id=str(row.pk), points=points, url=f"{page}#edge-{row.number}"
        )
        for row in rows
        if (points := _points(row))
    ]
    labels = {"edge": _("Fall edge"), "opening": _("Opening"), "decided": _("Risk point already made")}
    signs = {"edge": "—", "opening": "□", "decided": "✓"}
    legend = [
        PaintClass(
            key=key, label=labels[key], colour=COLOURS[key], sign=signs[key],
            count=sum(key_of(row) == key for row in rows),
        )
        for key in COLOURS
    ]  # fmt: skip
    return PaintOut(
        kind="fall_edges",
        revision_id=str(revision.pk),
        model_id=str(revision.model_id),
        title=_("Fall edges and openings"),
        note=_note(revision, rows),
        legend=legend,
        elements={},
        lines=lines,
    )


def key_of(row: FallEdge) -> str:
    """Return the legend entry of a row."""
    return "decided" if row.decision == FallEdge.Decision.RISK_POINT else str(row.kind)


def edge_words(row: FallEdge) -> str:
    """Return what is written beside an edge or opening."""
    if row.kind == FallEdge.Kind.OPENING:
        return _("%(area).1f m², drop %(drop).1f m") % {"area": row.area_m2, "drop": row.drop_m}
    return _("%(length).1f m, drop %(drop).1f m") % {"length": row.length_m, "drop": row.drop_m}


def _points(row: FallEdge) -> list[tuple[float, float, float]]:
    if row.geometry is None:
        return []
    return list(row.geometry.coords[0] if row.kind == FallEdge.Kind.OPENING else row.geometry.coords)


def _note(revision: Revision, rows: list[FallEdge]) -> str:
    survey = survey_of(revision)
    if survey is None:
        return _("This revision was imported before fall edges were looked for; import it again.")
    if survey.problem:
        return survey.problem
    if not rows:
        return _("None: every edge with a drop of 2 m or more is protected in the model.")
    return _("As the model has it: railings and walls that are not built yet protect nobody.")


PAINTERS["fall_edges"] = paint_fall_edges
