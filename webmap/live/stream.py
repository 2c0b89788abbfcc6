"""`/api/v1/sites/<code>/stream` and `/api/v1/region/stream`: what changes, as server-sent events.

A connection subscribes first, then reads what it missed from the database (`Last-Event-ID` or `?cursor=`), then
goes on live from there: nothing lies between, nothing comes twice. The id of every frame is the newest durable
event that this connection has been given, so it is always safe to resume from.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from spatial.notices.models import Event
from spatial.notices.queries import events_since
from spatial.places.models import Site
from spatial.privacy.queries import sites_named_to
from webmap.access import visible_site

from . import sse
from .client import Client
from .database import in_database
from .frames import event_frames
from .pump import Pump, running_pump

HEARTBEAT_S = 15.0
REPLAY_BATCH = 500


def _cursor_asked_for(request: HttpRequest) -> int | None:
    """Return the durable event id to resume after, or None for 'from now on'."""
    text = request.headers.get("Last-Event-ID") or request.GET.get("cursor") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _latest_id(site_ids: frozenset[UUID]) -> int:
    newest = Event.objects.filter(site__in=site_ids).order_by("-id").values_list("id", flat=True).first()
    return newest or 0


def _site_reach(user: Any, code: str) -> frozenset[UUID]:
    return frozenset([visible_site(user, code).id])


def _region_reach(user: Any) -> frozenset[UUID]:
    return frozenset(Site.objects.visible_to(user).values_list("id", flat=True))


def _named(user: Any, reach: frozenset[UUID]) -> frozenset[UUID]:
    return frozenset(sites_named_to(user)) & reach


@require_GET
async def site_stream(request: HttpRequest, code: str) -> HttpResponseBase:
    """Stream one site: `state`, `positions`, `event` and `progress`; 404 for what the user may not see."""
    user: Any = request.user
    if not user.is_authenticated:
        return _not_logged_in()
    await _give_connection_back()
    try:
        reach = await in_database(_site_reach, user, code)
    except Http404 as error:
        return JsonResponse({"detail": str(error)}, status=404)
    return await _answer(request, reach, await in_database(_named, user, reach), whole_region=False)


@require_GET
async def region_stream(request: HttpRequest) -> HttpResponseBase:
    """Stream everything that the user may see: `state` of the region page and every `event`."""
    user: Any = request.user
    if not user.is_authenticated:
        return _not_logged_in()
    await _give_connection_back()
    reach = await in_database(_region_reach, user)
    return await _answer(request, reach, await in_database(_named, user, reach), whole_region=True)


async def _give_connection_back() -> None:
    """Close what the request's thread opened for session and account, before anything else is waited for.

    A stream must not hold a connection for hours; and the live threads take theirs from the same pool, so many
    requests that kept one while they waited for these threads would wait for each other.
    """
    await sync_to_async(connections.close_all, thread_sensitive=True)()


def _not_logged_in() -> HttpResponse:
    return JsonResponse({"detail": _("Log in first.")}, status=401)


async def _answer(
    request: HttpRequest, reach: frozenset[UUID], named: frozenset[UUID], *, whole_region: bool
) -> HttpResponseBase:
    user: Any = request.user
    client = Client(
        user_id=user.pk,
        session_key=request.session.session_key or "",
        language=get_language() or "zh-hans",
        site_ids=reach,
        named_ids=named,
        whole_region=whole_region,
    )
    frames = _frames(await running_pump(), client, _cursor_asked_for(request))
    response = StreamingHttpResponse(frames, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _frames(pump: Pump, client: Client, cursor: int | None) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of one connection until it is closed."""
    pump.add(client)
    try:
        yield sse.RETRY
        if cursor is None:
            client.last_id = await in_database(_latest_id, client.site_ids)
        else:
            client.last_id = cursor
            async for frame in _replay(client):
                yield frame
        yield sse.with_id(await pump.first_state(client), client.last_id)
        while not client.closed:
            async for frame in _waiting(client):
                yield frame
            try:
                await asyncio.wait_for(client.wake.wait(), HEARTBEAT_S)
            except TimeoutError:
                yield sse.HEARTBEAT
            client.wake.clear()
    finally:
        pump.remove(client)


async def _waiting(client: Client) -> AsyncGenerator[bytes, None]:
    """Yield everything that waits: durable events in order, then the newest state, positions and progress."""
    if client.behind:
        client.behind = False
        async for frame in _replay(client):
            yield frame
    while client.events:
        event_id, data = client.events.popleft()
        if event_id > client.last_id:
            client.last_id = event_id
            yield data
    for name, data in client.take_newest().items():
        yield sse.with_id(data, client.last_id) if name == "state" else data


async def _replay(client: Client) -> AsyncGenerator[bytes, None]:
    """Yield the durable events after `client.last_id` from the database, in order, until none is left."""
    while True:
        events = await in_database(events_since, cursor=client.last_id, sites=list(client.site_ids), limit=REPLAY_BATCH)
        frames = await in_database(event_frames, events, named=client.named_ids, language=client.language)
        for event, frame in zip(events, frames, strict=True):
            client.last_id = event.id
            yield frame
        if len(events) < REPLAY_BATCH:
            return
