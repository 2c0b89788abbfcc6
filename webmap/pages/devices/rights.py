"""Which device a request is about, and whether its user may change it: a stranger finds nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from spatial.devices.models import Device
from spatial.devices.queries import may_keep, visible
from spatial.places.models import Site
from webmap.access import visible_site


def keeper_site(request: HttpRequest, code: str) -> Site:
    """Return the site if the user keeps its devices. Raises Http404 or PermissionDenied."""
    site = visible_site(request.user, code)
    if not may_keep(request.user, site):
        raise PermissionDenied
    return site


def device_on(user: Any, code: str, device_id: UUID) -> tuple[Site, Device]:
    """Return a device of a site. Raises Http404."""
    site = visible_site(user, code)
    rows = visible(user).select_related("organisation", "mapping__mapping", "anchor__storey", "sighting")
    return site, get_object_or_404(rows, site=site, pk=device_id)
