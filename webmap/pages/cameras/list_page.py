"""`/sites/<code>/live/cameras/`: where the cameras stand and what they see."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from spatial.cameras.models import Camera
from spatial.cameras.queries import may_manage, visible
from webmap.access import visible_site
from webmap.pages.site_2d import MAP_SETTINGS, page_settings


def camera_item(camera: Camera) -> dict[str, Any]:
    """Return a camera as maps need it: place and view, never its address or account."""
    place = camera.anchor.geometry.centroid if camera.anchor.geometry.geom_type != "Point" else camera.anchor.geometry
    return {
        "id": str(camera.pk),
        "name": camera.name,
        "storey": camera.anchor.storey.name if camera.anchor.storey else "",
        "lon": place.x,
        "lat": place.y,
        "h": place.z if place.hasz else None,
        "bearing_deg": camera.bearing_deg,
        "tilt_deg": camera.tilt_deg,
        "field_of_view_deg": camera.field_of_view_deg,
        "range_m": camera.range_m,
        "url": reverse("camera", args=[camera.site.code, camera.pk]),
    }


@never_cache
@require_GET
def cameras_json(request: HttpRequest, code: str) -> JsonResponse:
    """Answer the cameras in use."""
    site = visible_site(request.user, code)
    return JsonResponse(
        {"items": [camera_item(camera) for camera in visible(request.user).filter(site=site, active=True)]}
    )


@require_GET
def camera_list(request: HttpRequest, code: str) -> HttpResponse:
    """Show the cameras on the map and in a table."""
    site = visible_site(request.user, code)
    cameras = list(visible(request.user).filter(site=site, active=True))
    context = {
        "site": site,
        "cameras": cameras,
        "may_manage": may_manage(request.user, site),
        "page_settings": {**page_settings(site), "cameras": [camera_item(camera) for camera in cameras]},
        "map_settings": MAP_SETTINGS,
    }
    return render(request, "pages/cameras.html", context)
