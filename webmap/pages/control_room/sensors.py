"""The newest value of every measurement of a site, for the control room's list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from spatial.observations.models import Datastream
from spatial.observations.quantities import quantity_of
from spatial.observations.queries import of_site, silent_after
from spatial.places.models import Site
from webmap.pages.observations.words import ago, stream_name, value_words


def newest_values(site: Site, *, now: datetime) -> list[dict[str, Any]]:
    """Return name, newest value, how long ago, and whether the line is broken, per datastream in use."""
    streams = of_site(site).filter(active=True).select_related("device", "zone", "latest")
    return [_item(stream, site, now) for stream in streams]


def _item(stream: Datastream, site: Site, now: datetime) -> dict[str, Any]:
    latest = getattr(stream, "latest", None)
    at = latest.time if latest else None
    return {
        "name": stream_name(stream),
        "value": value_words(latest.value if latest else None, quantity_of(stream.quantity)),
        "ago": ago(at, now),
        "silent": at is None or now - at > silent_after(stream),
        "place": stream.zone.name if stream.zone else "",
        "url": reverse("measurement", args=[site.code, stream.pk]),
    }
