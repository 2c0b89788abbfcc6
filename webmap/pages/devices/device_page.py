"""`/sites/<code>/live/devices/<id>/`: everything about one device, and what can be done with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from spatial.devices import operations
from spatial.devices.kinds import capabilities_of
from spatial.devices.models import Calibration, Device
from spatial.devices.queries import expiring, may_keep, refusals
from spatial.devices.rules import DeviceRefused
from spatial.ledger.models import Act
from spatial.places.models import Site
from spatial.places.operations import PlaceRefused
from spatial.privacy.queries import may_see_names
from spatial.tracks.models import Position
from spatial.wearing.models import Issue
from spatial.wearing.operations import WEARABLE, IssueRefused
from webmap.device_addresses import is_closed_to_the_network
from webmap.live.naming import as_shown
from webmap.pages.commands.parts import command_part
from webmap.pages.people.words import issue_words
from webmap.pages.risks.elements import elements_found

from .acts import WORK, form_of
from .forms import (
    AddOnForm,
    CalibrationForm,
    FactsForm,
    IssueForm,
    MappingChoiceForm,
    NewForm,
    PaperForm,
    PlaceForm,
    StreamForm,
)
from .health import site_health, standings
from .message_reasons import refusal_reason
from .recipes import recipe_of
from .refusal_sentences import refusal_words
from .refused_page import shown
from .rights import device_on, keeper_site
from .words import (
    LEVELS,
    STATES,
    add_on_words,
    ago_words,
    capability_words,
    clock_is_off,
    clock_words,
    expiry_words,
    local,
    paper_words,
    quantity_words,
)

LAST = 12


@never_cache
@require_http_methods(["GET", "POST"])
def new_page(request: HttpRequest, code: str) -> HttpResponse:
    """Register a device; its password is shown on the answer, once."""
    site = keeper_site(request, code)
    form = NewForm(request.POST or None, initial={"report_interval_s": 5})
    if request.method == "POST" and form.is_valid():
        try:
            names = ("code", "name", "kind", "report_interval_s")
            device, password = operations.register_device(
                site=site, facts=form.facts(), actor=request.user, now=timezone.now(),
                **{name: form.cleaned_data[name] for name in names},
            )  # fmt: skip
            return _page(request, site, device, password=password)
        except DeviceRefused as refused:
            form.add_error(None, refusal_words(refused))
    status = 422 if request.method == "POST" else 200
    return render(request, "pages/devices/new.html", {"site": site, "form": form}, status=status)


@never_cache
@require_GET
def device_page(request: HttpRequest, code: str, device_id: UUID) -> HttpResponse:
    """Show a device."""
    site, device = device_on(request.user, code, device_id)
    return _page(request, site, device)


@require_POST
def act(request: HttpRequest, code: str, device_id: UUID, act: str) -> HttpResponse:
    """Do what one of the page's forms asks for. Raises PermissionDenied."""
    site, device = device_on(request.user, code, device_id)
    if act not in WORK:
        raise Http404
    if not may_keep(request.user, site):
        raise PermissionDenied
    work = WORK[act]
    form = form_of(work, device, request.POST)
    given: dict[str, Any] = request.POST.dict()
    if form is not None:
        if not form.is_valid():
            return _page(request, site, device, wrong={act: form}, status=422)
        given = dict(form.cleaned_data)
        if isinstance(form, FactsForm):
            given["facts"] = form.facts()
    try:
        password = work.do(device, given, {"actor": request.user, "now": timezone.now()})
    except (DeviceRefused, PlaceRefused, IssueRefused) as refused:
        words = _words(refused)
        if form is None:
            messages.error(request, words)
            return redirect("device", code=code, device_id=device_id)
        form.add_error(None, words)
        return _page(request, site, device, wrong={act: form}, status=422)
    messages.success(request, work.done)
    if password is not None:
        return _page(request, site, device, password=password)
    return redirect("device", code=code, device_id=device_id)


def _words(refused: DeviceRefused | PlaceRefused | IssueRefused) -> str:
    if isinstance(refused, IssueRefused):
        return issue_words(refused)
    return refusal_words(refused) if isinstance(refused, DeviceRefused) else str(refused)


def _page(
    request: HttpRequest, site: Site, device: Device, *, password: str = "", wrong: dict[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    now = timezone.now()
    moved = device.site_id != site.pk
    context: dict[str, Any] = {
        "site": site,
        "device": device,
        "password": password,
        "moved": moved,
        "may_keep": may_keep(request.user, device.site) and device.active,
        **_what_it_is(device, request.get_host(), now),
        **_how_it_stands(device, now),
        **_who_wears_it(request, device),
        "q": request.GET.get("q", "").strip(),
    }
    context["elements"] = elements_found(device.site, text=context["q"])[:30] if context["q"] else []
    if context["may_keep"]:
        context["forms"] = _forms(device) | (wrong or {})
        for name, form in context["forms"].items():
            form.auto_id = f"{name}-%s"
        context["sites"] = [
            row
            for row in Site.objects.visible_to(request.user).exclude(pk=device.site_id)
            if may_keep(request.user, row)
        ]
        context["wrong"] = next(iter(wrong), "") if wrong else ""
    as_shown([device], named=may_see_names(request.user, device.site))
    return render(request, "pages/devices/device.html", context, status=status)


def _what_it_is(device: Device, seen_host: str, now: datetime) -> dict[str, Any]:
    add_ons = list(device.add_ons.filter(removed_at__isnull=True))
    today = now.astimezone(ZoneInfo(device.site.time_zone)).date()
    newest = {item.row.pk: item for item in expiring([device], today, all_rows=True)}
    rows: list[Any] = [*device.papers.filter(withdrawn_at__isnull=True)]
    rows += device.calibrations.filter(withdrawn_at__isnull=True)
    papers = []
    for row in rows:
        item = newest.get(row.pk)
        papers.append(
            {
                "row": row,
                "is_calibration": isinstance(row, Calibration),
                "item": item,
                "what": paper_words(item) if item else "",
                "words": expiry_words(item.standing) if item else _("replaced by a newer one"),
                "level": item.standing.level if item else None,
                "level_words": LEVELS[item.standing.level.level] if item and item.standing.level else "",
            }
        )
    return {
        "add_ons": [
            {
                "row": row,
                "words": add_on_words(row.kind),
                "quantity": quantity_words(row.quantity) if row.quantity else "",
            }
            for row in add_ons
        ],
        "capabilities": capability_words(capabilities_of(row.kind for row in add_ons)),
        "papers": papers,
        "recipe": recipe_of(device, seen_host, now) if device.active else None,
        "closed": is_closed_to_the_network(),
        "streams": [
            {"row": row, "quantity": quantity_words(row.quantity) if row.quantity else _("its place")}
            for row in device.datastreams.select_related("device")
        ],
    }


def _who_wears_it(request: HttpRequest, device: Device) -> dict[str, Any]:
    """Return who has a wearable device and who had it, by name for those who may see names."""
    if device.kind not in WEARABLE:
        return {"wearable": False}
    site: Any = device.site
    named = may_see_names(request.user, site)
    rows = Issue.objects.filter(device=device).select_related("person").order_by("-issued_at")[:LAST] if named else []
    person = device.person if named else None
    call = command_part(request, site, target="person", target_id=str(person.pk)) if person else None
    return {
        "wearable": True,
        "named": named,
        "command": call,
        "issues": [
            (row, local(row.issued_at, site), local(row.returned_at, site) if row.returned_at else "") for row in rows
        ],
    }


def _how_it_stands(device: Device, now: datetime) -> dict[str, Any]:
    site: Any = device.site
    brief = next(brief for brief in site_health(site, now).briefs if brief.pk == device.pk)
    rows = standings([brief], now)
    since = now - timedelta(days=2)
    fixes = Position.objects.filter(device=device, fix_time__gt=since).order_by("-fix_time")[:LAST]
    refused = refusals(site).filter(device_code=device.code)[:LAST]
    acts = Act.objects.filter(subject_kind="device", subject_id=str(device.pk)).select_related("actor").order_by("-id")
    return {
        "standing": rows[0] if rows else None,
        "state": brief.state,
        "state_words": STATES[brief.state],
        "heard": local(brief.heard_at, site) if brief.heard_at else "",
        "ago": ago_words(now - brief.heard_at) if brief.heard_at else "",
        "clock": clock_words(rows[0].clock) if rows else "",
        "clock_off": clock_is_off(rows[0].clock) if rows else False,
        "fixes": [
            {"row": fix, "at": local(fix.fix_time, site), "delay": (fix.received_at - fix.fix_time).total_seconds()}
            for fix in fixes
        ],
        "refused": [
            {
                "row": row,
                "reason": refusal_reason(row.reason),
                "when": local(row.received_at, site),
                "shown": shown(row, 80),
            }
            for row in refused
        ],
        "acts": [{"act": act, "when": local(act.occurred_at, site)} for act in acts[:LAST]],
        "plan": {"site": site.code, "place": _place(device)},
    }


def _place(device: Device) -> dict[str, float] | None:
    if device.anchor is None:
        return None
    point = device.anchor.geometry.centroid
    return {"lon": point.x, "lat": point.y}


def _forms(device: Device) -> dict[str, forms.Form]:
    names = ("name", "report_interval_s", "protocol", "datum", "terminal_number", "maker", "model", "serial_number",
             "firmware", "note")  # fmt: skip
    place = _place(device) or {}
    height = (
        round(device.anchor.geometry.centroid.z or 0.0, 2)
        if device.anchor and device.anchor.geometry.geom_type == "Point"
        else None
    )
    return {
        "revise": FactsForm(initial={name: getattr(device, name) for name in names}),
        "place": PlaceForm(initial={**{name: round(value, 8) for name, value in place.items()}, "height_m": height}),
        "fit": AddOnForm(device),
        **({"issue": IssueForm(device)} if device.kind in WEARABLE else {}),
        "calibrate": CalibrationForm(device),
        "paper": PaperForm(),
        "mapping": MappingChoiceForm(device, initial={"version": device.mapping_id}),
        "bind": StreamForm(device),
    }
