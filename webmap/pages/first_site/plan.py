"""`/setup/<code>/plan/`: the site plan and the zones, for the owner and for those who import models."""

from __future__ import annotations

import json
from typing import Any

import shapely
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ingest.rasters.operations import SiteMapRefused, import_site_map
from ingest.vectors.operations import import_zones
from ingest.vectors.zones_geojson import MAX_BYTES, ZonesRefused
from spatial import crs
from spatial.places.models import Site, SiteMap, Storey
from spatial.zones.models import Zone
from webmap.access import visible_site
from webmap.pages.imports.upload import may_upload

from .plan_forms import SitePlanForm, ZonesForm
from .refusal_words import Problem, problem_of, refusal_words
from .steps import PLAN, guide_steps

EXAMPLE_HALF_M = 5.0


@never_cache
@require_http_methods(["GET", "POST"])
def plan_and_zones(request: HttpRequest, code: str) -> HttpResponse:
    """Step 4: import a site plan, or zones; what is refused says where and why, and changes nothing."""
    site = visible_site(request.user, code)
    if not may_upload(request.user, site):
        raise Http404
    plan, zones, problems = SitePlanForm(), ZonesForm(), []
    if request.method == "POST" and "zones-send" in request.POST:
        zones = ZonesForm(request.POST, request.FILES)
        problems = _take_zones(request, site, zones) if zones.is_valid() else []
        refused = bool(zones.errors or problems)
    elif request.method == "POST":
        plan = SitePlanForm(request.POST, request.FILES)
        refused = not (plan.is_valid() and _take_plan(request, site, plan))
    else:
        return _page(request, site, plan, zones, problems, 200)
    return _page(request, site, plan, zones, problems, 400) if refused else redirect("setup-plan", code=site.code)


def _take_plan(request: HttpRequest, site: Site, form: SitePlanForm) -> bool:
    given = form.cleaned_data
    try:
        made = import_site_map(
            site=site,
            name=given["name"],
            image=given["image"],
            file_name=given["image"].name or "",
            control_points=given["points"],
            actor=request.user,
            now=timezone.now(),
        )
    except SiteMapRefused as error:
        form.add_error(error.field, refusal_words(str(error)))
        return False
    said = _("The site plan is on the map; its control points fit within %(rms).2f m.") % {"rms": made.residual_rms_m}
    messages.success(request, said)
    return True


def _take_zones(request: HttpRequest, site: Site, form: ZonesForm) -> list[Problem]:
    file = form.cleaned_data["file"]
    try:
        made = import_zones(
            site=site,
            content=file.read(MAX_BYTES + 1),
            file_name=file.name or "",
            actor=request.user,
            now=timezone.now(),
        )
    except ZonesRefused as error:
        return [problem_of(text) for text in error.problems]
    said = ngettext("%(count)d zone was imported.", "%(count)d zones were imported.", len(made)) % {"count": len(made)}
    messages.success(request, said)
    return []


def _page(
    request: HttpRequest, site: Site, plan: SitePlanForm, zones: ZonesForm, problems: list[Problem], status: int
) -> HttpResponse:
    context = {
        "site": site,
        "plan": plan,
        "zones": zones,
        "problems": problems,
        "steps": guide_steps(PLAN, site) if request.user.is_superuser else [],
        "site_maps": SiteMap.objects.filter(site=site).order_by("-valid_from"),
        "zone_rows": Zone.objects.filter(site=site).select_related("fence", "parent").order_by("code"),
        "example": example_zones(site),
        "kinds": [(kind.value, kind.label) for kind in Zone.Kind],
    }
    return render(request, "pages/setup_plan.html", context, status=status)


def example_zones(site: Site) -> str:
    """Return a file with one danger zone of 10 x 10 m in the middle of the site, to copy and change."""
    storey = Storey.objects.filter(site=site).order_by("elevation_m").first()
    outline: Any = {"type": "Polygon", "coordinates": []}
    if site.location:
        east, north = crs.transform_point(
            site.location.x, site.location.y, from_srid=crs.STORAGE_SRID, to_srid=site.projected_srid
        )
        half = EXAMPLE_HALF_M
        square = crs.transform_shape(
            shapely.box(east - half, north - half, east + half, north + half),
            from_srid=site.projected_srid,
            to_srid=crs.STORAGE_SRID,
        )
        ring = [[round(lon, 8), round(lat, 8)] for lon, lat in shapely.get_coordinates(square)]
        outline["coordinates"] = [ring]
    bottom_m = storey.elevation_m if storey else site.ground_height_m
    properties = {
        "code": "Z-01",
        "name": _("Edge of the slab"),
        "kind": "edge",
        "bottom_m": bottom_m,
        "top_m": bottom_m + 3.0,
        "storeys": [storey.name] if storey else [],
        "fence": {"rule": "P-01"},
    }
    feature = {"type": "Feature", "properties": properties, "geometry": outline}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False, indent=1)
