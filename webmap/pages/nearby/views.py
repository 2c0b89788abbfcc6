"""`/sites/<code>/live/nearby/`: the question, its answer, and the answer as a workbook."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from spatial.devices.models import Device
from spatial.people.models import Person
from spatial.places.models import Site, Storey
from spatial.places.queries import storey_of_height
from spatial.privacy.operations import LookRefused, open_track
from spatial.tracks.approaches import Approach, PlaceAsked, approaches
from spatial.wearing.queries import wearers_of
from webmap.access import visible_site
from webmap.pages.site_2d import MAP_SETTINGS, page_settings

from .asked import NearbyForm, initial_of

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Row:
    """Somebody who was near."""

    name: str
    trade: str
    team: str
    device: str
    storey: str
    distance_m: float
    accuracy_m: float
    at: str
    minutes: float
    first_at: str
    last_at: str
    found: Approach


@never_cache
@require_http_methods(["GET", "POST"])
def nearby_page(request: HttpRequest, code: str) -> HttpResponse:
    """Ask, and show or send the answer; each answer is noted with its purpose, and those found can read it."""
    site, now = visible_site(request.user, code), timezone.now()
    zone = ZoneInfo(site.time_zone)
    initial = initial_of(request.user, site, request.GET.get("alarm", ""), now)
    form = NearbyForm(request.POST or None, initial=initial, zone=zone)
    rows: list[Row] | None = None
    if request.method == "POST" and form.is_valid():
        rows = _answer(request.user, site, form, now)
    if rows is not None and request.POST.get("as") == "xlsx":
        return _workbook(site, form, rows)
    places = [{"lon": r.found.lon, "lat": r.found.lat, "label": f"{r.name} {r.at}"} for r in rows or []]
    context = {
        "site": site,
        "form": form,
        "rows": rows,
        "page_settings": {**page_settings(site), "found": places},
        "map_settings": MAP_SETTINGS,
    }
    return render(request, "pages/nearby.html", context, status=422 if form.errors else 200)


def _answer(user: Any, site: Site, form: NearbyForm, now: datetime) -> list[Row] | None:
    """Return the answer, or None with what is wrong written into the form."""
    asked = form.asked()
    try:
        asked.check()
        open_track(
            viewer=user, purpose=form.cleaned_data["purpose"], period=(asked.start, asked.end), now=now, site=site
        )
    except PlaceAsked as error:
        words = {
            "radius": _("The distance is more than 0 and at most 500 m."),
            "period": _("The period must end after it begins."),
            "long_period": _("Ask for at most 24 hours at once."),
            "place": _("This is no place on earth."),
        }
        form.add_error(None, words[str(error)])
        return None
    except LookRefused as error:
        text = {
            "not_yours": _("Where somebody was is shown to who answers for safety on this site."),
            "no_purpose": _("Say what you need it for."),
        }
        form.add_error(None, text.get(error.code, str(error)))
        return None
    return _rows(site, approaches(site, asked))


def _rows(site: Site, found: list[Approach]) -> list[Row]:
    zone = ZoneInfo(site.time_zone)
    devices = Device.objects.in_bulk([one.device_id for one in found])
    wearers = wearers_of(devices)
    worn = {one.device_id: wearers[one.device_id].at(one.at) for one in found if one.device_id in wearers}
    people = Person.objects.select_related("team").in_bulk([person for person in worn.values() if person])
    storeys = list(Storey.objects.filter(site=site))
    return [_row(one, devices.get(one.device_id), people.get(worn.get(one.device_id)), storeys, zone) for one in found]


def _row(one: Approach, device: Device | None, person: Person | None, storeys: list[Storey], zone: ZoneInfo) -> Row:
    storey = storey_of_height(storeys, one.height_m)
    code = device.code if device else ""
    return Row(
        name=person.full_name if person else (device.name if device else ""),
        trade=person.trade if person else "",
        team=person.team.name if person and person.team else "",
        device=code,
        storey=storey.name if storey else "",
        distance_m=one.distance_m,
        accuracy_m=one.accuracy_m,
        at=f"{one.at.astimezone(zone):%m-%d %H:%M:%S}",
        minutes=one.within_s / 60,
        first_at=f"{one.first_at.astimezone(zone):%H:%M:%S}",
        last_at=f"{one.last_at.astimezone(zone):%H:%M:%S}",
        found=one,
    )


def _workbook(site: Site, form: NearbyForm, rows: list[Row]) -> HttpResponse:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _("Who was near")
    asked = form.asked()
    question = _("%(site)s: within %(radius)s m of %(lon)s, %(lat)s from %(start)s until %(end)s") % {
        "site": site.name, "radius": f"{asked.radius_m:g}", "lon": asked.lon, "lat": asked.lat,
        "start": f"{asked.start:%Y-%m-%d %H:%M}", "end": f"{asked.end:%Y-%m-%d %H:%M}",
    }  # fmt: skip
    heads = [
        _("Person"), _("Trade"), _("Team"), _("Device"), _("Storey"), _("Nearest (m)"), _("Accuracy (m)"),
        _("Nearest at"), _("Minutes within"), _("First within"), _("Last within"),
    ]  # fmt: skip
    lines: list[list[Any]] = [[question], [_("Purpose"), form.cleaned_data["purpose"]], heads]
    lines += [
        [r.name, r.trade, r.team, r.device, r.storey, round(r.distance_m, 2), round(r.accuracy_m, 2), r.at,
         round(r.minutes, 2), r.first_at, r.last_at]
        for r in rows
    ]  # fmt: skip
    for number, line in enumerate(lines, start=1):
        for column, value in enumerate(line, start=1):
            cell = sheet.cell(number, column)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
            if isinstance(value, str):
                cell.data_type = "s"  # a name that begins with = is a name
    for letter, width in zip("ABCDEFGHIJK", (14, 12, 16, 14, 10, 11, 11, 16, 14, 10, 10), strict=True):
        sheet.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    response = HttpResponse(out.getvalue(), content_type=SHEET)
    response["Content-Disposition"] = f'attachment; filename="nearby-{site.code}-{asked.start:%Y%m%d-%H%M}.xlsx"'
    return response
