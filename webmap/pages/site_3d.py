"""`/sites/<code>/`: the site in 3D, the project manager's main screen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from spatial.people.models import Role
from spatial.people.queries import roles_on
from spatial.places.models import Site
from webmap.access import visible_site
from webmap.project.security import with_policy

IMPORTING_ROLES = {Role.BIM_ENGINEER, Role.PROJECT_MANAGER, Role.ENTERPRISE_SAFETY}


def _plan_place(site: Site) -> tuple[float, float] | None:
    """Return longitude and latitude of the middle of the site, or None where nothing says where it is."""
    if site.boundary:
        middle = site.boundary.centroid
        return middle.x, middle.y
    if site.location:
        return site.location.x, site.location.y
    return None


def view_settings(site: Site, user: Any, *, test_profile: bool) -> dict[str, Any]:
    """Return what the page's script needs to know: the site's frame and the addresses it reads."""
    place = _plan_place(site)
    base, api = f"/sites/{site.code}/", f"/api/v1/sites/{site.code}"
    may_import = user.is_superuser or bool(IMPORTING_ROLES & set(roles_on(user, site)))
    return {
        "site": {
            "id": str(site.id),
            "code": site.code,
            "name": site.name,
            "lon": place[0] if place else None,
            "lat": place[1] if place else None,
            "ground_height_m": site.ground_height_m,
            "boundary": [list(point[:2]) for point in site.boundary.coords[0]] if site.boundary else [],
            "time_zone": site.time_zone,
        },
        "urls": {
            "state": f"{api}/state",
            "stream": f"{api}/stream",
            "zones": f"{api}/zones.geojson",
            "devices": f"{api}/devices",
            "positions": f"{api}/positions",
            "site_maps": f"{api}/site-maps",
            "models": f"{api}/models",
            "report_hazard": f"{base}hazards/new/",
            "hazards": f"{base}hazards/",
            "map": f"{base}map/",
            "import": f"{base}models/",
            "cesium": static("build/cesium/"),
        },
        "may_import": may_import,
        "test_profile": test_profile,
    }


@never_cache
@require_GET
@with_policy(script_src=("'wasm-unsafe-eval'",), worker_src=("blob:",), style_src=("'unsafe-inline'",))
def site_3d(request: HttpRequest, code: str) -> HttpResponse:
    """Show the site in 3D. `?testprofile` draws a small picture without extras, for browser tests."""
    site = visible_site(request.user, code)
    settings = view_settings(site, request.user, test_profile="testprofile" in request.GET)
    return render(request, "pages/site_3d.html", {"site": site, "view_settings": settings})


urlpatterns = [path("sites/<slug:code>/", site_3d, name="site-3d")]
