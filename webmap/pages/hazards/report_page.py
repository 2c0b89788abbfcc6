"""`/sites/<code>/hazards/new/`: report a hazard from a phone, and the page that says it has arrived."""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from spatial.hazards import queries
from spatial.hazards.models import Hazard
from spatial.hazards.operations import report_hazard
from spatial.patrols.operations import note_reported
from spatial.places.models import Site
from spatial.scope import uuid7

from .place_words import describe_place, element_of
from .refusals import REFUSALS, refusal_field, refusal_sentence
from .report_form import ReportForm, finding_of, placed_height


@never_cache
@require_http_methods(["GET", "POST"])
def new_hazard(request: HttpRequest, code: str) -> HttpResponse:
    """Show the form, or take a report. The same client event id sent again leads to the same ticket."""
    site = get_object_or_404(Site.objects.visible_to(request.user).select_related("organisation"), code=code)
    if request.method == "GET":
        return _page(request, site, ReportForm(site=site, initial=_initial(request, site)))
    form = ReportForm(request.POST, request.FILES, site=site)
    if not form.is_valid():
        return _page(request, site, form, status=422)
    try:
        hazard = submit_report(form, actor=request.user)
    except REFUSALS as error:
        form.add_error(refusal_field(error, form), refusal_sentence(error))
        return _page(request, site, form, status=422)
    return redirect("hazard-reported", hazard_id=hazard.id)


@transaction.atomic
def submit_report(form: ReportForm, *, actor: Any) -> Hazard:
    """This function will report the hazard of a valid form. Raises what the operation refuses with."""
    now = timezone.now()
    data = form.cleaned_data
    hazard = report_hazard(
        risk_point=form.finding.risk_point if form.finding else None,
        site=form.site,
        anchor_at=form.place(),
        description=data["description"],
        category=data["category"],
        photos=data["photos"],
        found_at=form.found_at_or(now),
        actor=actor,
        now=now,
        client_event_id=data["client_event_id"],
    )
    if form.finding is not None:
        note_reported(patrol=form.finding, hazard=hazard, actor=actor, now=now)
    return hazard


@require_GET
def hazard_reported(request: HttpRequest, hazard_id: UUID) -> HttpResponse:
    """Say that the report has arrived, under which number, and what happens next."""
    hazard = get_object_or_404(queries.visible(request.user), id=hazard_id)
    return render(request, "pages/hazard_reported.html", {"hazard": hazard, "site": hazard.site})


@require_GET
def place_words(request: HttpRequest, code: str) -> HttpResponse:
    """Tell (as a part of a page) which zone, storey and element a place on the plan belongs to."""
    site = get_object_or_404(Site.objects.visible_to(request.user), code=code)
    form = ReportForm(site=site, initial={name: value for name, value in request.GET.items() if value})
    return render(request, "pages/hazard_place.html", {"place": _chosen_place(site, form)})


def _initial(request: HttpRequest, site: Site) -> dict[str, Any]:
    """Return what the address already says: a place, and the element of a model that was clicked."""
    initial: dict[str, Any] = {"client_event_id": str(uuid7()), "found_at": timezone.now().isoformat()}
    for name, parameter in (("lon", "lon"), ("lat", "lat"), ("height_m", "h")):
        if (value := _number(request.GET.get(parameter))) is not None:
            initial[name] = value
    if finding := finding_of(site, request.GET.get("patrol")):
        initial |= {"patrol": finding.pk, "description": finding.note}
    model_id, global_id = _uuid(request.GET.get("model")), request.GET.get("element", "")[:22]
    element = element_of(site, model_id, global_id)
    if element:
        initial |= {"model_id": model_id, "element_global_id": element.global_id}
        if "lon" not in initial and element.footprint:
            middle = element.footprint.point_on_surface
            initial |= {"lon": middle.x, "lat": middle.y, "height_m": element.box_max_z_m}
    return initial


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _page(request: HttpRequest, site: Site, form: ReportForm, status: int = 200) -> HttpResponse:
    return render(
        request,
        "pages/hazard_new.html",
        {"site": site, "form": form, "place": _chosen_place(site, form)},
        status=status,
    )


def _chosen_place(site: Site, form: ReportForm) -> Any:
    """Return the description of the place that the form already holds, or None."""
    try:
        values = {name: form.fields[name].clean(form[name].value()) for name in ("lon", "lat", "height_m")}
        storey = form.fields["storey"].clean(form["storey"].value())
        model_id = form.fields["model_id"].clean(form["model_id"].value())
    except ValidationError:
        return None
    return describe_place(
        site,
        lon=values["lon"],
        lat=values["lat"],
        height_m=placed_height(site, storey, values["height_m"]),
        storey=storey,
        model_id=model_id,
        element_global_id=form["element_global_id"].value() or "",
        now=timezone.now(),
    )
