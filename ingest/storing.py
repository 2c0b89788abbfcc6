"""Stores works together every 200 ms and answers for them after the commit. One thread, one database connection.

A commit is one turn of each sender of whom something waits, so what others have waiting costs nobody more than that;
who is alone has many turns at once. How much may wait is bounded where messages come in (ingest/fair_queue.py).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from ingest.batches import Work
from ingest.turns import Turns

GATHER_S = 0.2
MAX_FIXES = 40_000
TURN_FIXES = 4_000
MESSAGE_COSTS = 10  # as many fixes: what a message costs beside its fixes


class Storer:
    """Works wait here until 200 ms after the first of them; `commit` stores them and answers their senders."""

    def __init__(self, commit: Callable[[Sequence[Work]], None]) -> None:
        self._commit = commit
        self._waiting: Turns[Work] = Turns(TURN_FIXES, lambda work: MESSAGE_COSTS + len(work.received.placed))
        self._opened = 0.0
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="storing", daemon=True)

    def start(self) -> None:
        """This function will begin to store."""
        self._thread.start()

    def stop(self) -> None:
        """This function will store what waits, if the database lets it, and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(10)

    def put(self, works: Sequence[Work]) -> None:
        """This function will add works, each behind those of its sender."""
        with self._changed:
            if not len(self._waiting):
                self._opened = time.monotonic()
            for work in works:
                self._waiting.add(work.received.sender.code, work)
            self._changed.notify_all()

    def _run(self) -> None:
        while works := self._next():
            self._commit(works)

    def _next(self) -> list[Work]:
        """Return what is to be stored together, or nothing when it is over."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) > 0 or self._stopping)
            self._changed.wait_for(
                lambda: self._stopping or self._waiting.cost >= self._at_once(),
                max(0.0, self._opened + GATHER_S - time.monotonic()),
            )
            self._opened = time.monotonic()
            return self._waiting.take(self._at_once())

    def _at_once(self) -> int:
        """Return how many fixes one commit may hold now."""
        among = self._waiting.senders
        return MAX_FIXES if among == 1 else min(MAX_FIXES, TURN_FIXES * among)
