"""What is on its way to the platform: two lanes with a window each, and when to send a message again.

Pure: no clock, no disk, no network. Times are monotonic seconds, so that a clock that is set cannot hold a message
back or send it twice as often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from ingest.gateway.journal import Entry

LIVE_S = 10.0  # what waits longer is no longer live: it goes by the slow lane
RESEND_FIRST_S, RESEND_MAX_S = 2.0, 10.0


class Lane(Enum):
    """How a message travels."""

    LIVE = "live"
    BACKFILL = "backfill"


WINDOW = {Lane.LIVE: 20, Lane.BACKFILL: 4}
MOST_UNANSWERED = 40


@dataclass
class Sent:
    """A numbered message that the platform has not acknowledged."""

    entries: Sequence[Entry]
    begun: float
    lane: Lane
    due: float
    pause_s: float = RESEND_FIRST_S


@dataclass
class Outbox:
    """The messages that are on their way, by number."""

    sent: dict[int, Sent] = field(default_factory=dict)

    def room(self, lane: Lane) -> bool:
        """Return whether another message may set out on a lane."""
        under_way = sum(1 for each in self.sent.values() if each.lane is lane)
        return under_way < WINDOW[lane] and len(self.sent) < MOST_UNANSWERED

    def add(self, sequence: int, entries: Sequence[Entry], lane: Lane, now: float) -> None:
        """Put a message on its way; it is due at once."""
        self.sent[sequence] = Sent(entries, now, lane, now)

    def due(self, now: float) -> list[tuple[int, Sent]]:
        """Return what has to be sent now, live first, and plan its repetition."""
        found = []
        for sequence, each in self.sent.items():
            if each.lane is Lane.LIVE and now - each.begun > LIVE_S:
                each.lane = Lane.BACKFILL
            if each.due <= now:
                each.due, each.pause_s = now + each.pause_s, min(RESEND_MAX_S, each.pause_s * 2)
                found.append((sequence, each))
        return sorted(found, key=lambda item: (item[1].lane is Lane.BACKFILL, item[0]))

    def next_due(self) -> float | None:
        """Return when the next repetition is due."""
        return min((each.due for each in self.sent.values()), default=None)

    def connected(self, now: float) -> None:
        """A new connection: everything that is unanswered goes again at once."""
        for each in self.sent.values():
            each.due, each.pause_s = now, RESEND_FIRST_S

    def answered(self, sequence: int, now: float) -> Sent | None:
        """Take a message off the list; what was sent before it and has no answer is asked for again soon."""
        answered = self.sent.pop(sequence, None)
        if answered is not None:
            for number, each in self.sent.items():
                if number < sequence and each.lane is answered.lane:
                    each.due = min(each.due, now + RESEND_FIRST_S)
        return answered
