"""Check one stop from a phone; the record of a check, with the way to report what was found."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib.gis.geos import Point
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods

from spatial.media import BlobMissing, open_blob
from spatial.patrols.models import Patrol, PatrolStop
from spatial.patrols.operations import PatrolRefused, do_patrol
from spatial.patrols.pictures import PictureRefused
from spatial.patrols.queries import may_do, open_patrols, standing, visible_patrols, visible_stops
from spatial.risks.models import ControlMeasure
from webmap.access import visible_site

from .words import STANDINGS, distance_words, local, refusal_words


class CheckForm(forms.Form):
    """What a person says at a stop."""

    outcome = forms.ChoiceField(
        label=_("Controls"),
        choices=Patrol.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether the controls are in place.")},
    )
    note = forms.CharField(
        label=_("What did you find?"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    photo = forms.FileField(
        label=_("Photo (optional)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )
    lon = forms.FloatField(widget=forms.HiddenInput, required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(widget=forms.HiddenInput, required=False, min_value=-90, max_value=90)
    accuracy_m = forms.FloatField(widget=forms.HiddenInput, required=False, min_value=0, max_value=100000)
    by_code = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def location(self) -> Point | None:
        """Return where the phone was, if it said so."""
        lon, lat = self.cleaned_data["lon"], self.cleaned_data["lat"]
        return None if lon is None or lat is None else Point(lon, lat, srid=4490)


@never_cache
@require_http_methods(["GET", "POST"])
def stop_page(request: HttpRequest, code: str, stop_id: UUID) -> HttpResponse:
    """Show what to check here, and record the check."""
    site, now = visible_site(request.user, code), timezone.now()
    stop = get_object_or_404(visible_stops(request.user), site=site, pk=stop_id)
    initial = {"by_code": "code" in request.GET}
    is_sent = request.method == "POST"
    form = CheckForm(request.POST, request.FILES) if is_sent else CheckForm(initial=initial)
    if form.is_valid():
        data = form.cleaned_data
        try:
            patrol = do_patrol(
                stop=stop, outcome=data["outcome"], note=data["note"], location=form.location(),
                accuracy_m=data["accuracy_m"], photo=data["photo"], by_code=data["by_code"],
                actor=request.user, now=now,
            )  # fmt: skip
            return redirect("patrol-record", code=code, patrol_id=patrol.pk)
        except PictureRefused:
            form.add_error("photo", _("The file is not a picture of at most 20 MB (JPEG, PNG or WebP)."))
        except PatrolRefused as refused:
            form.add_error("note" if refused.code == "no_note" else None, refusal_words(refused))
    waiting = open_patrols(site).filter(stop=stop).first()
    how = standing(waiting, now) if waiting else "done"
    context = {
        "site": site,
        "stop": stop,
        "count": stop.route.stops.filter(active=True).count(),
        "form": form if how != "later" and may_do(request.user, stop.route) else None,
        "how": how,
        "words": STANDINGS[how],
        "due": local(waiting.opens_at if how == "later" else waiting.due_at, site) if waiting else "",
        "measures": _measures(stop),
    }
    return render(request, "pages/patrol_stop.html", context, status=422 if form.errors else 200)


def _measures(stop: PatrolStop) -> list[tuple[str, list[ControlMeasure]]]:
    """Return the control measures to look at, by hazard source."""
    sources = stop.risk_point.sources.prefetch_related("measures").order_by("-grade", "name")
    return [(source.name, list(source.measures.all())) for source in sources]


@require_GET
def record_page(request: HttpRequest, code: str, patrol_id: UUID) -> HttpResponse:
    """Show a check that was made, the way to report its finding, and the next stop of the walk."""
    site = visible_site(request.user, code)
    patrol = get_object_or_404(visible_patrols(request.user), site=site, pk=patrol_id, done_at__isnull=False)
    waiting = open_patrols(site).filter(stop__route=patrol.stop.route, opens_at__lte=timezone.now())
    following = sorted(waiting, key=lambda one: (one.stop.position < patrol.stop.position, one.stop.position))
    context = {
        "site": site,
        "patrol": patrol,
        "done": local(patrol.done_at, site) if patrol.done_at else "",
        "due": local(patrol.due_at, site),
        "late": bool(patrol.done_at and patrol.done_at >= patrol.due_at),
        "distance": distance_words(patrol.distance_m, patrol.accuracy_m),
        "next": following[0] if following else None,
        "left": len(following),
        "report_url": _report_url(patrol),
    }
    return render(request, "pages/patrol_record.html", context)


def _report_url(patrol: Patrol) -> str:
    """Return the form of a hazard report with place, risk point and words of this finding filled in."""
    anchor = patrol.risk_point.anchor
    middle = anchor.geometry.centroid
    place: dict[str, Any] = {
        "patrol": patrol.pk,
        "lon": f"{middle.x:.7f}",
        "lat": f"{middle.y:.7f}",
        "h": f"{anchor.geometry.coords[2]:.2f}" if anchor.geometry.geom_type == "Point" else "",
    }
    if anchor.element_global_id:
        place |= {"model": anchor.model_id, "element": anchor.element_global_id}
    return reverse("hazard-new", args=[patrol.site.code]) + "?" + urlencode(place)


@require_GET
def open_patrol(request: HttpRequest, patrol_id: UUID) -> HttpResponse:
    """Lead from a colour's reason to the stop that was missed, or to the record once it was done."""
    patrol = get_object_or_404(visible_patrols(request.user), pk=patrol_id)
    if patrol.done_at is not None:
        return redirect("patrol-record", code=patrol.site.code, patrol_id=patrol.pk)
    if patrol.withdrawn_at is not None:
        return redirect("patrols", code=patrol.site.code)
    return redirect("patrol-stop", code=patrol.site.code, stop_id=patrol.stop_id)


@require_GET
@cache_control(private=True, max_age=3600)
def patrol_photo(request: HttpRequest, patrol_id: UUID) -> HttpResponseBase:
    """Send the photo of a patrol to who may see its site."""
    patrol = get_object_or_404(visible_patrols(request.user), pk=patrol_id)
    if not patrol.photo_sha256:
        raise Http404
    try:
        return FileResponse(open_blob(patrol.photo_sha256), content_type="image/jpeg")
    except BlobMissing as error:
        raise Http404 from error
