"""`/sites/<code>/map/`: the site plan with zones, tickets, devices and helmets (django-leaflet)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from spatial.places.models import Site, Storey
from webmap.access import visible_site

MAP_SETTINGS = {"MIN_ZOOM": 13, "MAX_ZOOM": 23}


def page_settings(site: Site) -> dict[str, Any]:
    """Return what the page's script needs to know beyond the API."""
    return {
        "site": {
            "code": site.code,
            "name": site.name,
            "time_zone": site.time_zone,
            "boundary": [[y, x] for x, y, *_ in site.boundary.coords[0]] if site.boundary else [],
            "location": [site.location.y, site.location.x] if site.location else None,
        },
        "storeys": [
            {
                "name": storey.name,
                "building": storey.building.name,
                "bottom_m": storey.elevation_m,
                "top_m": storey.top_m,
            }
            for storey in Storey.objects.filter(site=site).select_related("building").order_by("-elevation_m")
        ],
    }


@require_GET
def site_map_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the site in 2D."""
    site = visible_site(request.user, code)
    context = {"site": site, "page_settings": page_settings(site), "map_settings": MAP_SETTINGS}
    return render(request, "pages/site_2d.html", context)


urlpatterns = [path("sites/<slug:code>/map/", site_map_page, name="site-2d")]
