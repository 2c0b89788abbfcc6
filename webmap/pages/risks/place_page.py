"""Put a row of a draft on the map: a point, a line or an area with its height, or an element of the model."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from spatial.control_lists.models import ListEntry, ListVersion
from spatial.control_lists.operations import ListForbidden, ListRefused, place_entry
from spatial.control_lists.rules import PlaceData
from spatial.places.models import Storey

from .elements import elements_found
from .reach import draft_of, entry_of
from .words import problem_lines


@require_http_methods(["GET", "POST"])
def place_page(request: HttpRequest, code: str, version_id: UUID, entry_id: UUID) -> HttpResponse:
    """Show the map with the row's place, or take a place."""
    version = draft_of(request.user, code, version_id)
    entry = entry_of(version, entry_id)
    if request.method == "GET":
        return _page(request, version, entry)
    try:
        place = _given(request, version, entry)
        place_entry(version=version, entry=entry, place=place, actor=request.user, now=timezone.now())
    except (ListRefused, ListForbidden, ValueError, KeyError, TypeError) as error:
        lines = problem_lines(error.problems) if isinstance(error, ListRefused) else []
        refused = [line.text for line in lines] or [
            str(error) if isinstance(error, ListForbidden) else _("Choose a place: click it on the map.")
        ]
        return _page(request, version, entry, refused=refused, status=422)
    messages.success(request, _("%(row)s was placed.") % {"row": str(entry)})
    return redirect("control-list", code=code, version_id=version_id)


def _given(request: HttpRequest, version: ListVersion, entry: ListEntry) -> PlaceData:
    post = request.POST
    if post.get("element"):
        return element_place(version.site, post["element"])
    if post.get("whole_site"):
        return _whole_site(version.site)
    shape = json.loads(post.get("geometry", ""))
    storey = Storey.objects.filter(site=version.site, pk=post["storey"]).first() if post.get("storey") else None
    text = post.get("height_m", "").strip()
    height = float(text) if text else (storey.elevation_m if storey else version.site.ground_height_m)
    return PlaceData(_ewkt(shape["type"], shape["coordinates"], height), storey_id=str(storey.pk) if storey else "")


def _ewkt(kind: str, coordinates: Any, height_m: float) -> str:
    def line(points: Any) -> str:
        return ", ".join(f"{float(lon)!r} {float(lat)!r} {height_m!r}" for lon, lat, *_more in points)

    texts = {
        "Point": lambda: line([coordinates]),
        "LineString": lambda: line(coordinates),
        "Polygon": lambda: "(" + "), (".join(line(ring) for ring in coordinates) + ")",
    }
    return f"SRID=4490;{kind.upper()} Z ({texts[kind]()})"


def _whole_site(site: Any) -> PlaceData:
    if site.boundary is None:
        raise ValueError("The site has no boundary.")
    return PlaceData(_ewkt("Polygon", site.boundary.coords, site.ground_height_m))


def element_place(site: Any, key: str) -> PlaceData:
    """Return the place of an element named `model id:GlobalId`: a point in the middle of its box, on it."""
    found = elements_found(site, keys=[key])
    if not found:
        raise ValueError("There is no such element.")
    return found[0].place()


def _page(
    request: HttpRequest, version: ListVersion, entry: ListEntry, *, refused: list[str] | None = None, status: int = 200
) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    shape = json.loads(entry.geometry.geojson) if entry.geometry else None
    context = {
        "site": version.site,
        "version": version,
        "entry": entry,
        "refused": refused or [],
        "settings": {"site": version.site.code, "shape": shape},
        "storeys": Storey.objects.filter(site=version.site).order_by("elevation_m"),
        "height_m": _height(entry),
        "q": text,
        "elements": elements_found(version.site, text=text)[:30] if text else [],
        "ground_m": version.site.ground_height_m,
    }
    return render(request, "pages/control_list_place.html", context, status=status)


def _height(entry: ListEntry) -> float | None:
    if entry.geometry is None:
        return None
    coords = entry.geometry.coords
    while coords and not isinstance(coords[0], float | int):
        coords = coords[0]
    return round(coords[2], 2) if len(coords) > 2 else None
