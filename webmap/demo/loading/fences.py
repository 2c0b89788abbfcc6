"""The demo's fences of several kinds, through the operation that a person at the page would use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import LineString, Point

from spatial.crs import STORAGE_SRID
from spatial.fences.models import FenceProfile
from spatial.fences.operations import revise_fence
from spatial.people.models import User
from spatial.places.models import Site
from webmap.demo.fence_kinds import REASON, fence_settings


def ensure_fence_kinds(site: Site, users: Mapping[str, User], now: datetime) -> None:
    """This function will set the fences that were never revised; one that somebody changed stays as it is."""
    for code, settings in fence_settings().items():
        fence = FenceProfile.objects.filter(site=site, zone__code=code, revised_at__isnull=True).first()
        if fence is not None:
            changes = {name: _placed(name, value) for name, value in settings.items()}
            revise_fence(fence=fence, changes=changes, reason=REASON, actor=users["safety_officer"], now=now)


def _placed(name: str, value: Any) -> Any:
    """Return a setting of a fence as its row takes it: degrees as a point or a line."""
    if name == "centre":
        return Point(tuple(value), srid=STORAGE_SRID)
    return LineString(value, srid=STORAGE_SRID) if name == "path" else value
