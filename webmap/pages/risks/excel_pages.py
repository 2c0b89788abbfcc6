"""A list as Excel: the official forms to print, and a filled one read in after a look at what it says."""

from __future__ import annotations

import hashlib
import io
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from spatial.control_lists import queries
from spatial.control_lists.differences import counts, differences
from spatial.control_lists.models import ListVersion
from spatial.control_lists.operations import ListForbidden, ListRefused, replace_entries
from spatial.control_lists.sheets.faults import CellFault
from spatial.control_lists.sheets.reading import ListRead, read_list
from spatial.control_lists.sheets.writing import Heading, write_list
from spatial.media import open_blob, store_blob
from webmap.wording.reader import data_language

from .reach import draft_of, visible_version
from .words import CHANGE_LABELS, problem_lines

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SALT = "control-list-import"


def workbook(data: bytes, name: str) -> HttpResponse:
    """Return a workbook as a download."""
    answer = HttpResponse(data, content_type=EXCEL)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


def heading_of(version: ListVersion) -> Heading:
    """Return what stands over the forms of a version: who made, reviewed and approved it, and when."""
    actors = {step.verb: str(step.actor) for step in version.steps.select_related("actor")}
    return Heading(
        kind=version.kind,
        site=version.site.name,
        version=f"v{version.number}",
        made_by=str(version.made_by or ""),
        reviewed_by=actors.get("pass", ""),
        approved_by=actors.get("publish", ""),
        published_on=version.published_at.date().isoformat() if version.published_at else "",
        reassess_due=version.reassess_due.isoformat() if version.reassess_due else "",
    )


@require_GET
def download(request: HttpRequest, code: str, version_id: UUID) -> HttpResponse:
    """Send the three official forms of a version in one workbook, in the language of the page."""
    version = visible_version(request.user, code, version_id)
    language = data_language()
    tables = queries.tables_of(version.rule_edition)
    data = write_list(queries.entries_data(version), heading_of(version), tables, language)
    return workbook(data, f"{code}-{version.kind}-v{version.number}.xlsx")


@require_http_methods(["GET", "POST"])
def import_page(request: HttpRequest, code: str, version_id: UUID) -> HttpResponse:
    """Take a workbook: first show what it says and every fault in it, then, when agreed to, replace the rows."""
    version = draft_of(request.user, code, version_id)
    context: dict[str, Any] = {"site": version.site, "version": version}
    if request.method == "GET":
        return render(request, "pages/control_list_import.html", context)
    token = request.POST.get("token")
    file = request.FILES.get("file")
    if token:
        return _take(request, version, token)
    if file is None:
        context["error"] = _("Choose an Excel workbook (.xlsx).")
        return render(request, "pages/control_list_import.html", context, status=422)
    data = file.read(10_000_001)
    read = read_list(data, version.kind, queries.tables_of(version.rule_edition))
    context |= _preview(version, read)
    if not read.refused:
        facts = {"sha256": store_blob(io.BytesIO(data)), "version": str(version.pk), "name": str(file.name)[:120]}
        context["token"] = signing.dumps(facts, salt=SALT)
    return render(request, "pages/control_list_import.html", context, status=422 if read.refused else 200)


def _preview(version: ListVersion, read: ListRead) -> dict[str, Any]:
    tables = queries.tables_of(version.rule_edition)
    changes = differences(queries.entries_data(version), list(read.entries), tables)
    return {
        "read": read,
        "faults": [_fault(fault) for fault in read.faults][:300],
        "changes": [(change, [CHANGE_LABELS[name] for name in change.what]) for change in changes][:300],
        "counts": [(CHANGE_LABELS[name], number) for name, number in counts(changes).items() if number],
    }


def _fault(fault: CellFault) -> dict[str, Any]:
    return {"fault": fault, "text": gettext(fault.sentence) % fault.values, "refuses": fault.severity == "refuse"}


def _take(request: HttpRequest, version: ListVersion, token: str) -> HttpResponse:
    """Read the workbook that was looked at once more, by its hash, and replace the rows of the draft."""
    try:
        facts = signing.loads(token, salt=SALT, max_age=3600)
    except signing.BadSignature:
        messages.error(request, _("The preview is too old: choose the file again."))
        return redirect("control-list-import", code=version.site.code, version_id=version.pk)
    with open_blob(facts["sha256"]) as stored:
        data = stored.read()
    read = read_list(data, version.kind, queries.tables_of(version.rule_edition))
    if facts["version"] != str(version.pk) or read.refused or hashlib.sha256(data).hexdigest() != facts["sha256"]:
        messages.error(request, _("The preview is too old: choose the file again."))
        return redirect("control-list-import", code=version.site.code, version_id=version.pk)
    try:
        replace_entries(
            version=version, data=read.entries, source={"file": facts["name"], "sha256": facts["sha256"]},
            actor=request.user, now=timezone.now(),
        )  # fmt: skip
    except (ListRefused, ListForbidden) as error:
        lines = problem_lines(error.problems) if isinstance(error, ListRefused) else []
        for text in [f"{line.row}: {line.text}" for line in lines[:8]] or [str(error)]:
            messages.error(request, text)
        return redirect("control-list-import", code=version.site.code, version_id=version.pk)
    number = len(read.entries)
    messages.success(request, ngettext("%(number)s row was read in.", "%(number)s rows were read in.", number)
                     % {"number": number})  # fmt: skip
    return redirect("control-list", code=version.site.code, version_id=version.pk)
