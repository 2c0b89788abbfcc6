"""A camera's live picture: the page, the lease that keeps it running, and the files of HLS from our own origin."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from ingest.cameras.relay import PLAYLIST, Relays, Source, snapshot
from spatial.cameras.models import Camera
from spatial.cameras.operations import note_look
from spatial.cameras.queries import may_manage, visible
from spatial.cameras.rules import CameraRefused, read_address
from spatial.cameras.sealing import unseal
from webmap.access import visible_site
from webmap.project.security import with_policy

from .list_page import camera_item
from .words import refusal_words

TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t"}


@cache
def relays() -> Relays:
    """Return the relays of this process; the product runs one web process."""
    return Relays(Path(settings.TWINWALL_DATA_ROOT) / "cameras", own_ports=tuple(settings.TWINWALL_CAMERA_OWN_PORTS))


def _camera(user: Any, code: str, camera_id: UUID) -> Camera:
    return get_object_or_404(visible(user), site=visible_site(user, code), pk=camera_id, active=True)


@require_GET
@with_policy(media_src=("blob:",))
def picture_page(request: HttpRequest, code: str, camera_id: UUID) -> HttpResponse:
    """Show one camera's live picture."""
    camera = _camera(request.user, code, camera_id)
    item = camera_item(camera)
    context = {"site": camera.site, "camera": camera, "may_manage": may_manage(request.user, camera.site), "item": item}
    return render(request, "pages/camera.html", context)


@never_cache
@require_POST
def look(request: HttpRequest, code: str, camera_id: UUID) -> JsonResponse:
    """Start the picture or renew its lease, and tell how it stands; an open page asks every few seconds."""
    camera = _camera(request.user, code, camera_id)
    try:
        source = Source(camera.pk, read_address(camera.address), camera.username, unseal(camera.sealed_password))
    except CameraRefused as error:
        return JsonResponse({"state": "failed", "text": refusal_words(error.code)})
    found = relays().look(source)
    if found.began:
        note_look(camera=camera, actor=request.user, now=timezone.now())
    text = refusal_words(found.code, found.detail) if found.code else ""
    playlist = reverse("camera-hls", args=[code, camera.pk, PLAYLIST])
    return JsonResponse({"state": found.state, "text": text, "playlist": playlist})


@require_GET
def picture_file(request: HttpRequest, code: str, camera_id: UUID, name: str) -> HttpResponseBase:
    """Send a file of a running picture."""
    camera = _camera(request.user, code, camera_id)
    path = relays().file(camera.pk, name)
    if path is None:
        raise Http404
    try:
        response = FileResponse(path.open("rb"), content_type=TYPES[path.suffix])
    except FileNotFoundError as error:  # a segment that has just been replaced
        raise Http404 from error
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_GET
def snapshot_picture(request: HttpRequest, code: str, camera_id: UUID) -> HttpResponse:
    """Send the newest picture of a camera that is looked at, as JPEG."""
    camera = _camera(request.user, code, camera_id)
    segment = relays().newest_segment(camera.pk)
    if segment is None:
        raise Http404
    try:
        picture = snapshot(segment)
    except CameraRefused as error:
        return HttpResponse(refusal_words(error.code), status=503, content_type="text/plain; charset=utf-8")
    response = HttpResponse(picture, content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="{timezone.now():%Y%m%d-%H%M%S}.jpg"'
    return response
