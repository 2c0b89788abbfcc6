"""`/models/{revision}/readiness`: how far a revision can be used for each safety function."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from bim.readiness.models import ReadinessReport
from bim.readiness.operations import ask_for_report
from webmap.access import imported_revision
from webmap.pages.readiness.lines import CheckLine, FunctionLine, function_lines

from .element_lines import ElementLine, line_of

router = Router(tags=["models"])

ELEMENTS_AT_MOST = 100


class CheckOut(Schema):
    """One check: `outcome` A, B, C, or "" where it takes part in no grade (`why_not_judged` says why, if it was not
    judged). `failed` of `checked`; at most a hundred of the elements that failed. Above a share of failures of
    `gap_above` the outcome is B, above `fail_above` C (null: never)."""

    identifier: str
    name: str
    why: str
    what_to_do: str
    outcome: str
    judged: bool
    why_not_judged: str
    checked: int
    failed: int
    gap_above: float
    fail_above: float | None
    figures: dict[str, Any]
    elements: list[ElementLine]


class FunctionOut(Schema):
    """A safety function: its grade (A ready, B works with gaps, C not usable, "" not judged), worst first."""

    function: str
    name: str
    purpose: str
    grade: str
    grade_text: str
    checks: list[CheckOut]


class ReadinessOut(Schema):
    """A report; `functions` is empty until `state` is `done`. `problem` says why it failed or what was not judged."""

    revision_id: UUID
    state: str
    state_text: str
    problem: str
    seconds: float | None
    finished_at: datetime | None
    functions: list[FunctionOut]
    url: str


@router.get("/models/{revision_id}/readiness", response=ReadinessOut, summary="Readiness grades of a revision")
def readiness(request: HttpRequest, revision_id: UUID) -> ReadinessOut:
    """Return the report of a revision; the first who asks for an older revision's has it computed."""
    revision = imported_revision(request.user, revision_id)
    report = ask_for_report(revision=revision)
    done = report.state == ReadinessReport.State.DONE
    return ReadinessOut(
        revision_id=revision.id,
        state=report.state,
        state_text=str(report.get_state_display()),
        problem=report.problem,
        seconds=report.seconds,
        finished_at=report.finished_at,
        functions=[_function(line) for line in function_lines(report, elements=ELEMENTS_AT_MOST)] if done else [],
        url=f"/sites/{revision.site.code}/models/{revision.id}/readiness/",
    )


def _function(line: FunctionLine) -> FunctionOut:
    return FunctionOut(
        function=line.function,
        name=str(line.words.name),
        purpose=str(line.words.purpose),
        grade=line.grade,
        grade_text=line.grade_words,
        checks=[_check(one) for one in line.lines],
    )


def _check(line: CheckLine) -> CheckOut:
    return CheckOut(
        identifier=line.row.identifier,
        name=str(line.words.name),
        why=str(line.words.why),
        what_to_do=str(line.words.todo),
        outcome=line.row.outcome,
        judged=line.row.judged,
        why_not_judged=line.not_judged,
        checked=line.row.checked,
        failed=line.row.failed,
        gap_above=line.check.limits.gap_above,
        fail_above=line.check.limits.fail_above,
        figures=line.row.figures,
        elements=[line_of(element) for element in line.elements],
    )
