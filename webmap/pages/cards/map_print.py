"""`/sites/<code>/risks/map-print/`: choose a four-colour map, look at it, take it as PDF or PNG."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from spatial.places.models import Site, Storey
from webmap.access import visible_site
from webmap.documents import map_sheet
from webmap.documents.map_geometry import NothingToShow
from webmap.documents.printing import page_pictures

from .answers import context_of, document_language, facts_for, send_file

DPI = {"a3": 200, "a2": 150}
PREVIEW_DPI = 72
PREVIEW = "preview"


@dataclass(frozen=True)
class Asked:
    """What the address asks for: storey (None: the whole site), size, layer, language."""

    storey: Storey | None
    size: str
    layer: str
    language: str

    @property
    def choice(self) -> map_sheet.MapChoice:
        """Return the choice of what to print."""
        return map_sheet.MapChoice(self.layer, self.storey)


def _asked(request: HttpRequest, site: Site) -> Asked:
    """Read the address; what it does not say, or says wrongly, is the whole site, A3, inherent grades."""
    storey = None
    with suppress(ValueError):
        storey = Storey.objects.filter(site=site, pk=UUID(request.GET.get("storey", ""))).first()
    size = request.GET.get("size", "a3")
    layer = request.GET.get("layer", map_sheet.INHERENT)
    return Asked(
        storey,
        size if size in map_sheet.SIZES else "a3",
        layer if layer in (map_sheet.INHERENT, map_sheet.CURRENT) else map_sheet.INHERENT,
        document_language(request),
    )


def _pdf(request: HttpRequest, site: Site, asked: Asked) -> bytes:
    with translation.override(asked.language):
        facts = facts_for(request, site, asked.language)
        return map_sheet.map_pdf(site, asked.choice, asked.size, facts, now=timezone.now())


@never_cache
@require_GET
def map_print_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the choice of sheets with a picture of the one chosen."""
    site = visible_site(request.user, code)
    asked = _asked(request, site)
    context = context_of(
        request, site, asked=asked, query=request.GET.urlencode(),
        storeys=Storey.objects.filter(site=site).select_related("building").order_by("building__name", "-elevation_m"),
    )  # fmt: skip
    return render(request, "pages/map_print.html", context)


@never_cache
@require_GET
def map_file(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """Send the sheet as PDF or PNG, or its preview; 404 with the reason where there is nothing to draw."""
    site = visible_site(request.user, code)
    asked = _asked(request, site)
    try:
        pdf = _pdf(request, site, asked)
    except NothingToShow:
        words = _("This sheet would be empty: no zone, no risk point and no outline lies on it. Draw a zone first.")
        return HttpResponse(words, status=404, content_type="text/plain; charset=utf-8")
    place = asked.storey.name if asked.storey else site.name
    name = f"{site.code}-{place}-{asked.size}-{asked.layer}"
    if kind == "pdf":
        return send_file(pdf, f"{name}.pdf", inline="view" in request.GET)
    dpi = PREVIEW_DPI if kind == PREVIEW else DPI[asked.size]
    picture: Any = next(iter(page_pictures(pdf, dpi=dpi)))
    out = io.BytesIO()
    picture.convert("RGB").save(out, "PNG", dpi=(dpi, dpi))
    return send_file(out.getvalue(), f"{name}.png", media_type="image/png", inline=kind == PREVIEW)
