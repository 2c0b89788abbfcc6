"""Arrivals waiting to be read, fair to each device: one that floods waits behind its own messages only."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque

from ingest.arrivals import Arrival, device_of_topic


class FairQueue:
    """A queue per device, served in turn. Any thread may put, one takes."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[Arrival]] = OrderedDict()
        self._filled = threading.Condition()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, arrival: Arrival) -> None:
        """This function will add an arrival behind those of its device."""
        device = device_of_topic(arrival.topic)
        with self._filled:
            self._waiting.setdefault(device, deque()).append(arrival)
            self._count += 1
            self._filled.notify()

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
