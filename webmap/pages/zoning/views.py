"""`/sites/<code>/zones/`: the zones of a site, one zone with its versions, and a new one. Drawing goes to the API."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any
from uuid import UUID

import shapely
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from spatial.attendance.queries import devices_in_zone
from spatial.commands.queries import HEARING
from spatial.places.models import Site, Storey
from spatial.zones.fitting import shape_of
from spatial.zones.live_causes import live_triggers_of
from spatial.zones.models import Zone
from spatial.zones.versions import area_m2
from webmap.access import visible_site
from webmap.live.naming import told_causes
from webmap.pages.commands.parts import command_part

from .drafts import zone_on
from .plan import plan_of_storey
from .rights import may_edit_zones
from .words import change_lines

MAP_SETTINGS = {"MIN_ZOOM": 13, "MAX_ZOOM": 24}


def map_settings_of(site: Site, *, zone: Zone | None = None, editing: bool = False) -> dict[str, Any]:
    """Return what the script of the pages needs to know."""
    return {
        "code": site.code,
        "api": f"/api/v1/sites/{site.code}",
        "pages": reverse("zones", args=[site.code]),
        "plan_url": reverse("zone-plan", args=[site.code]),
        "time_zone": site.time_zone,
        "boundary": [[y, x] for x, y, *_ in site.boundary.coords[0]] if site.boundary else [],
        "location": [site.location.y, site.location.x] if site.location else None,
        "ground_m": site.ground_height_m,
        "editing": editing,
        "zone": _zone(zone) if zone else None,
        "storeys": [
            {
                "id": str(row.pk),
                "name": row.name,
                "building": row.building.name,
                "bottom_m": row.elevation_m,
                "top_m": row.top_m,
            }
            for row in storeys_of(site)
        ],
    }


def storeys_of(site: Site) -> list[Storey]:
    """Return the storeys of a site from the top down, building by building."""
    return list(Storey.objects.filter(site=site).select_related("building").order_by("building__name", "-elevation_m"))


def _zone(zone: Zone) -> dict[str, Any]:
    return {
        "id": str(zone.pk),
        "version": zone.version,
        "outline": json.loads(shapely.to_geojson(shape_of(zone.outline))),
        "storeys": [str(pk) for pk in zone.storeys.values_list("pk", flat=True)],
    }


def _rows(site: Site) -> list[dict[str, Any]]:
    """Return the zones in use with their areas, children under their parents."""
    zones = list(
        Zone.objects.filter(site=site, active=True)
        .select_related("site", "parent", "fence")
        .prefetch_related("storeys")
        .order_by("code")
    )
    ids = {zone.pk for zone in zones}
    children: dict[UUID | None, list[Zone]] = defaultdict(list)
    for zone in zones:
        children[zone.parent_id if zone.parent_id in ids else None].append(zone)
    ordered: list[dict[str, Any]] = []

    def add(parent_id: UUID | None, depth: int) -> None:
        for zone in children[parent_id]:
            ordered.append({"zone": zone, "area_m2": area_m2(zone), "depth": depth})
            add(zone.pk, depth + 1)

    add(None, 0)
    return ordered


@require_GET
def zones_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the zones on the map and as a list."""
    site = visible_site(request.user, code)
    withdrawn = Zone.objects.filter(site=site, active=False).order_by("code")
    context = {
        "site": site,
        "page_settings": map_settings_of(site),
        "map_settings": MAP_SETTINGS,
        "rows": _rows(site),
        "withdrawn": withdrawn,
        "may_edit": may_edit_zones(request.user, site),
    }
    return render(request, "pages/zones.html", context)


@never_cache
@require_GET
def new_zone_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the form and the tools for a new zone. Raises PermissionDenied."""
    site = visible_site(request.user, code)
    if not may_edit_zones(request.user, site):
        raise PermissionDenied
    return render(request, "pages/zone.html", _form_context(request, site, None))


@never_cache
@require_GET
def zone_page(request: HttpRequest, code: str, zone_id: UUID) -> HttpResponse:
    """Show a zone: to change for those who may, with all its versions."""
    site = visible_site(request.user, code)
    return render(request, "pages/zone.html", _form_context(request, site, zone_on(site, zone_id)))


def _form_context(request: HttpRequest, site: Site, zone: Zone | None) -> dict[str, Any]:
    editing = may_edit_zones(request.user, site) and (zone is None or zone.active)
    versions = zone.versions.select_related("recorded_by") if zone else []
    others = Zone.objects.filter(site=site, active=True).order_by("code")
    if zone is not None:
        others = others.exclude(pk=zone.pk)
    heard = (
        [one for one in devices_in_zone(zone, timezone.now()) if one.kind in HEARING] if zone and zone.active else []
    )
    return {
        "site": site,
        "zone": zone,
        "heard": len(heard),
        "command": command_part(request, site, target="zone", target_id=str(zone.pk)) if zone and heard else None,
        "area_m2": area_m2(zone) if zone else None,
        "editing": editing,
        "fence": getattr(zone, "fence", None) if zone else None,
        "page_settings": map_settings_of(site, zone=zone, editing=editing),
        "map_settings": MAP_SETTINGS,
        "kinds": Zone.Kind.choices,
        "parents": others,
        "storeys": storeys_of(site),
        "own_storeys": set(zone.storeys.values_list("pk", flat=True)) if zone else set(),
        "causes": told_causes(live_triggers_of(zone, now=timezone.now())) if zone and zone.active else [],
        "versions": [{"version": row, "changes": change_lines(row)} for row in versions],
    }


@require_GET
def plan(request: HttpRequest, code: str) -> JsonResponse:
    """Return the elements of a storey (walls, columns, slabs) from above, to draw along and to snap to."""
    site = visible_site(request.user, code)
    return JsonResponse(plan_of_storey(site, request.GET.get("storey", "")))
