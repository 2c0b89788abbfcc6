"""Computed payloads as bytes for the wire, shared between the pages that watch the same thing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import translation

from spatial.notices.models import Event
from spatial.places.models import Site

from . import sse
from .payloads import EventOut
from .positions import positions_of
from .region_state import Summaries, region_state
from .state import site_state

Due = dict[UUID, datetime]


def event_frame(event: Event) -> bytes:
    """Return a durable event with its id."""
    return sse.with_id(sse.encode("event", event_payload(event).model_dump_json()), event.id)


def event_payload(event: Event) -> EventOut:
    """Return a durable event as the API and the stream speak it."""
    return EventOut(
        id=event.id, kind=event.kind, site=event.site.code, payload=event.payload, occurred_at=event.occurred_at
    )


def site_frame(site_id: UUID, *, now: datetime, language: str) -> tuple[bytes, Due]:
    """Return the state of a site, and when time alone changes it."""
    site = Site.objects.select_related("organisation", "region").get(id=site_id)
    with translation.override(language):
        state = site_state(site, now=now)
    due = {site_id: state.next_change_at} if state.next_change_at else {}
    return sse.encode("state", state.model_dump_json()), due


def region_frame(summaries: Summaries, site_ids: frozenset[UUID], *, now: datetime, language: str) -> tuple[bytes, Due]:
    """Return the state of a region page, and when time alone changes each of its sites."""
    with translation.override(language):
        state = region_state(summaries, site_ids, now=now)
    due = {site.id: site.next_change_at for site in state.sites if site.next_change_at}
    return sse.encode("state", state.model_dump_json()), due


def positions_frames(site_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, bytes]:
    """Return the positions of several sites, from one look at the database."""
    found = positions_of(site_ids, now=now)
    return {site_id: sse.encode("positions", items.model_dump_json()) for site_id, items in found.items()}
