"""`/models/{revision}/checks` and `/checks/{id}/findings`: checks by IDS and what they found."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from bim.exchange.ids.models import Check, Finding
from bim.exchange.ids.queries import findings_of, visible_checks
from bim.exchange.ids.words import reason_words
from webmap.access import imported_revision
from webmap.pages.checks.looks import specification_lines

router = Router(tags=["models"])

MOST_FINDINGS = 1_000


class CheckOut(Schema):
    """A check: `state` waiting, running, done, failed, cancelled; `status` pass, fail, not_applicable, not_checked
    (empty until done); `specifications` how many have each status; `came`, `went` against the earlier revision."""

    id: UUID
    document_title: str
    document_version: str
    document_sha256: str
    state: str
    percent: float
    status: str
    specifications: dict[str, int]
    failed_elements: int
    findings: int
    came: int | None
    went: int | None
    created_at: datetime
    finished_at: datetime | None


class RequirementOut(Schema):
    requirement: int
    text: str
    passed: int
    failed: int


class SpecificationOut(Schema):
    """A specification's result; `why` says why it was not checked or fails as a whole."""

    specification: int
    name: str
    status: str
    why: str
    applicable: int
    requirements: list[RequirementOut]


class FindingOut(Schema):
    """An element that fails a requirement; `index` is its index in the tiles, null for what is no element."""

    specification: int
    requirement: int
    global_id: str
    step_id: int
    ifc_class: str
    name: str
    index: int | None
    storey: str
    reason: str
    reason_text: str
    actual: str
    expected: str


class FindingsOut(Schema):
    """A page of findings, and the results that their positions point into."""

    count: int
    results: list[SpecificationOut]
    findings: list[FindingOut]


class FindingFilters(Schema):
    specification: int | None = None
    requirement: int | None = None
    ifc_class: str = ""
    limit: int = Field(100, ge=1, le=MOST_FINDINGS)
    offset: int = Field(0, ge=0)


def _out(check: Check) -> CheckOut:
    return CheckOut(
        id=check.pk, document_title=check.document.title, document_version=check.document.version,
        document_sha256=check.document.sha256, state=check.state, percent=check.progress, status=check.status,
        specifications=check.specification_counts, failed_elements=check.failed_elements,
        findings=check.findings_total, came=check.came, went=check.went, created_at=check.created_at,
        finished_at=check.finished_at,
    )  # fmt: skip


@router.get("/models/{revision_id}/checks", response=list[CheckOut], summary="Checks of a revision by IDS")
def checks(request: HttpRequest, revision_id: UUID) -> list[CheckOut]:
    revision = imported_revision(request.user, revision_id)
    return [_out(check) for check in visible_checks(request.user, revision)]


@router.get("/checks/{check_id}/findings", response=FindingsOut, summary="What a check found")
def findings(request: HttpRequest, check_id: UUID, filters: Query[FindingFilters]) -> FindingsOut:
    rows = Check.objects.visible_to(request.user).filter(state=Check.State.DONE).select_related("document")
    check = get_object_or_404(rows, id=check_id)
    found = findings_of(check)
    for name in ("specification", "requirement"):
        if (wanted := getattr(filters, name)) is not None:
            found = found.filter(**{name: wanted})
    if filters.ifc_class:
        found = found.filter(ifc_class=filters.ifc_class)
    page = found[filters.offset : filters.offset + filters.limit]
    return FindingsOut(count=found.count(), results=_results(check), findings=[_finding(check, row) for row in page])


def _results(check: Check) -> list[SpecificationOut]:
    return [
        SpecificationOut(
            specification=line.at, name=line.name, status=line.status, why=line.why, applicable=line.applicable,
            requirements=[
                RequirementOut(requirement=one.position, text=one.words, passed=one.passed, failed=one.failed)
                for one in line.lines
            ],
        )
        for line in specification_lines(check)
    ]  # fmt: skip


def _finding(check: Check, row: Finding) -> FindingOut:
    kind = check.results[row.specification]["requirements"][row.requirement]["kind"]
    return FindingOut(
        specification=row.specification, requirement=row.requirement, global_id=row.global_id, step_id=row.step_id,
        ifc_class=row.ifc_class, name=row.name, index=row.element_index, storey=row.storey_name, reason=row.reason,
        reason_text=reason_words(row.reason, row.actual, row.expected, kind), actual=row.actual,
        expected=row.expected,
    )  # fmt: skip
