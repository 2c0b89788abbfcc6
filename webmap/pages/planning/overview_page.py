"""`/sites/<code>/risks/planning/`: every document with its standing, the group, trainings, and what is missing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from spatial.people.queries import roles_on
from spatial.places.models import Site
from spatial.planning.models import GroupMember
from spatial.planning.operations import day_on_site, end_seat, note_training, seat_member
from spatial.planning.queries import DocumentLine, may_edit, overview
from spatial.planning.templates import template_set
from webmap.access import visible_site

from .forms import SeatForm, TrainingForm
from .refusal_words import REFUSALS, refusal_sentence, refusal_status
from .words import change_line, finding_line, kind_title, points_line


@require_GET
def overview_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show a site's planning."""
    return _page(request, visible_site(request.user, code))


@require_POST
def add_seat(request: HttpRequest, code: str) -> HttpResponse:
    """Give somebody a duty in the leading group."""
    site = visible_site(request.user, code)
    form = SeatForm(site, request.POST)
    if not form.is_valid():
        return _page(request, site, seat_form=form, status=422)
    now = timezone.now()
    try:
        seat_member(site=site, **form.cleaned_data, since=day_on_site(site, now), actor=request.user, now=now)
    except REFUSALS as error:
        form.add_error(None, refusal_sentence(error))
        return _page(request, site, seat_form=form, status=refusal_status(error))
    return redirect("planning", code=site.code)


@require_POST
def remove_seat(request: HttpRequest, code: str, seat_id: UUID) -> HttpResponse:
    """End a seat in the leading group."""
    site = visible_site(request.user, code)
    seat = get_object_or_404(GroupMember, pk=seat_id, site=site)
    try:
        end_seat(seat=seat, actor=request.user, now=timezone.now())
    except REFUSALS as error:
        return _page(request, site, error=refusal_sentence(error), status=refusal_status(error))
    return redirect("planning", code=site.code)


@require_POST
def add_training(request: HttpRequest, code: str) -> HttpResponse:
    """Note a training that was held."""
    site = visible_site(request.user, code)
    form = TrainingForm(request.POST)
    if not form.is_valid():
        return _page(request, site, training_form=form, status=422)
    try:
        note_training(site=site, **form.cleaned_data, actor=request.user, now=timezone.now())
    except REFUSALS as error:
        form.add_error(None, refusal_sentence(error))
        return _page(request, site, training_form=form, status=refusal_status(error))
    return redirect("planning", code=site.code)


def _page(
    request: HttpRequest,
    site: Site,
    *,
    seat_form: SeatForm | None = None,
    training_form: TrainingForm | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    found = overview(site, on=day_on_site(site, timezone.now()))
    lines = [finding_line(row, site.code) for row in found.findings]
    context = {
        "site": site,
        "overview": found,
        "documents": [_document(line) for line in found.documents],
        "seats": [(seat, roles_on(seat.user, site)) for seat in found.seats],
        "findings": lines,
        "missing_count": sum(line.missing for line in lines),
        "points": [points_line(row) for row in found.points],
        "templates": template_set(),
        "may_edit": may_edit(request.user, site),
        "seat_form": seat_form or SeatForm(site),
        "training_form": training_form or TrainingForm(),
        "error": error,
    }
    return render(request, "pages/planning.html", context, status=status)


def _document(line: DocumentLine) -> dict[str, Any]:
    template = template_set().documents[line.kind]
    return {
        "kind": line.kind,
        "number": template.number,
        "title": kind_title(line.kind),
        "item": template.item,
        "issued": line.issued,
        "pending": line.pending,
        "changes": [change_line(change) for change in line.standing.changes],
    }
