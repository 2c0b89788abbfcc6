"""Messages of a simulated device without an answer: few on their way, the newest first, old ones by the slow lane.

A device that sends all it holds again and again keeps a platform busy with what it has seen: it falls behind, more is
held, and more is sent. So at most WINDOW messages wait for their answer, and what is old leaves the live lane.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

WINDOW = 20
LIVE_S = 60.0  # docs/reference/device-protocol.md: what is held back for longer goes on /backfill
MOST_HELD = 2000
RESEND_FIRST_S, RESEND_MAX_S = 10.0, 60.0


@dataclass
class Held:
    """A message without an answer: when it was made, when it is to be sent (again), whether it is on its way."""

    payload: bytes
    made: float
    due: float
    pause_s: float = RESEND_FIRST_S
    under_way: bool = False


@dataclass
class Outbox:
    """The messages of one start of a device, by number. Times are monotonic seconds."""

    boot: str
    held: dict[int, Held] = field(default_factory=dict)
    acknowledged: int = 0

    def keep(self, sequence: int, payload: bytes, *, now: float, due: float) -> None:
        """This function will keep a message until it is answered; a device's memory is finite: the oldest one goes."""
        self.held[sequence] = Held(payload, now, due)
        if len(self.held) > MOST_HELD:
            del self.held[min(self.held)]

    def set_out(self, now: float) -> Iterator[tuple[str, bytes]]:
        """This function will yield what is to be sent now, each with the end of its topic, and plan its repetition."""
        for each in self.held.values():
            if each.under_way and each.due <= now:
                each.under_way = False
        room = WINDOW - sum(each.under_way for each in self.held.values())
        ready = [number for number, each in self.held.items() if not each.under_way and each.due <= now]
        for number in sorted(ready, reverse=True)[: max(0, room)]:
            each = self.held[number]
            each.under_way, each.due = True, now + each.pause_s
            each.pause_s = min(RESEND_MAX_S, each.pause_s * 2)
            yield ("" if now - each.made <= LIVE_S else "/backfill"), each.payload

    def next_due(self) -> float:
        """This function will return the next moment at which something may set out."""
        waited_for = [each.due for each in self.held.values() if each.under_way]
        if len(waited_for) >= WINDOW:
            return min(waited_for)
        return min((each.due for each in self.held.values()), default=float("inf"))

    def hear(self, payload: bytes) -> str:
        """This function will forget a message that the platform says it has stored, or refused for good; it returns
        what it was refused for."""
        try:
            answer: dict[str, Any] = json.loads(payload)
            boot, number = answer["boot"], answer["seq"]
        except (ValueError, KeyError, TypeError):
            return ""
        if boot != self.boot or self.held.pop(number, None) is None:
            return ""
        self.acknowledged += 1
        return f"message {number} was refused: {answer['refused']}" if "refused" in answer else ""
