"""Add a camera, change it, take it out of use."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from spatial.cameras.models import Camera
from spatial.cameras.operations import CameraDraft, add_camera, change_camera, retire_camera
from spatial.cameras.queries import may_manage, visible
from spatial.cameras.rules import CameraRefused
from spatial.places.models import Site
from webmap.access import visible_site
from webmap.pages.site_2d import MAP_SETTINGS, page_settings

from .words import refusal_words

FIELD_OF_CODE = {
    "address": "address", "scheme": "address", "bearing": "bearing_deg", "tilt": "tilt_deg", "name": "name",
    "field_of_view": "field_of_view_deg", "range": "range_m", "name_taken": "name",
}  # fmt: skip


class CameraForm(forms.Form):
    """What is asked of a camera. The stored password is never sent to a page."""

    name = forms.CharField(label=lazy("Name of the camera"), max_length=120)
    address = forms.CharField(label=lazy("Address of the picture (RTSP)"), max_length=500)
    username = forms.CharField(label=lazy("Account on the camera"), max_length=80, required=False)
    password = forms.CharField(
        label=lazy("Password on the camera"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    lon = forms.FloatField(label=lazy("Longitude"), min_value=-180, max_value=180)
    lat = forms.FloatField(label=lazy("Latitude"), min_value=-90, max_value=90)
    height_m = forms.FloatField(label=lazy("Height (m, Yellow Sea 1985)"))
    bearing_deg = forms.FloatField(label=lazy("Looks towards (degrees from north, clockwise)"), initial=0)
    tilt_deg = forms.FloatField(label=lazy("Tilt (degrees, below the horizon is negative)"), initial=-15)
    field_of_view_deg = forms.FloatField(label=lazy("Field of view (degrees)"), initial=80)
    range_m = forms.FloatField(label=lazy("Range (m)"), initial=60)

    def draft(self) -> CameraDraft:
        """Return what was said; an empty password keeps the stored one."""
        data: dict[str, Any] = dict(self.cleaned_data)
        data["password"] = data["password"] or None
        return CameraDraft(**data)


def managed_site(request: HttpRequest, code: str) -> Site:
    """Return the site if the user may set up its cameras. Raises Http404 or PermissionDenied."""
    site = visible_site(request.user, code)
    if not may_manage(request.user, site):
        raise PermissionDenied(refusal_words("role"))
    return site


def _shown(request: HttpRequest, site: Site, form: CameraForm, camera: Camera | None) -> HttpResponse:
    context = {
        "site": site,
        "form": form,
        "camera": camera,
        "page_settings": page_settings(site),
        "map_settings": MAP_SETTINGS,
    }
    return render(request, "pages/camera_form.html", context, status=422 if form.errors else 200)


def _refuse(form: CameraForm, error: CameraRefused) -> None:
    form.add_error(FIELD_OF_CODE.get(error.code), refusal_words(error.code, str(error)))


@require_http_methods(["GET", "POST"])
def add_page(request: HttpRequest, code: str) -> HttpResponse:
    """Add a camera."""
    site = managed_site(request, code)
    form = CameraForm(request.POST or None, initial={"height_m": site.ground_height_m + 4})
    if request.method == "POST" and form.is_valid():
        try:
            camera = add_camera(site=site, draft=form.draft(), actor=request.user, now=timezone.now())
        except CameraRefused as error:
            _refuse(form, error)
        else:
            messages.success(request, _("%(name)s is set up.") % {"name": camera.name})
            return redirect("camera", site.code, camera.pk)
    return _shown(request, site, form, None)


@require_http_methods(["GET", "POST"])
def change_page(request: HttpRequest, code: str, camera_id: UUID) -> HttpResponse:
    """Change a camera."""
    site = managed_site(request, code)
    camera = get_object_or_404(visible(request.user), site=site, pk=camera_id, active=True)
    names = ("name", "address", "username", "bearing_deg", "tilt_deg", "field_of_view_deg", "range_m")
    place = camera.anchor.geometry
    initial = {name: getattr(camera, name) for name in names}
    form = CameraForm(request.POST or None, initial={**initial, "lon": place.x, "lat": place.y, "height_m": place.z})
    if request.method == "POST" and form.is_valid():
        try:
            change_camera(camera=camera, draft=form.draft(), actor=request.user, now=timezone.now())
        except CameraRefused as error:
            _refuse(form, error)
        else:
            return redirect("camera", site.code, camera.pk)
    return _shown(request, site, form, camera)


@require_POST
def retire(request: HttpRequest, code: str, camera_id: UUID) -> HttpResponse:
    """Take a camera out of use."""
    site = managed_site(request, code)
    camera = get_object_or_404(visible(request.user), site=site, pk=camera_id)
    retire_camera(camera=camera, actor=request.user, now=timezone.now())
    messages.success(request, _("%(name)s is out of use.") % {"name": camera.name})
    return redirect("cameras", site.code)
