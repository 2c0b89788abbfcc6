"""Computed payloads as bytes for the wire, shared between the pages that watch the same thing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import translation

from spatial.notices.models import Event
from spatial.places.models import Site
from webmap.wording.alarm_titles import for_reader

from . import sse
from .client import SiteView
from .naming import nameless_events
from .payloads import EventOut
from .positions import nameless, positions_and_stand_ins
from .region_state import Summaries, region_state
from .state import site_state

Due = dict[UUID, datetime]


def event_frames(events: Sequence[Event], *, named: Collection[UUID], language: str) -> list[bytes]:
    """Return durable events with their ids in a language; people are named in those of the sites `named`."""
    with translation.override(language):
        outs = event_payloads(events, named=named)
    return [sse.with_id(sse.encode("event", out.model_dump_json()), out.id) for out in outs]


def event_payloads(events: Sequence[Event], *, named: Collection[UUID]) -> list[EventOut]:
    """Return durable events as the API and the stream speak them, in the active language.

    People are named in those of the sites `named`.
    """
    unnamed = [event for event in events if event.site_id not in named]
    told = dict(zip((event.id for event in unnamed), nameless_events(unnamed), strict=True)) if unnamed else {}
    return [
        EventOut(
            id=event.id,
            kind=event.kind,
            site=event.site.code,
            payload=for_reader(told.get(event.id, event.payload)),
            occurred_at=event.occurred_at,
        )
        for event in events
    ]


def site_frame(site_id: UUID, *, named: bool, now: datetime, language: str) -> tuple[bytes, Due]:
    """Return the state of a site, and when time alone changes it."""
    site = Site.objects.select_related("organisation", "region").get(id=site_id)
    with translation.override(language):
        state = site_state(site, now=now, named=named)
    due = {site_id: state.next_change_at} if state.next_change_at else {}
    return sse.encode("state", state.model_dump_json()), due


def region_frame(summaries: Summaries, site_ids: frozenset[UUID], *, now: datetime, language: str) -> tuple[bytes, Due]:
    """Return the state of a region page, and when time alone changes each of its sites."""
    with translation.override(language):
        state = region_state(summaries, site_ids, now=now)
    due = {site.id: site.next_change_at for site in state.sites if site.next_change_at}
    return sse.encode("state", state.model_dump_json()), due


def positions_frames(views: Collection[SiteView], *, now: datetime) -> dict[SiteView, bytes]:
    """Return the positions of several sites, with or without names, from one look at the database."""
    found, stand_ins = positions_and_stand_ins({view.site_id for view in views}, now=now)
    return {
        view: sse.encode(
            "positions",
            (found[view.site_id] if view.named else nameless(found[view.site_id], stand_ins)).model_dump_json(),
        )
        for view in views
    }
