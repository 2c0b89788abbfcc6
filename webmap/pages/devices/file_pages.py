"""`/sites/<code>/live/devices/import/` and the files: devices from Excel, previewed, imported whole, and back."""

from __future__ import annotations

import io
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from ingest.device_files.columns import FIELDS
from ingest.device_files.operations import ImportRefused, Outcome, import_devices, preview_devices
from ingest.device_files.reading import MAX_BYTES, DeviceFile, FileRefused, Problem, read_file
from ingest.device_files.writing import devices_workbook, template_workbook
from spatial.devices.models import Calibration, Device, Paper
from spatial.devices.rules import DeviceRefused
from spatial.media import BlobMissing, drop_blob, open_blob, store_blob
from spatial.privacy.queries import may_see_names
from webmap.access import visible_site
from webmap.live.naming import as_shown
from webmap.wording.reader import reads_chinese

from .refusal_sentences import refusal_words
from .rights import keeper_site

SALT, GOOD_FOR_S = "device-import", 3600
SHOWN_PROBLEMS, SHOWN_ROWS = 200, 50
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@never_cache
@require_http_methods(["GET", "POST"])
def import_page(request: HttpRequest, code: str) -> HttpResponse:
    """Take a file and preview it; with the preview's ticket, import it and show the new passwords once."""
    site = keeper_site(request, code)
    if request.method == "GET":
        return _page(request, site)
    if ticket := request.POST.get("ticket"):
        return _import(request, site, ticket)
    upload = request.FILES.get("file")
    if upload is None:
        return _page(request, site, error=_("Choose a file."), status=422)
    content = upload.read(MAX_BYTES + 1)
    try:
        file = read_file(content)
    except FileRefused as refused:
        return _page(request, site, error=f"{upload.name} {_sentence(refused.problem)}", status=422)
    outcome, problems = preview_devices(site=site, rows=file.rows, actor=request.user, now=timezone.now())
    problems = sorted([*file.problems, *problems], key=lambda problem: problem.row)
    held = ""
    if not problems:
        sha256 = store_blob(io.BytesIO(content))
        held = signing.dumps({"sha256": sha256, "site": site.code, "user": str(request.user.pk)}, salt=SALT)
    preview = _preview(file, outcome, problems) | {"file_name": upload.name, "ticket": held}
    return _page(request, site, preview=preview, status=422 if problems else 200)


def _preview(file: DeviceFile, outcome: Outcome, problems: list[Problem]) -> dict[str, Any]:
    state = dict.fromkeys(outcome.passwords, _("new")) | dict.fromkeys(outcome.changed, _("changed"))
    kinds = dict(Device.Kind.choices)
    return {
        "count": file.count,
        "new": len(outcome.passwords),
        "changed": len(outcome.changed),
        "same": len(outcome.same),
        "bad_rows": len({problem.row for problem in problems}),
        "problems": [
            {"row": problem.row, "column": _column(problem.column), "words": _sentence(problem)}
            for problem in problems[:SHOWN_PROBLEMS]
        ],
        "more": max(0, len(problems) - SHOWN_PROBLEMS),
        "rows": [
            {"row": row, "kind": kinds[row.kind], "state": state.get(row.code, _("the same"))}
            for row in file.rows[:SHOWN_ROWS]
        ],
    }


def _column(name: str) -> str:
    column = FIELDS.get(name)
    return (column.zh if reads_chinese() else column.en) if column else name


def _sentence(problem: Problem) -> str:
    """Return what is wrong, in the reader's language."""
    if set(problem.values) == {"why"} and problem.sentence == "%(why)s":
        why = str(problem.values["why"])
        told = refusal_words(DeviceRefused(why))
        return (
            told
            if told != why
            else refusal_words(DeviceRefused(f"{problem.column}: {why}")).removeprefix(f"{problem.column}: ")
        )
    return _(problem.sentence) % dict(problem.values)


def _import(request: HttpRequest, site: Any, ticket: str) -> HttpResponse:
    try:
        held = signing.loads(ticket, salt=SALT, max_age=GOOD_FOR_S)
        if held["user"] != str(request.user.pk) or held["site"] != site.code:
            raise signing.BadSignature
        with open_blob(held["sha256"]) as blob:
            content = blob.read()
    except (signing.BadSignature, BlobMissing):
        return _page(request, site, error=_("The preview is too old; choose the file again."), status=422)
    file = read_file(content)
    try:
        outcome = import_devices(site=site, rows=file.rows, actor=request.user, now=timezone.now())
    except ImportRefused as refused:
        preview = _preview(file, Outcome(), refused.problems)
        return _page(request, site, preview=preview, status=422)
    drop_blob(held["sha256"], besides=Device)
    return _page(request, site, outcome=outcome)


def _page(request: HttpRequest, site: Any, *, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, "pages/devices/import.html", {"site": site, **context}, status=status)


@require_GET
def template_file(request: HttpRequest, code: str) -> HttpResponse:
    """Send the template."""
    keeper_site(request, code)
    return _excel(template_workbook(), "devices-template.xlsx")


@require_GET
def export_file(request: HttpRequest, code: str) -> HttpResponse:
    """Send the devices of the site in use in the columns of the template."""
    site = visible_site(request.user, code)
    rows = Device.objects.filter(site=site, active=True).select_related("anchor", "person").prefetch_related("add_ons")
    devices = as_shown(rows.order_by("code"), named=may_see_names(request.user, site))
    papers = {row.device_id: row for row in Paper.objects.filter(site=site, withdrawn_at=None).order_by("expires_on")}
    calibrations = {
        row.device_id: row for row in Calibration.objects.filter(site=site, withdrawn_at=None).order_by("done_on")
    }
    return _excel(devices_workbook(devices, papers, calibrations), f"devices-{site.code}.xlsx")


def _excel(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=EXCEL)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
