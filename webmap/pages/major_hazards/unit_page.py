"""One unit: what it holds, how it is judged step by step, its stock, its sensors; and the form that keeps it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from spatial.devices.models import Device
from spatial.major_hazards.following import follow_stream
from spatial.major_hazards.models import HazardUnit, UnitSubstance
from spatial.major_hazards.operations import (
    SubstanceGiven,
    UnitForbidden,
    UnitRefused,
    close_unit,
    identify_unit,
    record_stock,
    save_unit,
)
from spatial.major_hazards.queries import (
    gb18218,
    held_by,
    may_write,
    people_of_other_sites_within_reach,
    stock_records,
    unit_streams,
    units_of,
)
from spatial.observations.models import Datastream
from spatial.observations.quantities import quantity_of, unit_sign
from spatial.observations.queries import of_site, silent_after
from spatial.places.models import Site
from spatial.zones.models import Zone
from webmap.access import visible_site
from webmap.live.state import place_of
from webmap.pages.observations.words import ago, stream_name, value_words
from webmap.pages.site_2d import MAP_SETTINGS, page_settings

from .words import decimal, line_of, refusal_words

EMPTY_ROWS = 3
RECORDS_SHOWN = 100


def _unit(request: HttpRequest, code: str, unit_id: UUID) -> tuple[Site, HazardUnit]:
    site = visible_site(request.user, code)
    return site, get_object_or_404(units_of(site), pk=unit_id)


def _may_write(request: HttpRequest, site: Site) -> None:
    if not may_write(request.user, site):
        raise Http404(_("There is no such page, or you may not see it."))


@require_GET
def unit_page(request: HttpRequest, code: str, unit_id: UUID) -> HttpResponse:
    """Show a unit with the whole computation, so that anybody can do it again by hand."""
    site, unit = _unit(request, code, unit_id)
    line = line_of(unit)
    rows = [
        {
            "row": row,
            "share_now": decimal(held_now.share),
            "share_design": decimal(held_design.share),
        }
        for row, held_now, held_design in _held(unit)
    ]
    context = {
        "site": site,
        "unit": unit,
        "line": line,
        "rows": rows,
        "r_now": decimal(line.now.r),
        "r_design": decimal(line.design.r),
        "alpha": decimal(line.design.alpha),
        "records": stock_records(unit)[:RECORDS_SHOWN],
        "identifications": unit.identifications.select_related("judged_by"),
        "may_write": may_write(request.user, site),
        "measured": _measured(unit, timezone.now()),
        "streams": [(str(stream.pk), _stream_words(stream)) for stream in of_site(site).select_related("device")],
        "map_settings": MAP_SETTINGS,
        "page_settings": page_settings(site) | {"unit": _drawn(unit)},
    }
    return render(request, "pages/hazard_unit.html", context)


def _stream_words(stream: Datastream) -> str:
    unit = unit_sign(quantity_of(stream.quantity).unit)
    return f"{stream.device.code} · {stream_name(stream)}" + (f" ({unit})" if unit else "")


def _measured(unit: HazardUnit, now: datetime) -> list[dict[str, Any]]:
    """Return what the sensors of a unit say now: of its devices, and of those in its zone."""
    found = []
    for stream in unit_streams(unit):
        latest = getattr(stream, "latest", None)
        at = latest.time if latest else None
        value = value_words(latest.value if latest else None, quantity_of(stream.quantity))
        silent = at is None or now - at > silent_after(stream)
        found.append(
            {"stream": stream, "name": _stream_words(stream), "value": value, "ago": ago(at, now), "silent": silent}
        )
    return found


def _drawn(unit: HazardUnit) -> dict[str, Any]:
    """Return outline and devices of a unit in degrees, for its map."""
    devices = [
        {"name": f"{device.code} {device.name}", **place_of(device.anchor)}
        for device in unit.devices.select_related("anchor")
        if device.anchor is not None
    ]
    return {"name": unit.name, "outline": unit.zone.outline.coords, "devices": devices}


def _held(unit: HazardUnit) -> list[tuple[UnitSubstance, Any, Any]]:
    rows = list(unit.substances.all())
    return list(zip(rows, held_by(unit, by_design=False), held_by(unit, by_design=True), strict=True))


def _given(request: HttpRequest) -> list[SubstanceGiven]:
    """Return the filled rows of the form."""
    names = ("code", "name", "design_t", "critical_t", "beta", "source")
    columns = [request.POST.getlist(f"substance_{name}") for name in names]
    rows = [SubstanceGiven(**dict(zip(names, values, strict=True))) for values in zip(*columns, strict=False)]
    return [row for row in rows if row.code or row.name.strip() or row.design_t.strip()]


def _rows_of(unit: HazardUnit | None) -> list[SubstanceGiven]:
    known = {row["zh"]: row for row in gb18218()["substances"]}
    found = []
    for row in unit.substances.all() if unit else ():
        listed = known.get(row.name)
        own = listed is None or not row.source.startswith("GB 18218-2018 (")
        found.append(
            SubstanceGiven(
                code=listed["code"] if listed else "",
                name="" if listed else row.name,
                design_t=_plain(row.design_t),
                critical_t=_plain(row.critical_t) if own else "",
                beta=_plain(row.beta) if own else "",
                source=row.source if own else "",
            )
        )
    return found


def _plain(value: Any) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


@require_http_methods(["GET", "POST"])
def unit_form(request: HttpRequest, code: str, unit_id: UUID | None = None) -> HttpResponse:
    """Show and take the form of a new unit, or of one that is revised."""
    site = visible_site(request.user, code)
    _may_write(request, site)
    unit = get_object_or_404(units_of(site), pk=unit_id) if unit_id else None
    rows, refused = _rows_of(unit), None
    if request.method == "POST":
        rows = _given(request)
        try:
            unit = _save(request, site, unit, rows)
        except UnitRefused as error:
            refused = error
        else:
            messages.success(request, _("The unit was saved."))
            return redirect("hazard-unit", code=site.code, unit_id=unit.pk)
    context = {
        "site": site,
        "unit": unit,
        "values": request.POST if request.method == "POST" else _values(unit),
        "rows": [*rows, *[SubstanceGiven("", "", "")] * EMPTY_ROWS],
        "table": gb18218(),
        "zones": Zone.objects.filter(site=site, active=True).order_by("code"),
        "devices": Device.objects.filter(site=site, active=True).exclude(kind="helmet").order_by("code"),
        "chosen": set(request.POST.getlist("devices")) if request.method == "POST" else _chosen(unit),
        "near_people": people_of_other_sites_within_reach(unit) if unit else None,
        "refused": refused,
        "refusal": refusal_words(refused) if refused else "",
    }
    return render(request, "pages/hazard_unit_form.html", context, status=422 if refused else 200)


def _values(unit: HazardUnit | None) -> dict[str, str]:
    names = ("code", "name", "kind", "exposed_people", "responsible_name", "phone")
    found = {name: str(getattr(unit, name)) for name in names} if unit else {"exposed_people": "0"}
    return {**found, "zone": str(unit.zone_id) if unit else ""}


def _chosen(unit: HazardUnit | None) -> set[str]:
    return {str(device.pk) for device in unit.devices.all()} if unit else set()


def _save(request: HttpRequest, site: Site, unit: HazardUnit | None, rows: list[SubstanceGiven]) -> HazardUnit:
    sent = request.POST
    zones = {str(zone.pk): zone for zone in Zone.objects.filter(site=site, active=True)}
    zone = zones.get(sent.get("zone", ""))
    if zone is None:
        raise UnitRefused("zone", gettext_noop("Choose the zone in which the unit stands."))
    try:
        people = int(sent.get("exposed_people", ""))
    except ValueError as error:
        raise UnitRefused("exposed_people", gettext_noop("The number of people is 0 or more.")) from error
    return save_unit(
        site=site,
        unit=unit,
        code=sent.get("code", ""),
        name=sent.get("name", ""),
        kind=sent.get("kind", ""),
        zone=zone,
        exposed_people=people,
        responsible_name=sent.get("responsible_name", ""),
        phone=sent.get("phone", ""),
        substances=rows,
        devices=Device.objects.filter(site=site, pk__in=sent.getlist("devices")),
        actor=request.user,
        now=timezone.now(),
    )


@require_POST
def stock(request: HttpRequest, code: str, unit_id: UUID, substance_id: UUID) -> HttpResponse:
    """Take an amount that somebody counted now."""
    site, unit = _unit(request, code, unit_id)
    _may_write(request, site)
    now = timezone.now()
    row = get_object_or_404(unit.substances, pk=substance_id)
    try:
        record_stock(substance=row, amount_t=request.POST.get("amount_t", ""), at=now, now=now, actor=request.user)
    except UnitRefused as error:
        messages.error(request, refusal_words(error))
    else:
        messages.success(request, _("The amount was recorded."))
    return redirect("hazard-unit", code=site.code, unit_id=unit.pk)


@require_POST
def follow(request: HttpRequest, code: str, unit_id: UUID, substance_id: UUID) -> HttpResponse:
    """Let an amount follow a measurement from now on, or no longer."""
    site, unit = _unit(request, code, unit_id)
    _may_write(request, site)
    row = get_object_or_404(unit.substances, pk=substance_id)
    chosen = request.POST.get("stream", "")
    streams = {str(stream.pk): stream for stream in of_site(site).select_related("device", "latest")}
    try:
        if chosen and chosen not in streams:
            raise UnitRefused("stream", gettext_noop("This measurement belongs to another site."))
        follow_stream(
            substance=row, stream=streams.get(chosen), factor=request.POST.get("factor", ""), actor=request.user,
            now=timezone.now(),
        )  # fmt: skip
    except UnitRefused as error:
        messages.error(request, refusal_words(error))
    else:
        said = _("The amount follows the measurement.") if chosen else _("The amount is entered by hand again.")
        messages.success(request, said)
    return redirect("hazard-unit", code=site.code, unit_id=unit.pk)


@require_POST
def identify(request: HttpRequest, code: str, unit_id: UUID) -> HttpResponse:
    """Judge the unit at its largest amounts by design and sign."""
    site, unit = _unit(request, code, unit_id)
    _may_write(request, site)
    identify_unit(unit=unit, actor=request.user, now=timezone.now())
    messages.success(request, _("The identification was signed."))
    return redirect("hazard-unit", code=site.code, unit_id=unit.pk)


@require_POST
def close(request: HttpRequest, code: str, unit_id: UUID) -> HttpResponse:
    """Take the unit out of use."""
    site, unit = _unit(request, code, unit_id)
    _may_write(request, site)
    try:
        close_unit(unit=unit, reason=request.POST.get("reason", ""), actor=request.user, now=timezone.now())
    except UnitForbidden as error:
        raise Http404(str(error)) from error
    except UnitRefused as error:
        messages.error(request, refusal_words(error))
        return redirect("hazard-unit", code=site.code, unit_id=unit.pk)
    messages.success(request, _("The unit was closed."))
    return redirect("hazard-units", code=site.code)
