"""`/sites/<code>/models/<revision>/checks/<check>/`: how far a check is, then its results and findings."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bim.exchange.bcf.writing import VERSIONS
from bim.exchange.ids.models import Check, Finding
from bim.exchange.ids.operations import cancel_check, may_check
from bim.exchange.ids.queries import (
    finding_classes,
    finding_storeys,
    findings_of,
    gone_since,
    marked_new,
    only_new,
    visible_checks,
)
from bim.exchange.ids.words import reason_words
from bim.models import Revision
from spatial.places.models import Site
from webmap.access import imported_on_site
from webmap.pages.imports.reason_words import reason_words as model_words

from .looks import LOOKS, STAGES, SpecificationLine, look_of, problem_of, specification_lines

PER_PAGE: Final = 50
FILTERS: Final = ("specification", "requirement", "ifc_class", "storey", "which")


def check_of(request: HttpRequest, code: str, revision_id: UUID, check_id: UUID) -> tuple[Site, Revision, Check]:
    """Return the check and where it belongs. Raises Http404 for what the user may not see."""
    site, revision = imported_on_site(request.user, code, revision_id)
    return site, revision, get_object_or_404(visible_checks(request.user, revision), id=check_id)


@never_cache
@require_GET
def check_page(request: HttpRequest, code: str, revision_id: UUID, check_id: UUID) -> HttpResponse:
    """Show a check; with the header `X-Part: check` only the changing part."""
    site, revision, check = check_of(request, code, revision_id, check_id)
    context: dict[str, Any] = {
        "site": site,
        "revision": revision,
        "check": check,
        "look": look_of(check),
        "may_check": may_check(request.user, site),
        "stage": STAGES.get(check.stage, ""),
        "problem": problem_of(check, model_words) if check.problem else "",
    }
    if check.is_done:
        context |= _results(request, check)
    part = request.headers.get("X-Part") == "check"
    return render(request, "pages/check_part.html" if part else "pages/check.html", context)


def _results(request: HttpRequest, check: Check) -> dict[str, Any]:
    specifications = specification_lines(check)
    asked = {name: request.GET.get(name, "") for name in FILTERS}
    of_requirement = by_requirement(_which(check, asked["which"]), asked)
    rows = by_place(of_requirement, asked)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "specifications": specifications,
        "tallies": [(LOOKS[status], check.specification_counts.get(status, 0)) for status in LOOKS],
        "versions": VERSIONS,
        "asked": asked,
        "rest": urlencode({name: value for name, value in asked.items() if value}),
        "filtered": any(asked.values()),
        "chosen": _chosen(specifications, asked),
        "classes": finding_classes(of_requirement),
        "storeys": [
            ("none" if index is None else str(index), name, count)
            for index, name, count in finding_storeys(of_requirement)
        ],
        "page": page,
        "lines": [_line(row, check, specifications) for row in page],
    }


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 7 else None


def _which(check: Check, which: str) -> QuerySet[Finding]:
    """Return all findings, those that are new, or those that are gone."""
    if which == "gone":
        return gone_since(check)
    rows = findings_of(check)
    return marked_new(only_new(rows, check.previous) if which == "new" else rows, check.previous)


def by_requirement(rows: QuerySet[Finding], asked: dict[str, str]) -> QuerySet[Finding]:
    """Return the findings of the asked specification and requirement."""
    for name in ("specification", "requirement"):
        if (number := _number(asked.get(name, ""))) is not None:
            rows = rows.filter(**{name: number})
    return rows


def by_place(rows: QuerySet[Finding], asked: dict[str, str]) -> QuerySet[Finding]:
    """Return the findings of the asked class and storey ("none": on no storey)."""
    if asked.get("ifc_class"):
        rows = rows.filter(ifc_class=asked["ifc_class"])
    if asked.get("storey") == "none":
        rows = rows.filter(storey_index=None)
    elif (number := _number(asked.get("storey", ""))) is not None:
        rows = rows.filter(storey_index=number)
    return rows


def _chosen(specifications: list[SpecificationLine], asked: dict[str, str]) -> tuple[SpecificationLine, str] | None:
    """Return the specification that the list is narrowed to and the sentence of its requirement ("" for all)."""
    at, position = _number(asked["specification"]), _number(asked["requirement"])
    if at is None or at >= len(specifications):
        return None
    lines = specifications[at].lines
    return specifications[at], lines[position].words if position is not None and position < len(lines) else ""


def _line(row: Finding, check: Check, specifications: list[SpecificationLine]) -> dict[str, Any]:
    specification = specifications[row.specification]
    kind = check.results[row.specification]["requirements"][row.requirement]["kind"]
    return {
        "row": row,
        "number": specification.number,
        "words": specification.lines[row.requirement].words,
        "reason": reason_words(row.reason, row.actual, row.expected, kind),
    }


@require_POST
def cancel(request: HttpRequest, code: str, revision_id: UUID, check_id: UUID) -> HttpResponse:
    """Stop a check that waits or runs."""
    site, revision, check = check_of(request, code, revision_id, check_id)
    if may_check(request.user, site):
        cancel_check(check=check, actor=request.user, now=timezone.now())
    return redirect("check", code=site.code, revision_id=revision.id, check_id=check.id)
