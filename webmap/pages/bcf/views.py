"""`/sites/<code>/bcf/` and its files: a site's open tickets, or one ticket, for BIM tools."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bim.exchange.bcf.models import BcfImport
from bim.exchange.bcf.operations import may_import
from bim.exchange.bcf.queries import topics_of
from bim.exchange.bcf.writing import VERSIONS, write_bcf
from spatial.hazards import queries
from spatial.hazards.models import Hazard
from spatial.places.models import Site

from .incoming_pages import LARGEST_FILE_BYTES, upload

MOST_TOPICS = 200
MOST_FILES_SHOWN = 50
SITE_SNAPSHOT_PX = 800
MEDIA_TYPE = "application/octet-stream"


@never_cache
@require_http_methods(["GET", "POST"])
def bcf_page(request: HttpRequest, code: str) -> HttpResponse:
    """Offer the open tickets in both versions, and take a file of another tool."""
    if request.method == "POST":
        return upload(request, code)
    return outgoing_page(request, _site(request, code))


def outgoing_page(request: HttpRequest, site: Site, *, error: str = "", status: int = 200) -> HttpResponse:
    """Return the page with the files to download, the form to upload and the files that came before."""
    count = _open_tickets(request.user, site).count()
    context = {
        "site": site,
        "count": count,
        "most": MOST_TOPICS,
        "too_many": count > MOST_TOPICS,
        "may_import": may_import(request.user, site),
        "limit_mb": LARGEST_FILE_BYTES // 2**20,
        "kept": BcfImport.objects.filter(site=site)
        .select_related("uploaded_by")
        .annotate(tickets=Count("imported_topics", distinct=True), comments=Count("imported_comments", distinct=True))[
            :MOST_FILES_SHOWN
        ],
        "error": error,
    }
    return render(request, "pages/bcf.html", context, status=status)


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
