"""Stores works together every 200 ms and answers for them after the commit. One thread, one database connection."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

from ingest.batches import Work

GATHER_S = 0.2
MAX_FIXES = 40_000
MOST_WAITING = 300_000
MOST_OF_ONE = 80_000
_log = logging.getLogger(__name__)


class Storer:
    """Works wait here until 200 ms after the first of them; `commit` stores them and answers their senders."""

    def __init__(self, commit: Callable[[Sequence[Work]], None]) -> None:
        self._commit = commit
        self._waiting: list[Work] = []
        self._fixes = 0
        self._of: Counter[str] = Counter()
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

    def full_of(self) -> set[str]:
        """This function will return the senders of whom so many fixes wait that others have their turn first."""
        with self._changed:
            return {code for code, fixes in self._of.items() if fixes >= MOST_OF_ONE}

    def put(self, works: Sequence[Work]) -> None:
        """This function will add works; it waits while there are more than can be stored soon."""
        if not works:
            return
        with self._changed:
            self._changed.wait_for(lambda: self._fixes < MOST_WAITING or self._stopping)
            if not self._waiting:
                self._opened = time.monotonic()
            self._waiting += works
            for work in works:
                self._of[work.received.sender.code] += len(work.received.placed)
            self._fixes += sum(len(work.received.placed) for work in works)
            self._changed.notify_all()

    def _run(self) -> None:
        while works := self._next():
            self._commit(works)

    def _next(self) -> list[Work]:
        """Return what is to be stored together, or nothing when it is over."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting) or self._stopping)
            self._changed.wait_for(
                lambda: self._stopping or self._fixes >= MAX_FIXES,
                max(0.0, self._opened + GATHER_S - time.monotonic()),
            )
            taken, fixes = 0, 0
            while taken < len(self._waiting) and fixes < MAX_FIXES:
                fixes += len(self._waiting[taken].received.placed)
                taken += 1
            works, self._waiting = self._waiting[:taken], self._waiting[taken:]
            for work in works:
                self._of[work.received.sender.code] -= len(work.received.placed)
            self._of += Counter()  # forgets those of whom nothing waits
            self._fixes -= fixes
            self._opened = time.monotonic()
            self._changed.notify_all()
            return works
