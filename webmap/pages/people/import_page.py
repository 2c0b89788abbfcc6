"""`/sites/CODE/live/people/import/`: a workbook, what it would do with every fault by its cell, and then doing it."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from spatial.media import BlobMissing, drop_blob, open_blob, store_blob
from spatial.people.importing import ImportRefused, import_roster, may_keep, preview_roster
from spatial.people.models import Person, Team
from spatial.people.roster import MOST_BYTES, Fault, Roster, RosterRefused, read_roster, template_workbook

from .list_page import XLSX, people_site
from .words import SHEETS, fault_words

SALT = "people-import"
SHOWN = 200


class RosterForm(forms.Form):
    """The workbook."""

    file = forms.FileField(
        label=gettext_lazy("Excel workbook"), error_messages={"required": gettext_lazy("Choose a file.")}
    )


@require_http_methods(["GET", "POST"])
def import_page(request: HttpRequest, code: str) -> HttpResponse:
    """Take a workbook and preview it; with the preview's ticket, import it."""
    site = people_site(request.user, code)
    if not may_keep(request.user, site):
        raise Http404
    if request.method == "GET":
        return _page(request, site, RosterForm())
    if ticket := request.POST.get("ticket"):
        return _import(request, site, ticket)
    form = RosterForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, site, form, status=422)
    content = form.cleaned_data["file"].read(MOST_BYTES + 1)
    try:
        roster = _read(site, content)
    except RosterRefused as refused:
        form.add_error("file", _(refused.sentence) % refused.values)
        return _page(request, site, form, status=422)
    if roster.faults:
        return _page(request, site, form, preview=_faults(roster.faults, roster.count), status=422)
    outcome = preview_roster(site=site, roster=roster, actor=request.user, now=timezone.now())
    held = {"sha256": store_blob(io.BytesIO(content)), "user": str(request.user.pk), "site": site.code}
    preview = {"rows": _rows(outcome), "count": roster.count, "ticket": signing.dumps(held, salt=SALT)}
    return _page(request, site, form, preview=preview)


def _read(site: Any, content: bytes) -> Roster:
    badges = Person.objects.filter(site=site).exclude(badge="").values_list("badge", flat=True)
    return read_roster(
        content, known_badges=badges, known_teams=Team.objects.filter(site=site).values_list("name", flat=True)
    )


def _rows(outcome: Any) -> list[tuple[Any, int, int, int]]:
    return [(SHEETS[key], new, changed, same) for key, new, changed, same in outcome.as_rows() if new + changed + same]


def _faults(faults: list[Fault], count: int) -> dict[str, Any]:
    lines = [(fault.sheet, fault.row, fault.column, fault_words(fault)) for fault in faults[:SHOWN]]
    return {"faults": lines, "more": max(0, len(faults) - SHOWN), "count": count}


def _import(request: HttpRequest, site: Any, ticket: str) -> HttpResponse:
    try:
        held = signing.loads(ticket, salt=SALT, max_age=3600)
        if (held["user"], held["site"]) != (str(request.user.pk), site.code):
            raise signing.BadSignature
        with open_blob(held["sha256"]) as blob:
            roster = _read(site, blob.read())
    except (signing.BadSignature, BlobMissing, KeyError):
        return _page(request, site, RosterForm(), error=_("The preview is too old; choose the file again."), status=422)
    try:
        outcome = import_roster(site=site, roster=roster, actor=request.user, now=timezone.now())
    except ImportRefused as refused:
        return _page(request, site, RosterForm(), preview=_faults(refused.faults, roster.count), status=422)
    drop_blob(held["sha256"], besides=Person)
    counts = (sum(part.values()) for part in (outcome.new, outcome.changed, outcome.same))
    told = _("Imported: %(new)s new, %(changed)s changed, %(same)s the same.")
    messages.success(request, told % dict(zip(("new", "changed", "same"), counts, strict=True)))
    return redirect("people", code=site.code)


def _page(request: HttpRequest, site: Any, form: RosterForm, *, preview: dict[str, Any] | None = None, error: str = "",
          status: int = 200) -> HttpResponse:  # fmt: skip
    context = {"site": site, "form": form, "preview": preview, "error": error}
    return render(request, "pages/people_import.html", context, status=status)


@require_GET
def template_file(request: HttpRequest, code: str) -> HttpResponse:
    """Send the Excel template."""
    people_site(request.user, code)
    response = HttpResponse(template_workbook(), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="people-template.xlsx"'
    return response
