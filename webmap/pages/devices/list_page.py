"""`/sites/<code>/live/devices/`: how the devices stand, the pressing ones first; and the papers that end."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from spatial.devices.models import Device
from spatial.devices.queries import expiring, may_keep
from spatial.places.models import Site
from spatial.privacy.queries import may_see_names
from webmap.access import visible_site
from webmap.live.naming import as_shown

from .health import Asked, Standing, site_health, standings
from .words import LEVELS, STATES, ago_words, clock_is_off, clock_words, expiry_words, kind_choices, local, paper_words

PER_PAGE = 50


@require_GET
def list_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the devices, filtered as asked."""
    site, now = visible_site(request.user, code), timezone.now()
    health, asked = site_health(site, now), Asked.of(request.GET)
    page = Paginator([brief for brief in health.briefs if asked.wants(brief)], PER_PAGE).get_page(
        request.GET.get("page")
    )
    query = request.GET.copy()
    query.pop("page", None)
    context: dict[str, Any] = {
        "site": site,
        "health": health,
        "in_use": len(health.briefs) - health.counts["retired"],
        "counts": {name: health.counts[name] for name in STATES},
        "page": page,
        "lines": [_line(standing, site, now) for standing in standings(list(page), now)],
        "asked": request.GET,
        "query": query.urlencode(),
        "kinds": kind_choices(),
        "states": [(name, words, health.counts[name]) for name, words in STATES.items()],
        "may_keep": may_keep(request.user, site),
        "now": local(now, site),
    }
    as_shown((line["device"] for line in context["lines"]), named=may_see_names(request.user, site))
    return render(request, "pages/devices/list.html", context)


def _line(row: Standing, site: Site, now: datetime) -> dict[str, Any]:
    heard = row.brief.heard_at
    return {
        "row": row,
        "device": row.device,
        "state": row.brief.state,
        "state_words": STATES[row.brief.state],
        "heard": local(heard, site) if heard else "",
        "ago": ago_words(now - heard) if heard else "",
        "clock": clock_words(row.clock),
        "clock_off": clock_is_off(row.clock),
        "level": row.brief.level,
        "level_words": LEVELS[row.brief.level.level] if row.brief.level else "",
    }


@require_GET
def expiring_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show every paper and calibration with its last day, those that end first."""
    site, now = visible_site(request.user, code), timezone.now()
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    everything = "all" in request.GET
    items = expiring(Device.objects.filter(site=site), today, all_rows=everything)
    page = Paginator(items, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "site": site,
        "all": everything,
        "today": today,
        "page": page,
        "lines": [
            {
                "item": item,
                "what": paper_words(item),
                "words": expiry_words(item.standing),
                "level": item.standing.level,
                "level_words": LEVELS[item.standing.level.level] if item.standing.level else "",
            }
            for item in page
        ],
    }
    as_shown((item.device for item in page), named=may_see_names(request.user, site))
    return render(request, "pages/devices/expiring.html", context)
