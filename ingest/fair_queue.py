"""Arrivals waiting to be read, fair to each device: one that floods waits behind its own messages only.

Turns are counted in bytes, so that a batch of thousands of fixes costs its sender as many turns as it costs us work.
Beside others no device may have more waiting than its share: what comes beyond it is turned away unread and counted
(the device has no acknowledgement and sends it again), so that what the broker holds of the others comes through.
What is read waits once more, to be stored (ingest/storing.py): a device with too much there has no turn here.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Collection
from dataclasses import dataclass, field

from ingest.arrivals import Arrival, device_of_topic

MOST_MESSAGES, MOST_BYTES = 1000, 16 * 1024 * 1024
"""Of one device, beside others: half of what the broker hands over before it wants acknowledgements (QoS 1)."""
TURN_BYTES = 32 * 1024
BYTES_AT_ONCE = 1024 * 1024
LOOK_AGAIN_S = 0.05


@dataclass
class _Own:
    """What waits of one device, and what its turns have saved up for the message in front."""

    arrivals: deque[Arrival] = field(default_factory=deque)
    size: int = 0
    saved: int = 0


class FairQueue:
    """A queue per device, served in turn. Any thread may put, one takes."""

    def __init__(self, most_messages: int = MOST_MESSAGES, most_bytes: int = MOST_BYTES) -> None:
        self._most = (most_messages, most_bytes)
        self._waiting: OrderedDict[str, _Own] = OrderedDict()
        self._filled = threading.Condition()
        self._count = 0
        self._heard: set[str] = set()
        self._turned_away: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._count

    def turned_away(self) -> Counter[str]:
        """This function will return how many messages of which device were turned away since it was last asked."""
        with self._filled:
            found, self._turned_away = self._turned_away, Counter()
            return found

    def put(self, arrival: Arrival) -> bool:
        """This function will add an arrival behind those of its device; False when it is turned away."""
        device = device_of_topic(arrival.topic)
        with self._filled:
            if len(self._heard) < 2:
                self._heard.add(device)
            own = self._waiting.setdefault(device, _Own())
            full = len(own.arrivals) >= self._most[0] or own.size >= self._most[1]
            if full and len(self._heard) > 1:
                self._turned_away[device] += 1
                return False
            own.arrivals.append(arrival)
            own.size += len(arrival.payload)
            self._count += 1
            self._filled.notify()
            return True

    def take(self, limit: int, wait_s: float, *, holding: Collection[str] = ()) -> list[Arrival]:
        """This function will return up to `limit` arrivals, of each device in turn; empty after `wait_s`.

        `holding` are devices of which so much is under way that they have no turn now.
        """
        with self._filled:
            if not self._count and not self._filled.wait_for(lambda: self._count > 0, wait_s):
                return []
            taken = self._take(limit, set(holding) & self._waiting.keys())
            if not taken:
                self._filled.wait(LOOK_AGAIN_S)
            return taken

    def _take(self, limit: int, holding: set[str]) -> list[Arrival]:
        taken: list[Arrival] = []
        size = 0
        while len(self._waiting) > len(holding) and len(taken) < limit and size < BYTES_AT_ONCE:
            device, own = self._waiting.popitem(last=False)
            if device not in holding:
                own.saved += TURN_BYTES
                if own.saved >= len(own.arrivals[0].payload) or len(self._waiting) == len(holding):
                    taken.append(own.arrivals.popleft())
                    own.saved = 0
                    own.size -= len(taken[-1].payload)
                    size += len(taken[-1].payload)
                    self._count -= 1
            if own.arrivals:
                self._waiting[device] = own
        return taken
