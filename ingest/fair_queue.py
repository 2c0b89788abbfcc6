"""Arrivals waiting to be read, fair to each device: one that floods waits behind its own messages only.

A device whose messages are refused by the hundred is held short: beyond a few that wait, its messages are turned
away unread and only counted, so that what the broker holds of the others comes through.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Collection

from ingest.arrivals import Arrival, device_of_topic

MOST_OF_A_FLOOD = 50


class FairQueue:
    """A queue per device, served in turn. Any thread may put, one takes."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[Arrival]] = OrderedDict()
        self._filled = threading.Condition()
        self._count = 0
        self._short: frozenset[str] = frozenset()
        self._turned_away: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._count

    def hold_short(self, devices: Collection[str]) -> None:
        """This function will name the devices of which only a few messages may wait."""
        self._short = frozenset(devices)

    def turned_away(self) -> Counter[str]:
        """This function will return how many messages of which device were turned away since it was last asked."""
        with self._filled:
            found, self._turned_away = self._turned_away, Counter()
            return found

    def put(self, arrival: Arrival) -> bool:
        """This function will add an arrival behind those of its device; False when it is turned away."""
        device = device_of_topic(arrival.topic)
        with self._filled:
            if device in self._short and len(self._waiting.get(device, ())) >= MOST_OF_A_FLOOD:
                self._turned_away[device] += 1
                return False
            self._waiting.setdefault(device, deque()).append(arrival)
            self._count += 1
            self._filled.notify()
            return True

    def take(self, limit: int, wait_s: float) -> list[Arrival]:
        """This function will return up to `limit` arrivals, one of each device in turn; empty after `wait_s`."""
        with self._filled:
            if not self._count and not self._filled.wait_for(lambda: self._count > 0, wait_s):
                return []
            taken: list[Arrival] = []
            while self._count and len(taken) < limit:
                device, own = self._waiting.popitem(last=False)
                taken.append(own.popleft())
                self._count -= 1
                if own:
                    self._waiting[device] = own
            return taken
