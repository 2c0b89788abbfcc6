"""Arrivals waiting to be read, fair to each device: one that floods waits behind its own messages only.

Turns are counted in bytes, so that a batch of thousands of fixes costs its sender as many turns as it costs us work.
A message is under way until it is settled (stored, or kept as refused). A device may have as much under way as there is
room left for everybody: one that floods has half, three have a quarter each, and there is always room for the others.
What comes beyond it is turned away unread and counted (the device has no acknowledgement and sends it again).
"""

from __future__ import annotations

import threading
from collections import Counter

from ingest.arrivals import Arrival, device_of_topic
from ingest.turns import Turns

MOST_MESSAGES, MOST_BYTES = 10_000, 64 * 1024 * 1024
"""Of all devices. The broker hands over as many (QoS 1) before it wants acknowledgements (BrokerSession)."""
LEAST_SHARE = 64
"""Any device may have this part of it under way, so that nobody is turned away who catches up after an outage."""
TURN_BYTES = 32 * 1024
MESSAGE_COSTS = 2 * 1024  # as many bytes: what a message costs beside its content
BYTES_AT_ONCE = 1024 * 1024


class FairQueue:
    """A queue per device, served in turn. Any thread may put and settle, one takes."""

    def __init__(self, most_messages: int = MOST_MESSAGES, most_bytes: int = MOST_BYTES) -> None:
        self._most = (most_messages, most_bytes)
        self._turns: Turns[Arrival] = Turns(TURN_BYTES, lambda arrival: MESSAGE_COSTS + len(arrival.payload))
        self._messages: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._under_way = (0, 0)
        self._filled = threading.Condition()
        self._turned_away: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._turns)

    def turned_away(self) -> Counter[str]:
        """This function will return how many messages of which device were turned away since it was last asked."""
        with self._filled:
            found, self._turned_away = self._turned_away, Counter()
            return found

    def put(self, arrival: Arrival) -> bool:
        """This function will add an arrival behind those of its device; False when it is turned away."""
        device = device_of_topic(arrival.topic)
        with self._filled:
            if self._has_its_share(device):
                self._turned_away[device] += 1
                return False
            self._note(device, 1, len(arrival.payload))
            self._turns.add(device, arrival)
            self._filled.notify()
            return True

    def take(self, limit: int, wait_s: float) -> list[Arrival]:
        """This function will return up to `limit` arrivals, of each device in turn; empty after `wait_s`."""
        with self._filled:
            self._filled.wait_for(lambda: len(self._turns) > 0, wait_s)
            return self._turns.take(BYTES_AT_ONCE, limit=limit)

    def put_back(self, arrivals: list[Arrival]) -> None:
        """This function will let arrivals that were taken wait again, in front of those that came after them."""
        with self._filled:
            for arrival in reversed(arrivals):
                self._turns.put_back(device_of_topic(arrival.topic), arrival)

    def settle(self, arrival: Arrival) -> None:
        """This function will note that a message is no longer under way."""
        device = device_of_topic(arrival.topic)
        with self._filled:
            self._note(device, -1, -len(arrival.payload))
            if not self._messages[device]:
                del self._messages[device], self._bytes[device]

    def _has_its_share(self, device: str) -> bool:
        own = (self._messages[device], self._bytes[device])
        return any(
            mine >= max(most - all_, most // LEAST_SHARE)
            for mine, all_, most in zip(own, self._under_way, self._most, strict=True)
        )

    def _note(self, device: str, messages: int, size: int) -> None:
        self._messages[device] += messages
        self._bytes[device] += size
        self._under_way = (self._under_way[0] + messages, self._under_way[1] + size)
