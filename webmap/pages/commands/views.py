"""`/sites/CODE/live/commands/`: what was sent to helmets and what came of it; and the sending itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from spatial.attendance.queries import devices_in_zone
from spatial.commands.models import Command
from spatial.commands.operations import CommandRefused, send_command
from spatial.commands.queries import HEARING, helmets_of, sent_on
from spatial.devices.models import Device
from spatial.people.models import Person
from spatial.places.models import Site
from spatial.privacy.queries import may_see_names
from spatial.zones.models import Zone
from webmap.access import visible_site
from webmap.live.naming import as_shown
from webmap.pages.people.words import local

from .parts import command_part

PAGE_LENGTH = 30
REFUSALS = {
    "not_yours": gettext_lazy("Helmets are called by the safety officer or the project manager."),
    "kind": gettext_lazy("Choose buzz, spoken words or text."),
    "no_text": gettext_lazy("Write what they shall hear or read."),
    "long_text": gettext_lazy("At most 200 letters."),
    "life": gettext_lazy("A command lives 10 seconds to 8 hours."),
    "nobody": gettext_lazy("There is no helmet or tag in use to send it to."),
}


@never_cache
@require_GET
def list_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show what was sent, newest first, and the form for everybody on the site."""
    site = visible_site(request.user, code)
    page = Paginator(sent_on(site).prefetch_related("deliveries__person"), PAGE_LENGTH).get_page(
        request.GET.get("page")
    )
    context = {
        "site": site,
        "page": page,
        "lines": [
            (command, local(command.ordered_at, site))
            for command in as_shown(page.object_list, named=may_see_names(request.user, site))
        ],
        "command": command_part(request, site, target="site"),
        "zones": Zone.objects.filter(site=site, active=True).order_by("code"),
    }
    return render(request, "pages/commands.html", context)


@never_cache
@require_GET
def command_page(request: HttpRequest, code: str, command_id: UUID) -> HttpResponse:
    """Show what became of a command, device by device."""
    site = visible_site(request.user, code)
    command = get_object_or_404(sent_on(site).filter(pk__in=Command.objects.visible_to(request.user)), pk=command_id)
    return render(request, "pages/command.html", _told(request, site, command))


def _told(request: HttpRequest, site: Site, command: Any) -> dict[str, Any]:
    rows = [
        {"row": row, "sent": local(row.sent_at, site, "%H:%M:%S"), "got": local(row.received_at, site, "%H:%M:%S"),
         "played": local(row.played_at, site, "%H:%M:%S"), "confirmed": local(row.confirmed_at, site, "%H:%M:%S")}
        for row in command.deliveries.select_related("device", "person").order_by("device__code")
    ]  # fmt: skip
    named = may_see_names(request.user, site)
    as_shown([command], named=named)
    return {"site": site, "sent": command, "rows": rows, "ordered": local(command.ordered_at, site, "%m-%d %H:%M:%S"),
            "named": named}  # fmt: skip


@require_POST
def send(request: HttpRequest, code: str) -> HttpResponse:
    """Send a command to a person, a zone or the site; to HTMX answer with what was sent, else lead there."""
    site, now, given = visible_site(request.user, code), timezone.now(), request.POST
    target = given.get("target", "site")
    devices, label = _whom(site, target, given.get("target_id", ""), now)
    try:
        command = send_command(
            site=site, devices=devices, kind=given.get("kind", ""), text=given.get("text", ""), target=target,
            target_label=label, actor=request.user, now=now, source_kind=given.get("source_kind", "")[:32],
            source_id=given.get("source_id", "")[:64],
        )  # fmt: skip
    except CommandRefused as refused:
        part = command_part(
            request, site, target=target, target_id=given.get("target_id", ""),
            source_kind=given.get("source_kind", ""), source_id=given.get("source_id", ""),
        )  # fmt: skip
        context = {"site": site, "command": part, "error": REFUSALS[refused.code], "text": given.get("text", "")}
        return render(request, "parts/send_command.html", context, status=200 if request.htmx else 422)  # type: ignore[attr-defined]
    if request.htmx:  # type: ignore[attr-defined]
        return receipts(request, code, command.pk)
    return redirect("command", code=code, command_id=command.pk)


def _whom(site: Site, target: str, target_id: str, now: datetime) -> tuple[list[Device], str]:
    """Return the devices of a target and how it is called. Raises Http404 for a person or zone that is not here."""
    if target == "site":
        return list(Device.objects.filter(site=site, active=True, kind__in=HEARING)), _("Everybody on the site")
    try:
        number = UUID(target_id)
    except ValueError as error:
        raise Http404 from error
    if target == "person":
        person = get_object_or_404(Person, site=site, pk=number)
        return helmets_of(person), person.full_name
    if target == "zone":
        zone = get_object_or_404(Zone, site=site, pk=number)
        return devices_in_zone(zone, now), f"{zone.code} {zone.name}"
    raise Http404


@never_cache
@require_GET
def receipts_part(request: HttpRequest, code: str, command_id: UUID) -> HttpResponse:
    """Answer a part that asks again while receipts are still to come."""
    return receipts(request, code, command_id)


def receipts(request: HttpRequest, code: str, command_id: UUID) -> HttpResponse:
    """Return how many got a command, as a part of a page."""
    site = visible_site(request.user, code)
    command = get_object_or_404(sent_on(site), pk=command_id)
    as_shown([command], named=may_see_names(request.user, site))
    return render(request, "parts/command_receipts.html", {"site": site, "sent": command,
                                                           "open": command.count - command.got - command.expired})  # type: ignore[attr-defined]  # fmt: skip
