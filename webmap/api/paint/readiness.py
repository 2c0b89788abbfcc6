"""Readiness: the elements that fail a check (`?check=`), or every check of a safety function (`?function=`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bim.models import Revision
from bim.readiness.models import ReadinessCheck, ReadinessReport
from bim.readiness.queries import checks_of_report, report_of
from bim.readiness.words import CHECK_WORDS, FUNCTION_WORDS

from .kinds import PAINTERS, PaintClass, PaintOut

LOOKS = (("C", "#b3261e"), ("B", "#a15c00"))


def paint_readiness(revision: Revision, user: Any, query: Mapping[str, str]) -> PaintOut:
    """Return the elements that lower a grade, by the worst outcome; Http404 without a report or check."""
    report = report_of(revision)
    if report is None or report.state != ReadinessReport.State.DONE:
        raise Http404
    rows, title = _asked(report, query)
    worst: dict[int, str] = {}
    for row in rows:
        if row.outcome in ("B", "C"):
            for index in row.elements:
                worst[index] = max(worst.get(index, ""), row.outcome)
    elements = {grade: sorted(i for i, outcome in worst.items() if outcome == grade) for grade, _colour in LOOKS}
    labels = {"C": _("Makes the function unusable"), "B": _("Is a gap")}
    return PaintOut(
        kind="readiness",
        revision_id=str(revision.id),
        model_id=str(revision.model_id),
        title=title,
        note=_note(revision, set(worst)),
        legend=[
            PaintClass(key=grade, label=labels[grade], colour=colour, sign=grade, count=len(elements[grade]))
            for grade, colour in LOOKS
        ],
        elements=elements,
    )


def _asked(report: ReadinessReport, query: Mapping[str, str]) -> tuple[list[ReadinessCheck], str]:
    rows = checks_of_report(report)
    if identifier := query.get("check"):
        rows = [row for row in rows if row.identifier == identifier]
        if not rows or identifier not in CHECK_WORDS:
            raise Http404
        return rows, str(CHECK_WORDS[identifier].name)
    if function := query.get("function"):
        if function not in FUNCTION_WORDS:
            raise Http404
        return [row for row in rows if row.function == function], str(FUNCTION_WORDS[function].name)
    return rows, _("Risk readiness")


def _note(revision: Revision, indexes: set[int]) -> str:
    if not indexes:
        return _("No element lowers the grade here.")
    missing = revision.elements.filter(index__in=indexes, meshed=False).count()
    note = _("What is coloured fails the check; all that is pale passes it.")
    if missing:
        note += " " + ngettext(
            "%(n)d of them has no shape to colour.", "%(n)d of them have no shape to colour.", missing
        ) % {"n": missing}  # fmt: skip
    return note


PAINTERS["readiness"] = paint_readiness
