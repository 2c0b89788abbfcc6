"""`/api/v1/region...`: everything that the user may see, from above."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

from django.contrib.gis.geos import Polygon
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router
from ninja.errors import HttpError

from spatial.places.models import STORAGE_SRID, Region, Site
from spatial.public_risks.models import PublicRisk
from spatial.public_risks.queries import standing
from spatial.zones.cached_colours import CachedGrade, ShownPoint, remembered_grades, shown_points
from webmap.live.payloads import RegionState
from webmap.live.region_state import Summaries, region_state

from .answers import as_json

router = Router(tags=["region"])
SIMPLIFY_DEGREES = 0.0002
MOST_SITES = 60


@router.get("/region/state", response=RegionState, summary="Sites with colours and counts, and the weighted grade")
def read_region_state(request: HttpRequest) -> HttpResponse:
    ids = Site.objects.visible_to(request.user).values_list("id", flat=True)
    return as_json(region_state(Summaries(), ids, now=timezone.now()))


@router.get("/region/risk-points.geojson", response=dict[str, Any], summary="Risk points in a box, coloured as now")
def read_risk_points(request: HttpRequest, response: HttpResponse, bbox: str) -> Any:
    """Risk points of the sites in `bbox` (west,south,east,north in degrees), at most 60 sites at once.

    The ETag names the version of every site's facts: an answer that was kept is asked about, never trusted.
    """
    box, now = _box(bbox), timezone.now()
    area = Polygon.from_bbox(box)
    area.srid = STORAGE_SRID
    reach = Q(boundary__intersects=area) | Q(boundary__isnull=True, location__within=area)
    sites = {
        site.pk: site for site in Site.objects.visible_to(request.user).filter(reach).only("code")[: MOST_SITES + 1]
    }
    if len(sites) > MOST_SITES:
        raise HttpError(422, _("This part of the map holds too many sites; zoom in."))
    grades = remembered_grades(sites, now=now)
    tag = _tag(grades, box)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag, "Cache-Control": "private, no-cache"})
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    points = shown_points(sites, box=box, now=now)
    return {"type": "FeatureCollection", "features": [_point_feature(point, sites) for point in points]}


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise HttpError(422, _("A box is west,south,east,north in degrees.")) from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise HttpError(422, _("A box is west,south,east,north in degrees."))
    return west, south, east, north


def _tag(grades: dict[Any, CachedGrade], box: tuple[float, ...]) -> str:
    told = ",".join(f"{key}:{grade.version}:{grade.valid_until}" for key, grade in sorted(grades.items()))
    return f'"{sha256(f"{told}|{box}".encode()).hexdigest()[:32]}"'


def _point_feature(point: ShownPoint, sites: dict[Any, Site]) -> dict[str, Any]:
    code = sites[point.site_id].code
    return {
        "type": "Feature",
        "id": str(point.id),
        "geometry": {"type": "Point", "coordinates": [point.lon, point.lat]},
        "properties": {"code": point.code, "name": point.name, "grade": point.grade, "site_url": f"/sites/{code}/"},
    }


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
