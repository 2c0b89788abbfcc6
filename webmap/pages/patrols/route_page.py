"""One route: the walk on a plan, its stops in order for a phone, and the codes to hang up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from spatial.patrols.models import PatrolRoute, PatrolStop
from spatial.patrols.queries import may_do, may_plan, open_patrols, standing, visible_routes, visible_stops
from spatial.people.queries import users_on
from webmap.access import visible_site

from .walk_plan import walk_plan
from .words import STANDINGS, local


def _stops(user: Any, route: PatrolRoute) -> list[PatrolStop]:
    return list(visible_stops(user).filter(route=route))


@require_GET
def route_page(request: HttpRequest, code: str, route_id: UUID) -> HttpResponse:
    """Show the walk and how each stop stands."""
    site, now = visible_site(request.user, code), timezone.now()
    route = get_object_or_404(visible_routes(request.user), site=site, pk=route_id)
    stops = _stops(request.user, route)
    patrols = {patrol.stop_id: patrol for patrol in open_patrols(site).filter(stop__route=route)}
    lines = []
    for stop in stops:
        patrol = patrols.get(stop.pk)
        how = standing(patrol, now) if patrol else "done"
        due = local(patrol.opens_at if how == "later" else patrol.due_at, site) if patrol else ""
        lines.append({"stop": stop, "how": how, "words": STANDINGS[how], "due": due})
    context = {
        "site": site,
        "route": route,
        "lines": lines,
        "left": sum(line["how"] in ("due", "late", "missed") for line in lines),
        "plan": walk_plan(site, stops),
        "may_do": may_do(request.user, route),
        "may_plan": may_plan(request.user, site),
        "accounts": users_on(site),
    }
    return render(request, "pages/patrol_route.html", context)


@require_GET
def codes_page(request: HttpRequest, code: str, route_id: UUID) -> HttpResponse:
    """Print a code for each stop; scanned on the spot, it opens the check of this stop."""
    site = visible_site(request.user, code)
    route = get_object_or_404(visible_routes(request.user), site=site, pk=route_id)
    labels = []
    for stop in _stops(request.user, route):
        address = request.build_absolute_uri(reverse("patrol-stop", args=[site.code, stop.pk]) + "?code=1")
        picture = segno.make(address, error="m", micro=False).svg_inline(scale=4, border=2, omitsize=True)
        labels.append((stop, mark_safe(picture), address))  # our own drawing, nothing of a user in it
    return render(request, "pages/patrol_codes.html", {"site": site, "route": route, "labels": labels})
