"""`/sites/<code>/zones/<zone>/fence/`: what a fence watches, for whom and when; who is inside; what happened last."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from spatial.fences.models import FenceEvent, FenceProfile
from spatial.fences.operations import FenceRefused, create_fence, revise_fence
from spatial.fences.queries import people_inside, starting_table
from spatial.places.models import Site
from spatial.privacy.queries import may_see_names
from spatial.rulebook.queries import edition_for, table
from spatial.zones.models import Zone
from webmap.access import visible_site
from webmap.live.naming import as_shown
from webmap.pages.zoning.drafts import zone_on
from webmap.pages.zoning.rights import may_edit_zones
from webmap.wording.reader import data_language

from .forms import FenceForm
from .words import refusal_words

EVENTS_SHOWN = 50
PERSON_RULES = ("P-01", "P-03", "P-12", "P-13", "M-01")


def _rules(site: Site) -> list[tuple[str, str]]:
    """Return the alarm rules that an entry may be an alarm of."""
    language = data_language()
    rows = table(edition_for(site, on=timezone.now()), "alarm_rules")["rules"]
    return [(row["id"], f"{row['id']} {row[language]}") for row in rows]


@never_cache
@require_http_methods(["GET", "POST"])
def fence_page(request: HttpRequest, code: str, zone_id: UUID) -> HttpResponse:
    """Show a zone's fence, and keep what was changed. Raises PermissionDenied for who may only look."""
    site = visible_site(request.user, code)
    zone = zone_on(site, zone_id)
    fence = FenceProfile.objects.filter(zone=zone).select_related("storey", "storey__building").first()
    may_edit = may_edit_zones(request.user, site) and zone.active
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    given = request.POST if request.method == "POST" else None
    named = may_see_names(request.user, site)
    starting = starting_table(site, timezone.now())
    form = FenceForm(given, site=site, fence=fence, rules=_rules(site), named=named, starting=starting)
    if request.method == "POST" and form.is_valid() and _keep(request, zone, fence, form):
        return redirect("fence", site.code, zone.pk)
    context = {
        "site": site,
        "zone": zone,
        "fence": fence,
        "form": form,
        "may_edit": may_edit,
        "events": _events(zone, request.user),
        **_inside(zone, request.user),
    }
    return render(request, "pages/fence.html", context)


@never_cache
@require_GET
def fence_inside(request: HttpRequest, code: str, zone_id: UUID) -> HttpResponse:
    """Show only who is inside now; the page asks for it every ten seconds."""
    zone = zone_on(visible_site(request.user, code), zone_id)
    return render(request, "parts/fence_inside.html", {"site": zone.site, "zone": zone, **_inside(zone, request.user)})


def _events(zone: Zone, user: Any) -> list[FenceEvent]:
    rows = FenceEvent.objects.filter(zone=zone).select_related("device__person").order_by("-fix_time", "-id")
    events = list(rows[:EVENTS_SHOWN])
    as_shown((event.device for event in events), named=may_see_names(user, zone.site))
    return events


def _inside(zone: Zone, user: Any) -> dict[str, Any]:
    rows = people_inside(zone, now=timezone.now())
    as_shown((row.device for row in rows), named=may_see_names(user, zone.site))
    return {"inside": sorted(rows, key=lambda row: row.since or timezone.now())}


def _keep(request: HttpRequest, zone: Zone, fence: FenceProfile | None, form: FenceForm) -> bool:
    """Create or revise the fence; a refusal is shown at its field."""
    now = timezone.now()
    try:
        if fence is None:
            create_fence(zone=zone, actor=request.user, now=now, **form.changes())
        else:
            revise_fence(
                fence=fence, changes=form.changes(), reason=form.cleaned_data["reason"], actor=request.user, now=now
            )
    except FenceRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal_words(refusal))
        return False
    messages.success(request, _("The fence is in force."))
    return True
