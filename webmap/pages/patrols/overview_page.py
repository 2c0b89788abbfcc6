"""The patrols of a site: what is due, late or missed, the routes, how many were done, and the records."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from spatial.patrols.models import Patrol, PatrolRoute
from spatial.patrols.operations import PatrolRefused, assign_route, plan_patrols
from spatial.patrols.queries import (
    PeriodsMissing,
    may_do,
    may_plan,
    open_patrols,
    records,
    standing,
    tallies,
    visible_routes,
    without_plan,
)
from spatial.people.queries import users_on
from spatial.places.models import Site
from webmap.access import visible_site

from .words import STANDINGS, distance_words, local, refusal_words

PERIOD_DAYS = 30
PAGE_LENGTH = 50


@require_GET
def overview_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show what is due first, then the routes, then the statistics of the last 30 days."""
    site, now = visible_site(request.user, code), timezone.now()
    context: dict[str, Any] = {"site": site, "may_plan": may_plan(request.user, site), "days": PERIOD_DAYS}
    try:
        context["missing"], context["surplus"] = without_plan(site, now=now)
        places, people, total = tallies(site, since=now - timedelta(days=PERIOD_DAYS), until=now)
    except PeriodsMissing:
        return render(request, "pages/patrols_missing.html", context)
    patrols = list(open_patrols(site))
    standings = {patrol.pk: standing(patrol, now) for patrol in patrols}
    pressing = [patrol for patrol in patrols if standings[patrol.pk] in ("late", "missed")]
    context |= {
        "counts": Counter(standings.values()),
        "pressing": [_line(patrol, standings[patrol.pk], site) for patrol in pressing],
        "routes": _routes(site, request.user, patrols, standings),
        "places": places,
        "people": people,
        "total": total,
        "accounts": users_on(site) if context["may_plan"] else [],
    }
    return render(request, "pages/patrols.html", context)


def _line(patrol: Patrol, how: str, site: Site) -> dict[str, Any]:
    return {
        "patrol": patrol,
        "how": how,
        "words": STANDINGS[how],
        "due": local(patrol.due_at, site),
        "missed_from": local(patrol.missed_from, site),
    }


def _routes(site: Site, user: Any, patrols: list[Patrol], standings: dict[UUID, str]) -> list[dict[str, Any]]:
    found = []
    for route in PatrolRoute.objects.filter(site=site, active=True).select_related("assignee"):
        route.site = site
        own = [patrol for patrol in patrols if patrol.stop.route_id == route.pk]
        counts = Counter(standings[patrol.pk] for patrol in own)
        opened = [patrol for patrol in own if standings[patrol.pk] != "later"]
        found.append(
            {
                "route": route,
                "stops": len(own),
                "counts": counts,
                "open": len(opened),
                "due": local(min(patrol.due_at for patrol in opened), site) if opened else "",
                "mine": may_do(user, route),
                "first": (route.assignee_id != user.pk, -counts["missed"], -counts["late"], -len(opened)),
            }
        )
    return sorted(found, key=lambda row: row["first"])


@require_POST
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """Bring the routes in line with the risk points."""
    site = visible_site(request.user, code)
    try:
        done = plan_patrols(site=site, actor=request.user, now=timezone.now())
    except PatrolRefused as refused:
        raise Http404(refusal_words(refused)) from refused
    except PeriodsMissing:
        return redirect("patrols", code=code)
    words = _("Routes brought in line: %(added)s patrols added, %(removed)s withdrawn.") % done
    messages.success(request, words)
    return redirect("patrols", code=code)


@require_POST
def assign(request: HttpRequest, code: str, route_id: UUID) -> HttpResponse:
    """Say which account does a route."""
    site = visible_site(request.user, code)
    route = get_object_or_404(visible_routes(request.user), site=site, pk=route_id)
    chosen = request.POST.get("assignee", "")
    account = next((user for user in users_on(site) if str(user.pk) == chosen), None)
    try:
        assign_route(route=route, assignee=account, actor=request.user, now=timezone.now())
    except PatrolRefused as refused:
        raise Http404(refusal_words(refused)) from refused
    messages.success(request, _("The route has its account."))
    return redirect("patrol-route", code=code, route_id=route.pk)


@require_GET
def records_page(request: HttpRequest, code: str) -> HttpResponse:
    """List the patrols that were done: by whom, when, and how far from the place; by point or person if asked."""
    site = visible_site(request.user, code)
    rows = records(site)
    point, person = request.GET.get("point", "").strip(), request.GET.get("person", "").strip()
    if point:
        rows = rows.filter(risk_point__code=point)
    if person:
        rows = rows.filter(done_by_name=person)
    if request.GET.get("outcome") == Patrol.Outcome.FINDING:
        rows = rows.filter(outcome=Patrol.Outcome.FINDING)
    page = Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))
    everybody = Patrol.objects.filter(site=site, done_at__isnull=False)
    context = {
        "site": site,
        "page": page,
        "lines": [
            {
                "patrol": patrol,
                "done": local(patrol.done_at, site) if patrol.done_at else "",
                "late": bool(patrol.done_at and patrol.done_at >= patrol.due_at),
                "distance": distance_words(patrol.distance_m, patrol.accuracy_m),
            }
            for patrol in page
        ],
        "points": everybody.order_by("risk_point__code").values_list("risk_point__code", "risk_point__name").distinct(),
        "people": everybody.order_by("done_by_name").values_list("done_by_name", flat=True).distinct(),
        "point": point,
        "person": person,
        "findings_only": request.GET.get("outcome") == Patrol.Outcome.FINDING,
    }
    return render(request, "pages/patrol_records.html", context)
