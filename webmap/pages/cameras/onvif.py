"""`/sites/<code>/live/cameras/ask/`: the pictures that a camera offers by ONVIF, to choose one of; nothing is kept."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ingest.cameras.onvif import Account, ask_pictures, read_service_address
from spatial.cameras.models import Camera
from spatial.cameras.queries import visible
from spatial.cameras.rules import CameraRefused, read_address
from spatial.cameras.sealing import unseal

from .form_page import managed_site
from .words import refusal_words


@never_cache
@require_POST
def ask(request: HttpRequest, code: str, camera_id: UUID | None = None) -> HttpResponse:
    """Ask the camera, and show its pictures or what is wrong; the answer is a part of the form's page."""
    site = managed_site(request, code)
    camera = get_object_or_404(visible(request.user), site=site, pk=camera_id, active=True) if camera_id else None
    try:
        address = read_service_address(request.POST.get("onvif", ""))
        account = Account(request.POST.get("username", ""), request.POST.get("password", ""))
        if camera is not None and not account.password:
            account = Account(account.username, _stored_password(camera, address.host))
        pictures = ask_pictures(address, account, now=timezone.now, own_ports=tuple(settings.TWINWALL_CAMERA_OWN_PORTS))
    except CameraRefused as refused:
        context = {"fault": refusal_words(refused.code, str(refused))}
        return render(request, "pages/camera_asked.html", context, status=200)
    return render(request, "pages/camera_asked.html", {"pictures": pictures})


def _stored_password(camera: Camera, host: str) -> str:
    """Return the stored password for the host that it was given for; for another one, none."""
    return unseal(camera.sealed_password) if read_address(camera.address).host == host else ""
