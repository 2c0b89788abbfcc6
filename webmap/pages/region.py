"""`/region/`: every site that the user may see, coloured, on the map of its district."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from spatial.places.models import Region, Site
from spatial.public_risks.queries import is_regulator, standing

MAP_SETTINGS = {"MIN_ZOOM": 6, "MAX_ZOOM": 18}


def own_regions(request: HttpRequest) -> list[str]:
    """Return the names of the regions that the user supervises."""
    user: Any = request.user
    memberships = user.memberships.filter(region__isnull=False)
    return list(Region.objects.filter(memberships__in=memberships).distinct().values_list("name", flat=True))


@require_GET
def region_page(request: HttpRequest) -> HttpResponse:
    """Show the region map with the list of sites; both live through the region stream."""
    names = own_regions(request)
    has_sites = Site.objects.visible_to(request.user).exists()
    regulates = is_regulator(request.user)
    context = {
        "region_name": "、".join(names),
        "map_settings": MAP_SETTINGS,
        "has_sites": has_sites,
        "regulates": regulates,
        "public_risk_count": standing(request.user).count() if regulates else 0,
    }
    return render(request, "pages/region.html", context)


urlpatterns = [path("region/", region_page, name="region")]
