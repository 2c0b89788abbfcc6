"""The units of a site, and of everything that a regulator sees."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from spatial.major_hazards.queries import gb18218, may_write, units_of, visible_sources
from webmap.access import visible_site

from .words import line_of

PAGE_LENGTH = 50


@require_GET
def site_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show every unit of a site with how much of its critical amount it holds."""
    site = visible_site(request.user, code)
    lines = [line_of(unit) for unit in units_of(site)]
    context = {
        "site": site,
        "lines": lines,
        "may_write": may_write(request.user, site),
        "table": gb18218(),
        "sources": sum(line.now.level is not None for line in lines),
        "near": sum(line.now.standing == "near" for line in lines),
        "by_design": sum(line.design.level is not None for line in lines),
    }
    return render(request, "pages/hazard_units.html", context)


@require_GET
def region_page(request: HttpRequest) -> HttpResponse:
    """Show the units of all sites that the user sees, the highest level first."""
    page = Paginator(visible_sources(request.user), PAGE_LENGTH).get_page(request.GET.get("page"))
    lines = [line_of(unit) for unit in page]
    return render(request, "pages/hazard_units_region.html", {"page": page, "lines": lines})
