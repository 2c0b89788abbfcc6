"""`/region/public-risks/import/`: a file, what it would do with every problem by row, and then doing it."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from ingest.public_risks.reading import MAX_BYTES, FileRefused, Reading, read_file
from ingest.public_risks.template_file import template_workbook
from spatial.media import BlobMissing, drop_blob, open_blob, store_blob
from spatial.public_risks.models import PublicRisk
from spatial.public_risks.operations import PublicRiskRefused, import_public_risks, outside, preview_import
from spatial.public_risks.queries import regulated_regions
from spatial.public_risks.rules import Problem

from .forms import ImportForm
from .gate import check_regulator
from .words import field_word, problem_sentence

SALT = "public-risk-import"
SHOWN_PROBLEMS = 200
SHOWN_ROWS = 50


@require_http_methods(["GET", "POST"])
def import_page(request: HttpRequest) -> HttpResponse:
    """Take a file and preview it; with the preview's ticket, import it."""
    check_regulator(request.user)
    if request.method == "GET":
        return _page(request, ImportForm())
    if ticket := request.POST.get("ticket"):
        return _import(request, ticket)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    upload = form.cleaned_data["file"]
    content = upload.read(MAX_BYTES + 1)
    try:
        reading = _read(request, content, form.cleaned_data["crs"])
    except FileRefused as error:
        form.add_error("file", problem_sentence(error.problem))
        return _page(request, form, status=422)
    outcome, problems = preview_import(reading.rows, actor=request.user, now=timezone.now())
    problems = sorted([*reading.problems, *problems], key=lambda item: item[0])
    held = {"sha256": store_blob(io.BytesIO(content)), "crs": form.cleaned_data["crs"], "user": str(request.user.pk)}
    preview = {
        "file_name": upload.name,
        "count": reading.count,
        "outcome": outcome,
        "problems": _lines(problems[:SHOWN_PROBLEMS]),
        "more": max(0, len(problems) - SHOWN_PROBLEMS),
        "bad_rows": len({row for row, _problem in problems}),
        "rows": reading.rows[:SHOWN_ROWS],
        "outside": [row for row in reading.rows if outside(row.region, row.geometry)],
        "ticket": "" if problems else signing.dumps(held, salt=SALT),
    }
    if problems:
        drop_blob(held["sha256"], besides=PublicRisk)
    return _page(request, form, preview=preview, status=422 if problems else 200)


def _read(request: HttpRequest, content: bytes, declared: str) -> Reading:
    return read_file(content, declared_crs=declared, regions=regulated_regions(request.user))


def _lines(problems: list[tuple[int, Problem]]) -> list[dict[str, Any]]:
    return [
        {"row": row, "field": field_word(problem.field), "words": problem_sentence(problem)}
        for row, problem in problems
    ]


def _import(request: HttpRequest, ticket: str) -> HttpResponse:
    form = ImportForm()
    try:
        held = signing.loads(ticket, salt=SALT, max_age=3600)
        if held["user"] != str(request.user.pk):
            raise signing.BadSignature
        with open_blob(held["sha256"]) as blob:
            content = blob.read()
    except (signing.BadSignature, BlobMissing):
        return _page(request, form, error=_("The preview is too old; choose the file again."), status=422)
    reading = _read(request, content, held["crs"])
    try:
        if reading.problems:
            raise PublicRiskRefused(reading.problems)
        outcome = import_public_risks(rows=reading.rows, actor=request.user, now=timezone.now())
    except PublicRiskRefused as error:
        preview = {"problems": _lines(error.problems[:SHOWN_PROBLEMS]), "count": reading.count}
        return _page(request, form, preview=preview, status=422)
    drop_blob(held["sha256"], besides=PublicRisk)
    told = _("Imported: %(new)s new, %(changed)s changed, %(same)s the same.")
    messages.success(request, told % {"new": outcome.new, "changed": outcome.changed, "same": outcome.same})
    return redirect("public-risks")


def _page(
    request: HttpRequest,
    form: ImportForm,
    *,
    preview: dict[str, Any] | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "preview": preview, "error": error}
    return render(request, "pages/public_risks_import.html", context, status=status)


@require_GET
def template_file(request: HttpRequest) -> HttpResponse:
    """Send the Excel template, with a town of the user's in its example row."""
    check_regulator(request.user)
    town = regulated_regions(request.user).last()
    content = template_workbook(town.name if town else "")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = 'attachment; filename="public-risk-points.xlsx"'
    return response
