"""Read the durable stream from a cursor on."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, QuerySet

from .models import Event


def visible(user: Any) -> QuerySet[Event]:
    """Return the events of sites that this user may see."""
    return Event.objects.visible_to(user)


def events_since(*, cursor: int, sites: Any | None = None, limit: int = 500) -> list[Event]:
    """Return events with `id > cursor` in rising order, of these sites only when given; at most `limit`."""
    events = Event.objects.filter(id__gt=cursor)
    if sites is not None:
        events = events.filter(site__in=sites)
    return list(events.select_related("site").order_by("id")[:limit])


def latest_cursor() -> int:
    """Return the id of the newest visible event, 0 where there is none."""
    return Event.objects.aggregate(newest=Max("id"))["newest"] or 0
