"""`/sites/<code>/zones/from-models/` and `.../from-file/`: many zones at once, seen before they are taken."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import shapely
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from shapely.geometry.base import BaseGeometry

from bim.zone_candidates import Candidate, zone_candidates
from bim.zone_taking import Pick, take_zones
from ingest.zone_files import operations as files
from ingest.zone_files.reading import ZoneFile, read_zone_file
from spatial import crs, media
from spatial.places.models import Site
from spatial.zones.fitting import Mended
from spatial.zones.models import Zone
from spatial.zones.outline_rules import Finding
from spatial.zones.refusals import ZoneRefused
from webmap.access import visible_site

from .rights import may_edit_zones
from .views import MAP_SETTINGS, map_settings_of
from .words import file_words, finding_words, refusal_words

SOURCES = ("storeys", "spaces", "zones")


def _editor_site(request: HttpRequest, code: str) -> Site:
    site = visible_site(request.user, code)
    if not may_edit_zones(request.user, site):
        raise PermissionDenied
    return site


def _geometry(shape: BaseGeometry) -> Any:
    return json.loads(shapely.to_geojson(shape)) if not shape.is_empty else None


def _line(number: int, result: Mended) -> dict[str, Any]:
    """Return what a line of a preview says of a zone to be: measures, what is wrong, what the repairs do."""
    repaired: list[Finding] = [row for row in result.before.findings if row.code in result.repairs]
    change = result.after.area_m2 - result.before.area_m2 if result.repairs and result.before.area_m2 else None
    return {
        "number": number,
        "area_m2": result.after.area_m2,
        "change_m2": change,
        "bottom_m": result.bottom_m,
        "top_m": result.top_m,
        "problems": [finding_words(row) for row in result.after.findings],
        "repairs": [finding_words(row) for row in repaired],
    }


@never_cache
@require_http_methods(["GET", "POST"])
def from_models(request: HttpRequest, code: str) -> HttpResponse:
    """Show what the models offer, or take what was ticked. Raises PermissionDenied."""
    site = _editor_site(request, code)
    given = request.POST if request.method == "POST" else request.GET
    kind = given.get("source", "spaces") if given.get("source") in SOURCES else "spaces"
    candidates = zone_candidates(site, kind=kind)
    if request.method == "GET":
        return _models_page(request, site, kind, candidates)
    picks = [
        Pick(candidate, **_words_of(request.POST, number), repairs_seen="repairs" in request.POST)
        for number, candidate in enumerate(candidates)
        if str(number) in request.POST.getlist("pick") and request.POST.get(f"key-{number}") == candidate.key
    ]
    if not picks:
        return _models_page(request, site, kind, candidates, error=_("Tick the zones to take."), status=422)
    try:
        taken = take_zones(
            site=site, picks=picks, reason=_("Taken from the model"), actor=request.user, now=timezone.now()
        )
    except ZoneRefused as refusal:
        return _models_page(request, site, kind, candidates, error=refusal_words(refusal), status=422)
    _say_taken(request, len(taken))
    return redirect("zones", code=site.code)


def _words_of(given: Mapping[str, str], number: int) -> dict[str, str]:
    return {name: given.get(f"{name}-{number}", "").strip() for name in ("code", "name", "kind")}


def _say_taken(request: HttpRequest, count: int) -> None:
    text = ngettext("%(count)s zone was taken.", "%(count)s zones were taken.", count) % {"count": count}
    messages.success(request, text)


def _models_page(
    request: HttpRequest, site: Site, kind: str, candidates: list[Candidate], *, error: str = "", status: int = 200
) -> HttpResponse:
    lines = [
        _line(number, candidate.mended)
        | {
            "candidate": candidate,
            "kind": candidate.zone.kind if candidate.zone else "area",
            "ticked": candidate.fits and candidate.state in ("new", "changed"),
            "disabled": not candidate.fits or candidate.state in ("same", "withdrawn"),
        }
        for number, candidate in enumerate(candidates)
    ]
    settings = map_settings_of(site) | {"previews": [_geometry(candidate.mended.outline) for candidate in candidates]}
    context = {
        "site": site,
        "source": kind,
        "lines": lines,
        "kinds": Zone.Kind.choices,
        "has_repairs": any(line["repairs"] for line in lines),
        "error": error,
        "page_settings": settings,
        "map_settings": MAP_SETTINGS,
    }
    return render(request, "pages/zones_from_models.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def from_file(request: HttpRequest, code: str) -> HttpResponse:
    """Take a file, show its zones, or take what was ticked. Raises PermissionDenied."""
    site = _editor_site(request, code)
    if request.method == "GET":
        return _file_page(request, site)
    upload, sha256 = request.FILES.get("file"), request.POST.get("sha256", "")
    name = upload.name if upload is not None and upload.name else request.POST.get("file_name", "")
    try:
        content = upload.read() if upload is not None else media.open_blob(sha256).read()
        read = read_zone_file(content, name)
        sha256 = media.store_blob(io.BytesIO(content))
        drafts = files.preview_zones(site=site, file=read, **_reading(request.POST, site, read))
    except (media.BlobMissing, ValueError) as refusal:
        return _file_page(request, site, error=file_words(refusal), status=422)
    if "take" not in request.POST:
        return _file_page(request, site, name=name, sha256=sha256, file=read, drafts=drafts)
    picks = [
        files.Pick(draft, **_words_of(request.POST, draft.number), repairs_seen="repairs" in request.POST)
        for draft in drafts
        if str(draft.number) in request.POST.getlist("pick")
    ]
    error = "" if picks else _("Tick the zones to take.")
    if picks:
        try:
            taken = files.take_file_zones(
                site=site, picks=picks, file_name=name, sha256=sha256, actor=request.user, now=timezone.now()
            )
            _say_taken(request, len(taken))
            return redirect("zones", code=site.code)
        except ZoneRefused as refusal:
            error = refusal_words(refusal)
    return _file_page(request, site, name=name, sha256=sha256, file=read, drafts=drafts, error=error, status=422)


def _reading(given: Mapping[str, str], site: Site, read: ZoneFile) -> dict[str, Any]:
    """Return how a file is to be read: CRS, datum, heights. Raises ValueError with what to change."""
    chosen = given.get("crs", "file")
    datum: crs.MapDatum = "CGCS2000"
    if chosen == "file":
        srid = read.srid
    elif chosen in ("GCJ-02", "BD-09"):
        srid, datum = crs.STORAGE_SRID, "GCJ-02" if chosen == "GCJ-02" else "BD-09"
    elif chosen == "other":
        text = given.get("epsg", "").strip()
        srid = int(text) if text.isdigit() else None
    else:
        srid = int(chosen) if chosen.isdigit() else None
    if srid is None:
        raise ValueError(_("The file declares no coordinate system: choose the one that it was drawn in."))
    try:
        crs.crs_of(srid)
    except crs.CrsRefused as refusal:
        raise ValueError(_("EPSG:%(srid)s is not known.") % {"srid": srid}) from refusal
    return {"srid": srid, "datum": datum, "heights": (_height(given, "bottom"), _height(given, "top"))}


def _height(given: Mapping[str, str], name: str) -> float | None:
    text = given.get(name, "").strip()
    try:
        return float(text) if text else None
    except ValueError as error:
        raise ValueError(_("Bottom and top must be numbers of metres, or empty.")) from error


def _file_page(
    request: HttpRequest, site: Site, *, name: str = "", sha256: str = "", file: ZoneFile | None = None,
    drafts: list[files.Draft] | None = None, error: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    rows = drafts or []
    previews: list[Any] = [None] * (max((draft.number for draft in rows), default=-1) + 1)
    for draft in rows:
        previews[draft.number] = _geometry(draft.mended.outline)
    lines = [
        _line(draft.number, draft.mended)
        | {
            "draft": draft,
            "ticked": draft.fits,
            "disabled": not draft.fits,
            "unknown": ", ".join(draft.unknown_storeys),
        }
        for draft in rows
    ]
    context = {
        "site": site,
        "lines": lines,
        "file": file,
        "left_out": ", ".join(f"{count} × {what}" for what, count in sorted(file.left_out.items())) if file else "",
        "file_name": name,
        "sha256": sha256,
        "given": request.POST,
        "kinds": Zone.Kind.choices,
        "has_repairs": any(line["repairs"] for line in lines),
        "error": error,
        "page_settings": map_settings_of(site) | {"previews": previews},
        "map_settings": MAP_SETTINGS,
    }
    return render(request, "pages/zones_from_file.html", context, status=status)
