"""`/sites/<code>/bcf/` and its files: a site's open tickets, or one ticket, for BIM tools."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bim.exchange.bcf.queries import topics_of
from bim.exchange.bcf.writing import VERSIONS, write_bcf
from spatial.hazards import queries
from spatial.hazards.models import Hazard
from spatial.places.models import Site

MOST_TOPICS = 200
SITE_SNAPSHOT_PX = 800
MEDIA_TYPE = "application/octet-stream"


@never_cache
@require_GET
def bcf_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show how many open tickets there are and offer them in both versions."""
    site = _site(request, code)
    count = _open_tickets(request.user, site).count()
    context = {"site": site, "count": count, "most": MOST_TOPICS, "too_many": count > MOST_TOPICS}
    return render(request, "pages/bcf.html", context)


@never_cache
@require_GET
def site_bcf(request: HttpRequest, code: str, version: str) -> HttpResponse:
    """Send a site's open tickets, the newest first up to the limit, as one BCF file."""
    site = _site(request, code)
    return _file(list(_open_tickets(request.user, site)[:MOST_TOPICS]), version, site.code, SITE_SNAPSHOT_PX)


@never_cache
@require_GET
def ticket_bcf(request: HttpRequest, hazard_id: UUID, version: str) -> HttpResponse:
    """Send one ticket as a BCF file."""
    hazard = get_object_or_404(_tickets(request.user), id=hazard_id)
    return _file([hazard], version, hazard.number)


def _site(request: HttpRequest, code: str) -> Site:
    return get_object_or_404(Site.objects.visible_to(request.user), code=code)


def _tickets(user: Any) -> QuerySet[Hazard]:
    return queries.visible(user).select_related("site", "anchor__storey", "risk_point", "reporter", "rectifier")


def _open_tickets(user: Any, site: Site) -> QuerySet[Hazard]:
    """Return the tickets that are neither closed, archived nor void."""
    return _tickets(user).filter(site=site).exclude(state__in=["CLOSED", "VOID", "ARCHIVED"]).order_by("-received_at")


def _file(hazards: list[Hazard], version: str, name: str, snapshot_px: int = 1_600) -> HttpResponse:
    if version not in VERSIONS:
        raise Http404
    content = write_bcf(topics_of(hazards, snapshot_px=snapshot_px), version)
    response = HttpResponse(content, content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}-bcf{version}.bcf"'
    return response
