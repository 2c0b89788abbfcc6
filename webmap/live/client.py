"""One open page: what it has been sent, and what waits for it."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

QUEUE_LIMIT = 256


class SiteView(NamedTuple):
    """What pages of a site share: the site, and whether its people are named to them."""

    site_id: UUID
    named: bool


@dataclass(eq=False)
class Client:
    """A connected page. Durable events wait in order; of state, positions and progress only the newest waits.

    People are named to it on the sites `named_ids`. `last_id` is the newest durable event handed over; when the
    queue overflows it is emptied and the stream
    reads on from the database after `last_id`, so a slow page is late but misses nothing.
    """

    user_id: UUID
    session_key: str
    language: str
    site_ids: frozenset[UUID]
    named_ids: frozenset[UUID]
    whole_region: bool
    last_id: int = 0
    events: deque[tuple[int, bytes]] = field(default_factory=deque)
    newest: dict[str, bytes] = field(default_factory=dict)
    behind: bool = False
    closed: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def offer_event(self, event_id: int, data: bytes | None) -> None:
        """Queue a durable event; an overflow is remembered and repaired from the database.

        So is one that nobody has told for this page yet, which came while others were told.
        """
        if data is None or len(self.events) >= QUEUE_LIMIT:
            self.events.clear()
            self.behind = True
        if data is not None and not self.behind:
            self.events.append((event_id, data))
        self.wake.set()

    def offer_newest(self, name: str, data: bytes) -> None:
        """Replace what waits under this name."""
        self.newest[name] = data
        self.wake.set()

    def close(self) -> None:
        """End the stream at its next turn."""
        self.closed = True
        self.wake.set()

    def take_newest(self) -> dict[str, bytes]:
        """Return and forget what waits: state first, then the rest."""
        taken, self.newest = self.newest, {}
        return dict(sorted(taken.items(), key=lambda item: (item[0] != "state", item[0])))

    @property
    def key(self) -> Any:
        """Return what shares one computed state: the site and whether people are named, or the sites of a region."""
        if self.whole_region:
            return self.site_ids
        site_id = next(iter(self.site_ids))
        return SiteView(site_id, site_id in self.named_ids)
