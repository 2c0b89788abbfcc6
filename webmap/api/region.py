"""`/api/v1/region...`: everything that the user may see, from above."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Router

from spatial.places.models import Region, Site
from spatial.public_risks.models import PublicRisk
from spatial.public_risks.queries import standing
from webmap.live.payloads import RegionState
from webmap.live.region_state import Summaries, region_state

router = Router(tags=["region"])
SIMPLIFY_DEGREES = 0.0002


@router.get("/region/state", response=RegionState, summary="Sites with colours and counts, and the weighted grade")
def read_region_state(request: HttpRequest) -> RegionState:
    ids = Site.objects.visible_to(request.user).values_list("id", flat=True)
    return region_state(Summaries(), ids, now=timezone.now())


@router.get("/region/boundaries.geojson", response=dict[str, Any], summary="Boundaries; not authoritative")
def read_boundaries(request: HttpRequest) -> dict[str, Any]:
    """Boundaries of the regions that hold visible sites or are the user's own, simplified for the screen."""
    return {
        "type": "FeatureCollection",
        "authoritative": False,
        "features": [_feature(region) for region in visible_regions(request.user)],
    }


@router.get("/region/public-risks.geojson", response=dict[str, Any], summary="Public risk points of own regions")
def read_public_risks(request: HttpRequest) -> dict[str, Any]:
    """Public risk points that stand in the regions that the user regulates; nobody else gets any."""
    today = timezone.localdate()
    points = standing(request.user).order_by("grade", "code")
    return {"type": "FeatureCollection", "features": [_public_risk(point, today) for point in points]}


def _public_risk(point: PublicRisk, today: date) -> dict[str, Any]:
    shape = point.geometry
    return {
        "type": "Feature",
        "id": str(point.id),
        "geometry": {"type": shape.geom_type, "coordinates": shape.coords},
        "properties": {
            "code": point.code,
            "name": point.name,
            "kind": point.get_kind_display(),
            "region": point.region.name,
            "grade": point.grade,
            "unit": point.responsible_unit,
            "person": point.responsible_person,
            "next_check_on": point.next_check_on.isoformat() if point.next_check_on else None,
            "is_late": point.next_check_on is not None and point.next_check_on < today,
            "url": reverse("public-risk", args=[point.id]),
        },
    }


def visible_regions(user: Any) -> list[Region]:
    """Return the regions with a boundary above or around the visible sites, and those below the user's own."""
    paths = set(Site.objects.visible_to(user).filter(region__isnull=False).values_list("region__path", flat=True))
    own = set(user.memberships.filter(region__isnull=False).values_list("region__path", flat=True))
    if user.is_superuser:
        return list(Region.objects.filter(boundary__isnull=False))
    above = {path[:end] for path in paths | own for end in range(Region.steplen, len(path) + 1, Region.steplen)}
    return [
        region
        for region in Region.objects.filter(boundary__isnull=False)
        if region.path in above or any(region.path.startswith(path) for path in own)
    ]


def _feature(region: Region) -> dict[str, Any]:
    boundary: Any = region.boundary
    simple = boundary.simplify(SIMPLIFY_DEGREES, preserve_topology=True)
    shape = simple if not simple.empty else boundary
    coords = shape.coords if shape.geom_type == "MultiPolygon" else (shape.coords,)
    return {
        "type": "Feature",
        "id": str(region.id),
        "geometry": {"type": "MultiPolygon", "coordinates": coords},
        "properties": {
            "code": region.code,
            "name": region.name,
            "level": region.level,
            "source": region.boundary_source,
        },
    }
