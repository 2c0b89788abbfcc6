"""One pump per process: follows the durable stream, the clock and the positions, and feeds every open page.

A wake-up over Redis makes it quick, a look each second makes it sure. Events are handed on as they come; states are
computed beside them, once per change and language, and shared: an alarm does not wait for the state of a region.
Colours also change by time alone, so the pump has a clock: it computes a state anew at its `next_change_at`, with no
worker and no message.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary, WeakValueDictionary

import redis.asyncio as aioredis
from django.conf import settings
from django.utils import timezone

from spatial.notices.models import Event
from spatial.notices.operations import CHANNEL as EVENTS_CHANNEL
from spatial.notices.queries import events_since, latest_cursor

from . import permission
from .client import Client
from .database import before_states, in_database
from .frames import event_frames, positions_frames, region_frame, site_frame
from .region_state import Summaries

POLL_S = 1.0
COALESCE_S = 0.1
PERMISSION_S = 10.0
POSITIONS_S = 1.0
STALE_LOOK = timedelta(seconds=5)
POSITIONS_PREFIX = "twinwall.positions."
PROGRESS_PREFIX = "twinwall.progress."
log = logging.getLogger(__name__)


class Pump:
    """Feeds the clients of this process. All methods run on its event loop."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self.cursor = 0
        self.dirty: set[UUID] = set()
        self.moved: set[UUID] = set()
        self.looked_at_all = datetime.min.replace(tzinfo=UTC)
        self.due: dict[UUID, datetime] = {}
        self.frames: dict[tuple[Any, str], bytes] = {}
        self.summaries = Summaries()
        self.wake = asyncio.Event()
        self.outdated = asyncio.Event()
        self.ask_permission = asyncio.Event()
        self.locks: WeakValueDictionary[tuple[Any, str], asyncio.Lock] = WeakValueDictionary()
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to follow the stream from now on; called once, before the first client."""
        self.cursor = await in_database(latest_cursor)
        rounds = (self._follow_events, self._renew_states, self._listen, self._send_positions, self._check_permissions)
        for work in rounds:
            self.tasks.append(asyncio.create_task(_forever(work), name=f"pump {work.__name__}"))

    def add(self, client: Client) -> None:
        """Feed this client from now on."""
        self.clients.add(client)

    def remove(self, client: Client) -> None:
        """Stop feeding this client; forget what nobody watches."""
        self.clients.discard(client)
        watched = self._watched()
        self.frames = {key: frame for key, frame in self.frames.items() if key[0] in {c.key for c in self.clients}}
        self.due = {site: moment for site, moment in self.due.items() if site in watched}
        self.summaries.keep_only(self._watched_by_regions())

    def _watched(self) -> set[UUID]:
        return {site for client in self.clients for site in client.site_ids}

    def _watched_by_regions(self) -> set[UUID]:
        return {site for client in self.clients if client.whole_region for site in client.site_ids}

    async def first_state(self, client: Client) -> bytes:
        """Return the state frame for a client that has just come, from the shared one while it is fresh."""
        async with self._lock(client.key, client.language):
            shared = self.frames.get((client.key, client.language))
            return shared if shared is not None else await self._compute(client.key, client.language)

    def _lock(self, key: Any, language: str) -> asyncio.Lock:
        """Return the lock of one state: computed one after the other, the newest is remembered last."""
        return self.locks.setdefault((key, language), asyncio.Lock())

    async def _compute(self, key: Any, language: str) -> bytes:
        """Compute one frame (under its lock), remember it while it is watched, and when time will change it."""
        now = timezone.now()
        if isinstance(key, frozenset):
            frame, due = await in_database(region_frame, self.summaries, key, now=now, language=language)
        else:
            frame, due = await in_database(site_frame, key.site_id, named=key.named, now=now, language=language)
        if not any(client.key == key for client in self.clients):
            return frame
        self.frames[(key, language)] = frame
        for site_id, moment in due.items():
            self.due[site_id] = min(moment, self.due.get(site_id, moment))
        if due:
            self.outdated.set()
        return frame

    async def _follow_events(self) -> None:
        """Read events in order and hand them on; one round."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), POLL_S)
        self.wake.clear()
        events = await before_states(events_since, cursor=self.cursor, limit=500)
        if events:
            await self._offer_events(events)
            self.outdated.set()
            self.wake.set()  # more may wait

    async def _offer_events(self, events: Sequence[Event]) -> None:
        """Queue durable events for the pages that may see them, in their language, with names or without."""
        sites = {event.site_id for event in events}
        frames = {
            (language, named): await before_states(
                event_frames, events, named=sites if named else (), language=language
            )
            for language, named in self._tellings(sites)
        }
        for number, event in enumerate(events):
            self.cursor = event.id
            self.dirty.add(event.site_id)
            for client in self.clients:
                if event.site_id in client.site_ids:
                    told = frames.get((client.language, event.site_id in client.named_ids))
                    client.offer_event(event.id, told[number] if told else None)

    def _tellings(self, sites: set[UUID]) -> set[tuple[str, bool]]:
        """Return in which languages, with names or without, pages are told of what happens on sites."""
        return {
            (client.language, named)
            for client in self.clients
            for named, those in ((True, client.named_ids), (False, client.site_ids - client.named_ids))
            if sites & client.site_ids & those
        }

    async def _renew_states(self) -> None:
        """Compute what events or the clock changed, changes of a moment together; one round."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.outdated.wait(), self._seconds_to_next_change())
        self.outdated.clear()
        now = timezone.now()
        struck = [site for site, moment in self.due.items() if moment <= now]
        for site_id in struck:
            del self.due[site_id]
            self.dirty.add(site_id)
        if self.dirty:
            await asyncio.sleep(0 if struck else COALESCE_S)
            await self._recompute()

    def _seconds_to_next_change(self) -> float:
        """Return how long nothing changes by time alone, a second at most."""
        if not self.due:
            return POLL_S
        return min(POLL_S, max(0.0, (min(self.due.values()) - timezone.now()).total_seconds()))

    async def _recompute(self) -> None:
        """Compute the states of changed sites once per language and hand them to their pages."""
        dirty, self.dirty = self.dirty, set()
        try:
            await self._compute_all(dirty)
        except Exception:
            self.dirty |= dirty  # the next round tries again, without another event
            raise

    async def _compute_all(self, dirty: set[UUID]) -> None:
        self.summaries.forget(dirty)
        keys = {(c.key, c.language) for c in self.clients if dirty & c.site_ids}
        self.frames = {key: frame for key, frame in self.frames.items() if not _touches(key[0], dirty)}
        for key, language in sorted(keys, key=lambda pair: isinstance(pair[0], frozenset)):  # sites first
            async with self._lock(key, language):
                frame = await self._compute(key, language)
            for client in self.clients:
                if client.key == key and client.language == language:
                    client.offer_newest("state", frame)

    async def _listen(self) -> None:
        """Take wake-ups from Redis until the connection breaks; then `_forever` connects again."""
        client = aioredis.Redis.from_url(settings.TWINWALL_REDIS_URL)
        async with client, client.pubsub() as channel:
            await channel.subscribe(EVENTS_CHANNEL, permission.CHANNEL)
            await channel.psubscribe(f"{POSITIONS_PREFIX}*", f"{PROGRESS_PREFIX}*")
            self.wake.set()
            async for message in channel.listen():
                if message["type"] in ("message", "pmessage"):
                    self._heard(message["channel"].decode(), message["data"])

    def _heard(self, name: str, data: bytes) -> None:
        if name == EVENTS_CHANNEL:
            self.wake.set()
        elif name == permission.CHANNEL:
            self.ask_permission.set()
        elif name.startswith(POSITIONS_PREFIX):
            self.moved.add(UUID(name.removeprefix(POSITIONS_PREFIX)))
        elif name.startswith(PROGRESS_PREFIX):
            self._pass_progress(UUID(name.removeprefix(PROGRESS_PREFIX)), data)

    def _pass_progress(self, site_id: UUID, data: bytes) -> None:
        """Pass the progress of an import on to the pages of its site (not durable)."""
        text = json.dumps(json.loads(data), ensure_ascii=False)
        frame = f"event: progress\ndata: {text}\n\n".encode()
        for client in self.clients:
            if not client.whole_region and site_id in client.site_ids:
                client.offer_newest("progress", frame)

    async def _send_positions(self) -> None:
        """Once a second, send the positions of sites where somebody moved; every five seconds of all, for silence."""
        await asyncio.sleep(POSITIONS_S)
        now = timezone.now()
        on_sites = {site for c in self.clients if not c.whole_region for site in c.site_ids}
        look_at_all = is_due(self.looked_at_all, now)
        if look_at_all:
            self.looked_at_all = now
        moved, self.moved = self.moved, set()
        sites = on_sites if look_at_all else on_sites & moved
        if not sites:
            return
        views = {client.key for client in self.clients if not client.whole_region and client.site_ids <= sites}
        frames = await in_database(positions_frames, views, now=now)
        for client in self.clients:
            if not client.whole_region and (frame := frames.get(client.key)):
                client.offer_newest("positions", frame)

    async def _check_permissions(self) -> None:
        """Close streams of people who were logged out or lost their reach; they connect again if they may."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ask_permission.wait(), PERMISSION_S)
        self.ask_permission.clear()
        if not self.clients:
            return
        reach = await in_database(permission.reach_of, {client.user_id for client in self.clients})
        named = await in_database(permission.named_to, {client.user_id for client in self.clients})
        sessions = await in_database(permission.open_sessions, {client.session_key for client in self.clients})
        for client in list(self.clients):
            sites = reach.get(client.user_id, frozenset())
            kept = client.site_ids == sites if client.whole_region else client.site_ids <= sites
            kept = kept and client.named_ids == named.get(client.user_id, frozenset()) & client.site_ids
            if not kept or client.session_key not in sessions:
                client.close()


def is_due(looked_at: datetime, now: datetime) -> bool:
    """Return whether all sites are looked at for silence; rounds take as long as they take, and hit no even second."""
    return now - looked_at >= STALE_LOOK


def _touches(key: Any, sites: Iterable[UUID]) -> bool:
    """Return whether a state key (a site, or a set of sites) is about any of these sites."""
    return any(site in key for site in sites) if isinstance(key, frozenset) else key.site_id in set(sites)


async def _forever(work: Any) -> None:
    """Run rounds of `work` for the life of the process; a failure is logged and tried again after a second."""
    while True:
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("The pump's %s failed and is tried again.", work.__name__)
            await asyncio.sleep(1)


_pumps: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[Pump, asyncio.Lock]] = WeakKeyDictionary()


async def running_pump() -> Pump:
    """Return the pump of this process (of this event loop), started at the first call."""
    pump, lock = _pumps.setdefault(asyncio.get_running_loop(), (Pump(), asyncio.Lock()))
    async with lock:
        if not pump.tasks:
            await pump.start()
    return pump
