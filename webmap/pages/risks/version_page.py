"""`/sites/CODE/risks/lists/ID/`: one version: its rows, what it lacks, its review, and the steps one may take."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from spatial.control_lists import operations, queries, release
from spatial.control_lists.checking import refusals
from spatial.control_lists.differences import counts
from spatial.control_lists.models import ListVersion, Remark
from spatial.control_lists.operations import ListForbidden, ListRefused
from spatial.control_lists.roles import COMPILES, DEPARTMENT, HEAD, REMARKS, may
from spatial.control_lists.rules import Problem, gettext_noop, lead_level

from .reach import visible_version
from .words import CHANGE_LABELS, LEVEL_LABELS, MEASURE_LABELS, problem_lines

PAGE_LENGTH = 100
State = ListVersion.State


@require_GET
def version_page(request: HttpRequest, code: str, version_id: UUID) -> HttpResponse:
    """Show a version."""
    version = visible_version(request.user, code, version_id)
    return render(request, "pages/control_list.html", _context(request, version))


def _context(request: HttpRequest, version: ListVersion) -> dict[str, Any]:
    site, user = version.site, request.user
    tables = queries.tables_of(version.rule_edition)
    under_way = version.state in (State.DRAFT, State.DEPARTMENT, State.HEAD)
    problems = problem_lines(queries.problems_of(version, tables)) if under_way else []
    page = Paginator(queries.rows(version), PAGE_LENGTH).get_page(request.GET.get("page"))
    by_row: dict[str, int] = {}
    for line in problems:
        by_row[line.row] = by_row.get(line.row, 0) + line.refuses
    latest = release.latest_reassessment(site, tables, timezone.now())
    return {
        "site": site,
        "version": version,
        "page": page,
        "lines": [
            {
                "entry": entry,
                "level": LEVEL_LABELS.get(
                    lead_level(entry.grade_before, entry.lead_level, tables.levels)
                    if entry.grade_before
                    else entry.lead_level
                ),
                "faults": by_row.get(entry.code, 0),
                "sources": entry.sources.all(),
            }
            for entry in page
        ],
        "problems": problems[:200],
        "refused": sum(line.refuses for line in problems),
        "warned": sum(not line.refuses for line in problems),
        "changed": [
            (CHANGE_LABELS[name], number)
            for name, number in counts(queries.changes_of(version, tables)).items()
            if number
        ]
        if under_way
        else [],
        "unlisted": queries.unlisted_points(site, version.kind, version).count() if under_way else 0,
        "steps": version.steps.select_related("actor"),
        "remarks": version.remarks.select_related("author", "settled_by"),
        "may_write": version.state == State.DRAFT and may(user, site, COMPILES),
        "may_withdraw": version.state == State.DEPARTMENT and may(user, site, COMPILES),
        "may_review": version.state == State.DEPARTMENT and may(user, site, DEPARTMENT),
        "may_publish": version.state == State.HEAD and may(user, site, HEAD),
        "may_remark": under_way and may(user, site, REMARKS),
        "may_settle": under_way and may(user, site, COMPILES),
        "latest_due": latest.isoformat(),
    }


@require_POST
def act(request: HttpRequest, code: str, version_id: UUID) -> HttpResponse:
    """Take one step with a version; what stops it is shown on its page, and nothing has changed then."""
    version = visible_version(request.user, code, version_id)
    verb = request.POST.get("verb", "")
    try:
        said = _act(request, version, verb)
    except ListForbidden as error:
        messages.error(request, str(error))
    except ListRefused as error:
        lines = problem_lines(refusals(error.problems))
        for line in lines[:8]:
            messages.error(request, f"{line.row}: {line.text}" if line.row else line.text)
        if len(lines) > 8:
            messages.error(request, _("… and %(number)s more; all are listed below.") % {"number": len(lines) - 8})
    else:
        messages.success(request, said)
    return redirect("control-list", code=code, version_id=version_id)


def _act(request: HttpRequest, version: ListVersion, verb: str) -> str:
    note = request.POST.get("note", "")
    common: dict[str, Any] = {"actor": request.user, "now": timezone.now()}
    if verb == "submit":
        release.submit(version=version, note=note, **common)
        return _("Submitted to the company's safety department.")
    if verb == "withdraw":
        release.withdraw(version=version, note=note, **common)
        return _("Taken back into draft.")
    if verb == "pass":
        release.pass_department(version=version, note=note, **common)
        return _("Passed on to the company head.")
    if verb == "return":
        release.return_to_project(version=version, note=note, **common)
        return _("Returned to the project with your reasons.")
    if verb == "publish":
        return _publish(request, version, note, common)
    if verb == "drop":
        operations.drop_draft(version=version, reason=note, **common)
        return _("The draft was given up; its rows stay in the archive.")
    if verb == "take":
        number = operations.take_unlisted(version=version, **common)
        return _("%(number)s risk points were taken into the draft.") % {"number": number}
    if verb == "remark":
        operations.remark(version=version, text=note, row=request.POST.get("row", "").strip(), **common)
        return _("Your remark was noted.")
    if verb == "settle":
        remark = get_object_or_404(Remark, version=version, pk=_uuid(request.POST.get("remark", "")))
        operations.settle_remark(remark=remark, answer=note, **common)
        return _("The answer was noted.")
    raise ListRefused([])


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404("There is no such remark.") from error


def parse_date(text: str) -> date | None:
    """Return a day written as 2027-11-27, or None where nothing was written. Raises ListRefused."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        sentence = gettext_noop("Write the day as 2027-11-27.")
        raise ListRefused([Problem("", "reassess_due", sentence)]) from error


def _publish(request: HttpRequest, version: ListVersion, note: str, common: dict[str, Any]) -> str:
    user: Any = request.user
    if not user.check_password(request.POST.get("password", "")):
        raise ListForbidden(_("The password is not right: you sign the list with your password."))
    due = parse_date(request.POST.get("reassess_due", ""))
    release.publish(version=version, note=note, reassess_due=due, **common)
    return _("Signed and published: the list is in force, and the map shows its colours.")


@require_GET
def changes_page(request: HttpRequest, code: str, version_id: UUID) -> HttpResponse:
    """Show what changed in a version against the one before, or against any other of the same list."""
    version = visible_version(request.user, code, version_id)
    others = queries.visible(request.user).filter(site=version.site, kind=version.kind).exclude(pk=version.pk)
    others = others.order_by("-number")
    against = others.filter(number=request.GET["against"]).first() if request.GET.get("against", "").isdigit() else None
    tables = queries.tables_of(version.rule_edition)
    changes = queries.changes_of(version, tables, against)
    context = {
        "site": version.site,
        "version": version,
        "others": others,
        "against": against or version.based_on,
        "changes": [_change(change) for change in changes],
        "counts": [(CHANGE_LABELS[name], number) for name, number in counts(changes).items() if number],
    }
    return render(request, "pages/control_list_changes.html", context)


def _change(change: Any) -> dict[str, Any]:
    def words(measures: Any) -> list[str]:
        return [f"{MEASURE_LABELS.get(kind, kind)}: {text}" for kind, text in measures]

    return {
        "change": change,
        "what": [CHANGE_LABELS[name] for name in change.what],
        "added": words(change.measures_added),
        "removed": words(change.measures_removed),
    }
