"""A row of a draft: written in one form with the full tables; grades come from the server while one picks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from spatial.control_lists import queries
from spatial.control_lists.checking import entry_problems
from spatial.control_lists.factors import factor_codes
from spatial.control_lists.models import ListEntry, ListVersion
from spatial.control_lists.operations import ListForbidden, ListRefused, remove_entry, save_entry
from spatial.control_lists.rules import CHOICES, EntryData, SourceData, columns_of, entry_grades, grade
from spatial.risks.rules import required_levels
from spatial.rulebook.queries import edition_for
from webmap.access import visible_site

from .grading import pickers, result
from .reach import draft_of, entry_of
from .row_form import LEVELS, read_row, read_source
from .words import CHOICE_LABELS, COLUMN_LABELS, LEVEL_LABELS, MEASURE_LABELS, problem_lines


@require_http_methods(["GET", "POST"])
def new_row(request: HttpRequest, code: str, version_id: UUID) -> HttpResponse:
    """Show an empty row, or add the one that was written."""
    version = draft_of(request.user, code, version_id)
    if request.method == "POST":
        return _save(request, version, None)
    data = EntryData(code=queries.next_code(version), name="", sources=(SourceData(name="", step_no="1"),))
    return _page(request, version, None, data)


@require_http_methods(["GET", "POST"])
def row_page(request: HttpRequest, code: str, version_id: UUID, entry_id: UUID) -> HttpResponse:
    """Show a row to be written, or take what was written."""
    version = draft_of(request.user, code, version_id)
    entry = entry_of(version, entry_id)
    if request.method == "POST":
        return _save(request, version, entry)
    return _page(request, version, entry, queries.entry_data(entry))


@require_POST
def remove_row(request: HttpRequest, code: str, version_id: UUID, entry_id: UUID) -> HttpResponse:
    """Take a row out of the draft."""
    version = draft_of(request.user, code, version_id)
    entry = entry_of(version, entry_id)
    try:
        remove_entry(version=version, entry=entry, actor=request.user, now=timezone.now())
    except (ListRefused, ListForbidden) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(row)s was taken out of the draft.") % {"row": str(entry)})
    return redirect("control-list", code=code, version_id=version_id)


@require_GET
def grade_part(request: HttpRequest, code: str) -> HttpResponse:
    """Return the grades before and after controls of the scores in the query, with the picked cells of the table."""
    site = visible_site(request.user, code)
    tables = queries.tables_of(edition_for(site, on=timezone.now().date()))
    source = read_source(request.GET, request.GET.get("prefix", ""), tables) or SourceData(
        name="", method=request.GET.get(f"{request.GET.get('prefix', '')}method", "LEC")
    )
    return render(request, "pages/risk_grade.html", {"result": result(source, tables)})


def _save(request: HttpRequest, version: ListVersion, entry: ListEntry | None) -> HttpResponse:
    tables = queries.tables_of(version.rule_edition)
    data = read_row(request.POST, version.kind, tables, queries.entry_data(entry) if entry else None)
    revision = request.POST.get("revision", "")
    try:
        saved = save_entry(
            version=version, entry=entry, data=data, revision=int(revision) if revision.isdigit() else None,
            actor=request.user, now=timezone.now(),
        )  # fmt: skip
    except (ListRefused, ListForbidden) as error:
        lines = problem_lines(error.problems) if isinstance(error, ListRefused) else []
        return _page(request, version, entry, data, refused=[line.text for line in lines] or [str(error)], status=422)
    messages.success(request, _("%(row)s was saved.") % {"row": str(saved)})
    if request.POST.get("then") == "place":
        return redirect("control-list-place", code=version.site.code, version_id=version.pk, entry_id=saved.pk)
    if request.POST.get("then") == "stay":
        return redirect("control-list-row", code=version.site.code, version_id=version.pk, entry_id=saved.pk)
    return redirect("control-list", code=version.site.code, version_id=version.pk)


def _page(
    request: HttpRequest,
    version: ListVersion,
    entry: ListEntry | None,
    data: EntryData,
    *,
    refused: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    tables = queries.tables_of(version.rule_edition)
    before, after = entry_grades(grade(source, tables) for source in data.sources)
    context = {
        "site": version.site,
        "version": version,
        "entry": entry,
        "data": data,
        "before": before,
        "after": after,
        "refused": refused or [],
        "problems": problem_lines(entry_problems(data, tables)) if entry else [],
        "columns": [_column(name, data) for name in columns_of(version.kind)],
        "people": [(level, LEVEL_LABELS[level], _people_text(data, level)) for level in LEVELS],
        "levels": [(level, LEVEL_LABELS[level]) for level in LEVELS],
        "due": LEVEL_LABELS.get(required_levels(before, tables.levels)[0]) if before else "",
        "blocks": [_block(f"s{n}-", source, tables) for n, source in enumerate(data.sources or (SourceData(name=""),))],
        "empty": _block("s999-", SourceData(name=""), tables),
        "accidents": tables.levels["accident_types_GB6441"],
        "factors": factor_codes(),
        "judgements": [row for row in tables.judgements if row["id"] != "DJ-05"],
        "had_judgement": bool(entry and entry.risk_point and entry.risk_point.direct_major),
    }
    return render(request, "pages/control_list_row.html", context, status=status)


def _column(name: str, data: EntryData) -> dict[str, Any]:
    choices = [(value, CHOICE_LABELS[value]) for value in CHOICES.get(name, ())]
    kind = "date" if name in ("starts_on", "ends_on", "analysed_on") else "text"
    return {"name": name, "label": COLUMN_LABELS[name], "value": data.columns.get(name, ""), "choices": choices,
            "type": kind}  # fmt: skip


def _people_text(data: EntryData, level: str) -> str:
    return "\n".join(f"{p.full_name} {p.phone}".strip() for p in data.people if p.level == level)


def _block(prefix: str, source: SourceData, tables: Any) -> dict[str, Any]:
    measures = [(kind, label, "\n".join(source.measures.get(kind, ()))) for kind, label in MEASURE_LABELS.items()]
    return {
        "prefix": prefix,
        "source": source,
        "measures": measures,
        "pickers": pickers(source, tables),
        "result": result(source, tables),
    }
