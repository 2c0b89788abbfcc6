"""Devices that walk in and out of the pit, keep each message until it is acknowledged, and know what must be found.

Which entries and exits a walk has is counted here by the plain rule (two fixes in a row on one side), apart from the
product's engine: it is what the database must hold in the end, no more and no less.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

STEP_M, REACH_M = 0.8, 5.2
STEP_MS = 100
RESEND_FIRST_S, RESEND_MAX_S = 2.0, 10.0
# In and out, and then a stay outside that is longer than the 4 s within which an alarm of P-01 only counts again.
ROUND = [-REACH_M] * 50 + [-REACH_M + STEP_M * n for n in range(14)] + [REACH_M - STEP_M * n for n in range(1, 13)]
Crossing = tuple[str, int]


@dataclass
class Held:
    """A message without an answer."""

    payload: bytes
    made: float
    due: float
    pause_s: float = RESEND_FIRST_S


@dataclass
class Walking:
    """One device: makes numbered messages of one fix each, and counts what its walk must lead to."""

    code: str
    topic: str
    edge: tuple[float, float]
    metre: tuple[float, float]
    random: Random
    names_itself: bool = False
    window: int = 4
    boot: str = ""
    sequence: int = 0
    outbox: dict[int, Held] = field(default_factory=dict)
    crossings: list[Crossing] = field(default_factory=list)
    acknowledged: int = 0
    refused: list[str] = field(default_factory=list)
    _time_ms: int = 0
    _inside: bool = False
    _run: int = 0

    def __post_init__(self) -> None:
        self.boot = self.boot or f"{self.random.getrandbits(64):016x}"
        self._place = self.random.randrange(40, 50)  # each begins outside, some steps before the edge

    def make(self, now: float, epoch_ms: int) -> None:
        """Make the next message: one step further along the walk."""
        self.sequence += 1
        self._time_ms = max(self._time_ms + STEP_MS, epoch_ms)
        east_m = ROUND[self._place % len(ROUND)]
        self._place += 1
        self._count(east_m > 0)
        fix = {
            "t": self._time_ms,
            "lon": self.edge[0] + east_m * (self.metre[0] - self.edge[0]),
            "lat": self.edge[1] + east_m * (self.metre[1] - self.edge[1]),
            "h": 92.0,
            "h_ref": "yellow_sea",
            "acc": 0.3,
            "src": "UWB",
            "worn": True,
        }
        own = {"device": self.code} if self.names_itself else {}
        body = {"v": 1, **own, "boot": self.boot, "seq": self.sequence, "battery": 80, "fixes": [fix]}
        self.outbox[self.sequence] = Held(json.dumps(body, separators=(",", ":")).encode(), now, now)

    def _count(self, inside: bool) -> None:
        self._run = self._run + 1 if inside is not self._inside else 0
        if self._run == 2:
            self._inside, self._run = inside, 0
            self.crossings.append(("entered" if inside else "left", self._time_ms))

    def due(self, now: float) -> list[Held]:
        """Return what has to be sent (again) now, oldest first."""
        under_way = list(self.outbox.values())
        return [held for held in under_way if held.due <= now]

    def sent(self, held: Held, now: float) -> None:
        """Note that a message went out; it goes again when no answer comes."""
        held.due, held.pause_s = now + held.pause_s, min(RESEND_MAX_S, held.pause_s * 2)

    def reconnected(self, now: float) -> None:
        """A new connection: all that has no answer goes again."""
        for held in self.outbox.values():
            held.due, held.pause_s = now, RESEND_FIRST_S

    def hear(self, answer: dict[str, Any]) -> float | None:
        """Take an answer; returns when its message was made, None for one that is not awaited."""
        if answer.get("boot") != self.boot or "again_s" in answer:
            return None
        held = self.outbox.pop(answer["seq"], None)
        if held is None:
            return None
        self.acknowledged += 1
        if "refused" in answer:
            self.refused.append(answer["refused"])
        return held.made


class Answers:
    """When which answers came: (moment of the answer, moment of its message), from all devices."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._times: list[tuple[float, float]] = []

    def note(self, made: float | None) -> None:
        """Note an answer that has just come."""
        if made is not None:
            with self._lock:
                self._times.append((self.clock(), made))

    def first_after(self, moment: float) -> float | None:
        """Return when the first answer to a message made after `moment` came."""
        with self._lock:
            return min((came for came, made in self._times if made >= moment), default=None)

    def times(self) -> list[tuple[float, float]]:
        """Return (moment of the answer, moment of its message), in the order of the answers."""
        with self._lock:
            return list(self._times)
