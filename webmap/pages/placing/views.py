"""`/sites/<code>/models/<revision>/place/`: place or correct a model by pairs of points, and take that back."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import numpy as np
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bim.hand_placing import PlacingRefused, check_place, fit_on, place_by_hand, withdraw_hand_placement
from bim.ifc.placements import Candidate
from bim.models import Revision
from bim.pipeline.placing import to_geodetic
from bim.placing_rules import PairsRefused, read_pairs
from bim.queries import hand_placement_of, model_extent
from spatial import crs
from spatial.places.models import Site
from webmap.access import imported_on_site
from webmap.pages.imports.upload import may_upload
from webmap.pages.imports.words import georeference_words

from .words import doubt_words, pairs_words, placing_words, sentence_words

MAP_SETTINGS = {"MIN_ZOOM": 13, "MAX_ZOOM": 25}
MOST_BOXES = 20_000
STRAIGHT = 0.01
ARM_M = 100.0
NOT_DRAWN = ("IfcOpeningElement", "IfcSpace", "IfcSite", "IfcBuilding", "IfcBuildingStorey", "IfcProject")


def _mine(request: HttpRequest, code: str, revision_id: UUID) -> tuple[Site, Revision]:
    """Return site and imported revision for those who may import models there. Raises Http404, PermissionDenied."""
    site, revision = imported_on_site(request.user, code, revision_id)
    if not may_upload(request.user, site):
        raise PermissionDenied
    return site, revision


@never_cache
@require_http_methods(["GET", "POST"])
def place(request: HttpRequest, code: str, revision_id: UUID) -> HttpResponse:
    """Show the page, or keep a placement and go to the revision that will stand there."""
    site, revision = _mine(request, code, revision_id)
    if request.method == "GET":
        return _page(request, site, revision)
    try:
        queued = place_by_hand(
            revision=revision,
            pairs=read_pairs(_pairs_of(request.POST.get("pairs", ""), site)),
            free_scale="free_scale" in request.POST,
            confirmed="confirmed" in request.POST,
            actor=request.user,
            now=timezone.now(),
        )
    except PairsRefused as refused:
        return _page(request, site, revision, error=pairs_words(refused), status=422)
    except PlacingRefused as refused:
        return _page(request, site, revision, error=placing_words(refused), status=422)
    return redirect("revision", code=site.code, revision_id=queued.id)


@require_POST
def undo(request: HttpRequest, code: str, revision_id: UUID) -> HttpResponse:
    """Take the placement by hand back and go to the revision that will stand as before."""
    site, revision = _mine(request, code, revision_id)
    try:
        queued = withdraw_hand_placement(revision=revision, actor=request.user, now=timezone.now())
    except PlacingRefused as refused:
        return _page(request, site, revision, error=placing_words(refused), status=409)
    return redirect("revision", code=site.code, revision_id=queued.id)


@never_cache
@require_GET
def plan(request: HttpRequest, code: str, revision_id: UUID) -> JsonResponse:
    """Return the boxes of the elements in the model's own coordinates (m), largest first.

    A box is [storey or -1, least x, y, z, greatest x, y, z, 1 where its corners are the element's own].
    """
    _, revision = _mine(request, code, revision_id)
    rows = (
        revision.elements.exclude(model_box_m=None)
        .exclude(ifc_class__in=NOT_DRAWN)
        .values_list("storey__index", "model_box_m", "placement_m")
    )
    boxes = [[-1 if storey is None else storey, *_rounded(box), _is_straight(at)] for storey, box, at in rows]
    boxes.sort(key=lambda box: (box[1] - box[4]) * (box[5] - box[2]))
    return JsonResponse({"boxes": boxes[:MOST_BOXES], "left_out": max(0, len(boxes) - MOST_BOXES)})


def _rounded(box: Any) -> list[float]:
    return [round(value, 4) for value in box]


def _is_straight(placement_m: Any) -> int:
    """Return 1 where an element's own axes are the model's, so that its box has its true corners."""
    if not placement_m:
        return 1
    return int(min(abs(placement_m[0]), abs(placement_m[4])) < STRAIGHT)


@never_cache
@require_POST
def fit(request: HttpRequest, code: str, revision_id: UUID) -> JsonResponse:
    """Return the place that pairs give, in numbers and words; nothing is kept.

    The map's side of a pair is `map` [E, N, H or null] or `place` [longitude, latitude, H or null].
    """
    site, revision = _mine(request, code, revision_id)
    try:
        body = json.loads(request.body)
        given, free_scale = body["pairs"], bool(body.get("free_scale"))
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"detail": _("The request cannot be read.")}, status=400)
    entries = _pairs_of(given, site)
    answer: dict[str, Any] = {"points": [_point_of(entry, site) for entry in entries]}
    try:
        found = fit_on(revision, read_pairs(entries), free_scale=free_scale)
    except PairsRefused as refused:
        return JsonResponse({**answer, "reason": pairs_words(refused)})
    problem = check_place(revision, found)
    return JsonResponse(
        {
            **answer,
            "residuals_m": found.residuals_m,
            "rms_m": found.rms_m,
            "rotation_deg": found.rotation_deg,
            "scale": found.scale,
            "free_scale": found.free_scale,
            "doubts": [doubt_words(doubt) for doubt in found.doubts],
            "problem": sentence_words(problem),
            "frame": _frame(Candidate(60, "", "projected", f"EPSG:{site.projected_srid}", found.matrix), revision),
        }
    )


def _pairs_of(given: Any, site: Site) -> list[Any]:
    """Return pairs with E, N, H, whatever way the map's side was given; what cannot be read stays as it is."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            return []
    if not isinstance(given, list):
        return []
    return [_with_grid(entry, site) for entry in given]


def _with_grid(entry: Any, site: Site) -> Any:
    if not isinstance(entry, dict) or "place" not in entry:
        return entry
    try:
        lon, lat, height = entry["place"]
        east, north = crs.transform_point(
            float(lon), float(lat), from_srid=crs.STORAGE_SRID, to_srid=site.projected_srid
        )
    except (TypeError, ValueError):
        return entry
    return {"model": entry.get("model"), "map": [round(east, 4), round(north, 4), height]}


def _point_of(entry: Any, site: Site) -> dict[str, float] | None:
    """Return E, N and longitude, latitude of a pair's point on the map, None where it has none."""
    try:
        east, north = float(entry["map"][0]), float(entry["map"][1])
        lon, lat = crs.transform_point(east, north, from_srid=site.projected_srid, to_srid=crs.STORAGE_SRID)
    except (TypeError, ValueError, KeyError, IndexError):
        return None
    return {"east": east, "north": north, "lon": lon, "lat": lat}


def _frame(candidate: Candidate | None, revision: Revision) -> dict[str, Any] | None:
    """Return where the model's centre and arms of 100 m along x and y lie (latitude, longitude), to draw it by."""
    extent = model_extent(revision)
    if candidate is None or extent is None:
        return None
    lower, upper = np.array(extent)
    centre = (lower + upper) / 2
    arms = np.array([centre, centre + np.array([ARM_M, 0, 0]), centre + np.array([0, ARM_M, 0])])
    places = to_geodetic(candidate, arms)
    if not np.isfinite(places).all():
        return None
    ring = [[lower[0], lower[1]], [upper[0], lower[1]], [upper[0], upper[1]], [lower[0], upper[1]]]
    return {
        "centre": centre[:2].tolist(),
        "arm_m": ARM_M,
        "places": [[float(lat), float(lon)] for lon, lat, _height in places],
        "ring": [[float(x), float(y)] for x, y in ring],
    }


def _page(request: HttpRequest, site: Site, revision: Revision, *, error: str = "", status: int = 200) -> HttpResponse:
    held = hand_placement_of(revision.model)
    stored = (revision.georeference or {}).get("candidate")
    base = {"code": site.code, "revision_id": revision.id}
    kept = _pairs_of(request.POST.get("pairs", ""), site) if request.method == "POST" else held.pairs if held else []
    settings = {
        "code": site.code,
        "plan_url": reverse("place-model-plan", kwargs=base),
        "fit_url": reverse("place-model-fit", kwargs=base),
        "boundary": [[y, x] for x, y, *_rest in site.boundary.coords[0]] if site.boundary else [],
        "location": [site.location.y, site.location.x] if site.location else None,
        "storeys": [
            {"index": storey.index, "name": storey.name, "elevation_m": storey.model_elevation_m}
            for storey in revision.storeys.order_by("-index")
        ],
        "pairs": kept,
        "frame": _frame(Candidate.from_json(stored), revision) if stored else None,
    }
    context = {
        "site": site,
        "revision": revision,
        "held": held,
        "error": error,
        "place_words": georeference_words(revision.georeference),
        "page_settings": settings,
        "map_settings": MAP_SETTINGS,
    }
    return render(request, "pages/place_model.html", context, status=status)
