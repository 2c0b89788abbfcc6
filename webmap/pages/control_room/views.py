"""`/sites/<code>/live/`: one screen for the control room."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from spatial.alarms.operations import MAY_ACKNOWLEDGE
from spatial.people.queries import roles_on
from spatial.places.models import Site
from spatial.privacy.queries import may_see_names
from webmap.access import visible_site
from webmap.live.roll import roll_of
from webmap.pages.site_2d import MAP_SETTINGS, page_settings
from webmap.pages.site_3d import view_settings
from webmap.project.security import with_policy

from .machines import machine_facts
from .sensors import newest_values


def live_settings(site: Site, user: Any) -> dict[str, Any]:
    """Return what the scripts of the live pages need to know: the site in 2D and in 3D, and who looks."""
    return {
        **page_settings(site),
        "view": view_settings(site, user, test_profile=False),
        "may_acknowledge": user.is_superuser or bool(roles_on(user, site) & MAY_ACKNOWLEDGE),
        "urls": {
            name: f"/sites/{site.code}/live/{name}.json" for name in ("roll", "sensors", "cameras", "machine-facts")
        },
    }


@never_cache
@require_GET
@with_policy(
    script_src=("'wasm-unsafe-eval'",), worker_src=("blob:",), style_src=("'unsafe-inline'",), media_src=("blob:",)
)
def control_room(request: HttpRequest, code: str) -> HttpResponse:
    """Show the control room."""
    site = visible_site(request.user, code)
    context = {"site": site, "page_settings": live_settings(site, request.user), "map_settings": MAP_SETTINGS}
    return render(request, "pages/control_room.html", context)


@never_cache
@require_GET
def roll(request: HttpRequest, code: str) -> HttpResponse:
    """Answer who carries which device, since when; read anew when somebody unknown appears, not on a timer."""
    site = visible_site(request.user, code)
    found = roll_of(site, now=timezone.now(), named=may_see_names(request.user, site))
    return HttpResponse(found.model_dump_json(), content_type="application/json")


@never_cache
@require_GET
def sensors(request: HttpRequest, code: str) -> JsonResponse:
    """Answer the newest values of the site's measurements; read while the list of them is open."""
    site = visible_site(request.user, code)
    return JsonResponse({"items": newest_values(site, now=timezone.now())})


@never_cache
@require_GET
def machines(request: HttpRequest, code: str) -> JsonResponse:
    """Answer operators, wind and values of the site's machines; read while the list of them is open."""
    site = visible_site(request.user, code)
    return JsonResponse({"items": machine_facts(site, now=timezone.now(), named=may_see_names(request.user, site))})
