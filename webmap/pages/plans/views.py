"""The page of a site's plans: the list with residuals, a new picture, a new drawing, and two compared by a slider."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import condition, require_GET, require_http_methods

from ingest.rasters.operations import SiteMapRefused, import_site_map
from ingest.vectors.drawings.operations import drawing_of, import_drawing, shapes_geojson
from ingest.vectors.drawings.placing import place_drawing
from ingest.vectors.places.operations import ImportRefused, keep_file
from ingest.vectors.places.problems import FieldRefused, FileRefused
from ingest.vectors.places.reach import may_change_structure
from spatial.media import open_blob
from spatial.places.models import PlaceFile, Site, SiteDrawing
from spatial.places.queries import plans_of
from webmap.access import visible_site
from webmap.pages.first_site.refusal_words import refusal_words
from webmap.pages.places import words

from .forms import DrawingFileForm, DrawingForm, PictureForm, start_of
from .shown import control_points_shown, plans_shown
from .thumbnails import layers_shown

MAP_SETTINGS: Final = {"MIN_ZOOM": 13, "MAX_ZOOM": 23}


@never_cache
@require_http_methods(["GET", "POST"])
def plans_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the plans of a site; a POST takes a picture or the file of a drawing."""
    site = visible_site(request.user, code)
    picture, drawing = PictureForm(), DrawingFileForm()
    residuals: list[dict[str, Any]] = []
    if request.method == "POST":
        if not may_change_structure(request.user, site):
            raise Http404
        if "drawing-send" in request.POST:
            drawing = DrawingFileForm(request.POST, request.FILES)
            if drawing.is_valid():
                file = drawing.cleaned_data["file"]
                kept = keep_file(kind=PlaceFile.Kind.DRAWING, site=site, content=file.read(), file_name=file.name or "",
                                 actor=request.user, now=timezone.now())  # fmt: skip
                return redirect("site-drawing", code=site.code, file_id=kept.pk)
        else:
            picture = PictureForm(request.POST, request.FILES)
            if picture.is_valid():
                residuals = _take_picture(request, site, picture)
                if not picture.errors:
                    return redirect("site-plans", code=site.code)
    context = {
        "site": site,
        "plans": [(row, control_points_shown(row)) for row in plans_of(site)],
        "plan": picture,
        "drawing": drawing,
        "residuals": residuals,
        "may_change": may_change_structure(request.user, site),
        "page_settings": _page_settings(site),
        "map_settings": MAP_SETTINGS,
    }
    return render(request, "pages/site_plans.html", context, status=400 if picture.errors or drawing.errors else 200)


def _page_settings(site: Site) -> dict[str, Any]:
    return {
        "plans": plans_shown(site, timezone.now()),
        "boundary": [[y, x] for x, y, *_ in site.boundary.coords[0]] if site.boundary else [],
        "location": [site.location.y, site.location.x] if site.location else None,
        "time_zone": site.time_zone,
    }


def _take_picture(request: HttpRequest, site: Site, form: PictureForm) -> list[dict[str, Any]]:
    """Import a picture; when its control points fit badly, return each with its residual."""
    given, now = form.cleaned_data, timezone.now()
    points = given["points"]
    try:
        made = import_site_map(
            site=site,
            name=given["name"],
            image=given["image"],
            file_name=given["image"].name or "",
            control_points=points,
            actor=request.user,
            now=now,
            valid_from=start_of(given["valid_from"], site, now),
        )
    except SiteMapRefused as refusal:
        form.add_error(refusal.field, refusal_words(str(refusal)))
        worst = max(refusal.residuals_m, default=0.0)
        return [
            {"number": number, "row": row, "residual_m": residual, "worst": residual == worst}
            for number, (row, residual) in enumerate(zip(points, refusal.residuals_m, strict=False), start=1)
        ]
    said = _("The site plan is on the map; its control points fit within %(rms).2f m.") % {"rms": made.residual_rms_m}
    messages.success(request, said)
    return []


@never_cache
@require_http_methods(["GET", "POST"])
def drawing_page(request: HttpRequest, code: str, file_id: UUID) -> HttpResponse:
    """Choose the layers of a drawing and how it is placed; a look comes first, `import` writes it."""
    site = visible_site(request.user, code)
    if not may_change_structure(request.user, site):
        raise Http404
    file = get_object_or_404(PlaceFile, pk=file_id, site=site, kind=PlaceFile.Kind.DRAWING)
    context: dict[str, Any] = {"site": site, "file": file, "map_settings": MAP_SETTINGS}
    try:
        drawing = drawing_of(file)
    except FileRefused as refusal:
        return render(request, "pages/site_drawing.html", {**context, "unreadable": words.refusal(refusal)}, status=422)
    form = DrawingForm(request.POST or None, drawing=drawing, site=site, name=file.file_name.rsplit(".", 1)[0])
    shapes = None
    if request.method == "POST" and form.is_valid():
        try:
            if "import" in request.POST:
                now = timezone.now()
                made = import_drawing(file=file, name=form.cleaned_data["name"], placing=form.placing(),
                                      valid_from=start_of(form.cleaned_data["valid_from"], site, now),
                                      actor=request.user, now=now)  # fmt: skip
                messages.success(request, _("%(name)s is on the map.") % {"name": made.name})
                return redirect("site-plans", code=site.code)
            placed = place_drawing(drawing, form.placing(), site)
            shapes = shapes_geojson(placed)
            context["fit"] = placed.fit
        except FieldRefused as refusal:
            _add_refusal(form, refusal)
        except ImportRefused as refusal:
            form.add_error(None, _(str(refusal)))
    context |= {
        "form": form,
        "drawing": drawing,
        "layers": layers_shown(drawing),
        "chosen": form["layers"].value() or [],
        "bounds": drawing.bounds(),
        "shapes": shapes,
        "page_settings": _page_settings(site),
    }
    return render(request, "pages/site_drawing.html", context, status=400 if form.errors else 200)


def _add_refusal(form: DrawingForm, refusal: FieldRefused) -> None:
    field = refusal.problem.field if refusal.problem.field in form.fields else "datum"
    text = refusal_words(refusal.problem.sentence) if field == "points" else words.said("", refusal.problem).text
    form.add_error(field, text)


def _etag(request: HttpRequest, drawing_id: UUID) -> str | None:
    row = SiteDrawing.objects.visible_to(request.user).filter(id=drawing_id).only("shapes_sha256").first()
    return quote_etag(row.shapes_sha256) if row else None


@require_GET
@condition(etag_func=_etag)
def drawing_shapes(request: HttpRequest, drawing_id: UUID) -> HttpResponseBase:
    """Send the shapes of a drawing as GeoJSON in EPSG:4490, for those who may see its site."""
    row = get_object_or_404(SiteDrawing.objects.visible_to(request.user), id=drawing_id)
    response = FileResponse(open_blob(row.shapes_sha256), content_type="application/geo+json")
    response["Cache-Control"] = "private, max-age=0, must-revalidate"
    return response
