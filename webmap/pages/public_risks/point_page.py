"""`/region/public-risks/new/` and `/region/public-risks/<id>/`: a point on the map, its facts, its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from spatial.media import BlobMissing, open_blob
from spatial.public_risks.models import PublicRisk
from spatial.public_risks.operations import (
    PublicRiskForbidden,
    PublicRiskRefused,
    add_public_risk,
    close_public_risk,
    outside,
    revise_public_risk,
)
from spatial.public_risks.queries import facts_of, may_write

from .forms import SCORE_FIELDS, PointForm, form_field
from .gate import check_regulator, visible_risk
from .pictures import store_photo
from .words import field_word, problem_sentence


@require_http_methods(["GET", "POST"])
def new_page(request: HttpRequest) -> HttpResponse:
    """Add a point."""
    check_regulator(request.user)
    form = PointForm(request.user, timezone.localdate(), request.POST or None, request.FILES or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, form, None, status=200 if request.method == "GET" else 422)
    return _kept(request, form, None)


@require_http_methods(["GET", "POST"])
def point_page(request: HttpRequest, risk_id: UUID) -> HttpResponse:
    """Show a point, and change it."""
    point = visible_risk(request.user, risk_id)
    today = timezone.localdate()
    if request.method == "GET":
        form = PointForm(request.user, today, initial=_initial(point), keep_shape=point)
        return _page(request, form, point)
    form = PointForm(request.user, today, request.POST, request.FILES, keep_shape=point)
    return _kept(request, form, point) if form.is_valid() else _page(request, form, point, status=422)


def _kept(request: HttpRequest, form: PointForm, point: PublicRisk | None) -> HttpResponse:
    now: Any = timezone.now()
    try:
        upload = form.cleaned_data.get("photo")
        photo_sha256 = store_photo(upload) if upload else None
        placed = form.placed()
        if point is None:
            point = add_public_risk(placed=placed, photo_sha256=photo_sha256 or "", actor=request.user, now=now)
        else:
            revise_public_risk(point=point, placed=placed, photo_sha256=photo_sha256, actor=request.user, now=now)
        return redirect("public-risk", risk_id=point.pk)
    except ValidationError as error:
        form.add_error("photo", error)
    except PublicRiskRefused as error:
        for _row, problem in error.problems:
            field = form_field(problem.field, form.cleaned_data["method"])
            form.add_error(field, f"{field_word(problem.field)}: {problem_sentence(problem)}")
    except PublicRiskForbidden:
        form.add_error(None, _("Only the regulators of this region keep its public risk points."))
        return _page(request, form, point, status=403)
    return _page(request, form, point, status=422)


def _initial(point: PublicRisk) -> dict[str, Any]:
    initial = facts_of(point) | {"region": point.region_id, "crs": "EPSG:4490"}
    for (method, letter), name in SCORE_FIELDS.items():
        if point.method == method and letter in point.scores:
            initial[name] = str(point.scores[letter])
    if point.geometry.geom_type == "Point":
        initial |= {"x": round(point.geometry.x, 7), "y": round(point.geometry.y, 7)}
    return initial


def _page(
    request: HttpRequest, form: PointForm, point: PublicRisk | None, *, error: str = "", status: int = 200
) -> HttpResponse:
    groups = [
        (_("What it is"), ["region", "code", "name", "kind"]),
        (_("Where it is"), ["crs", "x", "y"]),
        (_("How it is graded"), ["method", *SCORE_FIELDS.values(), "direct_reason"]),
        (_("Who answers for it"), ["responsible_unit", "responsible_person", "phone"]),
        (_("What is done"), ["measures", "next_check_on", "photo"]),
    ]
    methods = {name: method for (method, _letter), name in SCORE_FIELDS.items()} | {"direct_reason": "direct"}
    context = {
        "form": form,
        "groups": [(title, [(form[name], methods.get(name, "")) for name in names]) for title, names in groups],
        "point": point,
        "tables": form.tables,
        "shape": point.geometry.geojson if point else "",
        "is_outside": point is not None and outside(point.region, point.geometry),
        "may_write": point is None or may_write(request.user, point.region),
        "error": error,
        "today": timezone.localdate(),
    }
    return render(request, "pages/public_risk.html", context, status=status)


@require_POST
def close(request: HttpRequest, risk_id: UUID) -> HttpResponse:
    """Close a point that is no risk any more."""
    point = visible_risk(request.user, risk_id)
    try:
        close_public_risk(point=point, reason=request.POST.get("reason", ""), actor=request.user, now=timezone.now())
    except PublicRiskRefused as error:
        words = " ".join(problem_sentence(problem) for _row, problem in error.problems)
        form = PointForm(request.user, timezone.localdate(), initial=_initial(point), keep_shape=point)
        return _page(request, form, point, error=words, status=422)
    return redirect("public-risks")


@require_GET
@cache_control(private=True, max_age=3600)
def photo(request: HttpRequest, risk_id: UUID) -> HttpResponseBase:
    """Send the photo of a point."""
    point = visible_risk(request.user, risk_id)
    try:
        return FileResponse(open_blob(point.photo_sha256), content_type="image/jpeg")
    except (BlobMissing, IsADirectoryError) as error:
        raise Http404 from error
