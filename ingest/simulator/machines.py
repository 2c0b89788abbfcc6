"""Simulated machines that report readings: cranes and hoists that work in a cycle. Pure but for what it sends.

A cycle is a list of frames: how many seconds until the next, and the value of each quantity at its beginning. Values
go straight from frame to frame; a stepped one (a load on the hook) holds until the next frame.
"""

from __future__ import annotations

import json
import logging
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from random import Random
from typing import Any

from ingest.simulator.fleet_file import MachinePlan
from ingest.simulator.outbox import Outbox

STEPPED = frozenset({"hoist_load"})
NEVER_BELOW_0 = frozenset({"hoist_load", "wind_speed", "load_ratio", "trolley_position"})
NOISE = {
    "slew_angle": 0.05,
    "trolley_position": 0.03,
    "hook_height": 0.05,
    "hoist_load": 0.01,
    "wind_speed": 0.4,
    "cage_height": 0.03,
}
"""Standard deviation of what a machine's own sensors say, in the quantity's unit."""
_log = logging.getLogger(__name__)


class Cycle:
    """What a machine's quantities are after some seconds, round and round."""

    def __init__(self, quantities: Sequence[str], frames: Sequence[Sequence[float]]) -> None:
        self.quantities = tuple(quantities)
        self._frames = [tuple(frame) for frame in frames]
        self._starts = [0.0, *accumulate(frame[0] for frame in self._frames)]

    @property
    def seconds(self) -> float:
        """How long a round takes."""
        return self._starts[-1]

    def at(self, seconds: float) -> dict[str, float]:
        """This function will return each quantity after so many seconds."""
        seconds %= self.seconds
        number = min(bisect_right(self._starts, seconds) - 1, len(self._frames) - 1)
        frame, after = self._frames[number], self._frames[(number + 1) % len(self._frames)]
        share = (seconds - self._starts[number]) / frame[0] if frame[0] > 0 else 0.0
        return {
            name: here if name in STEPPED else here + share * (there - here)
            for name, here, there in zip(self.quantities, frame[1:], after[1:], strict=True)
        }


class SimulatedMachine:
    """Works in its cycle and reports it, each message kept until it is acknowledged."""

    def __init__(
        self, plan: MachinePlan, site: str, send: Callable[[str, bytes], bool], random: Random, started: float
    ) -> None:
        self.plan = plan
        self.topic = f"tw/v1/{site}/{plan.code}/messages"
        self.boot = f"{random.getrandbits(64):016x}"
        self.sequence = 0
        self.outbox = Outbox(self.boot)
        self.next_report = started + random.uniform(0.0, plan.interval_s)
        self._cycle = Cycle(plan.quantities, plan.frames)
        self._send, self._random, self._started = send, random, started

    def due(self) -> float:
        """This function will return the next moment (monotonic seconds) at which the machine has work."""
        return min(self.next_report, self.outbox.next_due())

    def work(self, now: float, epoch_ms: int) -> None:
        """This function will do what is due: report, send again."""
        if now >= self.next_report:
            self.next_report = max(self.next_report + self.plan.interval_s, now)
            self._report(now, epoch_ms)
        for lane, payload in self.outbox.set_out(now):
            self._send(self.topic + lane, payload)

    def hear(self, payload: bytes) -> None:
        """This function will forget a message that the platform says it has stored (or refused for good)."""
        if trouble := self.outbox.hear(payload):
            _log.warning("%s: %s", self.plan.code, trouble)

    def obey(self, payload: bytes) -> None:
        """This function will do nothing: a machine's terminal has no voice."""

    def _readings(self, now: float, epoch_ms: int) -> list[dict[str, Any]]:
        values = self._cycle.at(now - self._started + self.plan.start_offset_s)
        readings = []
        for name, exact in values.items():
            value = round(exact + self._random.gauss(0.0, NOISE.get(name, 0.0)), 3)
            readings.append({"q": name, "t": epoch_ms, "value": max(0.0, value) if name in NEVER_BELOW_0 else value})
        return readings

    def _report(self, now: float, epoch_ms: int) -> None:
        self.sequence += 1
        readings = self._readings(now, epoch_ms)
        body = {"v": 1, "boot": self.boot, "seq": self.sequence, "readings": readings}
        self.outbox.keep(self.sequence, json.dumps(body, separators=(",", ":")).encode(), now=now, due=now)
