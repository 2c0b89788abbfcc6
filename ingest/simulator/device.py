"""One simulated device: fixes into messages, messages kept until they are acknowledged, and its faults."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from random import Random
from typing import Any

from ingest.simulator.fleet_file import DevicePlan
from ingest.simulator.outbox import Outbox
from ingest.simulator.walk import TagNoise, Walk
from spatial.commands.rules import receipt_bytes

HOLD_BACK_S = (5.0, 25.0)
_log = logging.getLogger(__name__)


class SimulatedDevice:
    """Walks, measures, reports. Knows a way to send bytes to a topic, and nothing of who listens."""

    def __init__(
        self, plan: DevicePlan, site: str, send: Callable[[str, bytes], bool], random: Random, started: float
    ) -> None:
        self.plan = plan
        self.topic = f"tw/v1/{site}/{plan.code}/positions"
        self._receipts_topic = f"tw/v1/{site}/{plan.code}/receipts"
        self.boot = f"{random.getrandbits(64):016x}"
        self.sequence = 0
        self.outbox = Outbox(self.boot)
        self._send, self._random, self._started = send, random, started
        self._walk = Walk(plan.route, loop=plan.loop)
        self._noise = TagNoise(plan.source, plan.accuracy_m, random)
        self._fixes: list[dict[str, Any]] = []
        self._battery = random.uniform(55.0, 100.0)
        self.played: list[str] = []
        self._receipts: list[tuple[float, str, str]] = []
        self.next_fix = started + random.uniform(0.0, plan.interval_s)

    def due(self) -> float:
        """This function will return the next moment (monotonic seconds) at which the device has work."""
        return min([self.next_fix, self.outbox.next_due(), *(due for due, _, _ in self._receipts)])

    def work(self, now: float, epoch_ms: int) -> None:
        """This function will do what is due: measure, report, send again."""
        if now >= self.next_fix:
            self._measure(now, epoch_ms)
            self.next_fix = max(self.next_fix + self.plan.interval_s, now)
            if len(self._fixes) >= self.plan.batch:
                self._report(now)
        for lane, payload in self.outbox.set_out(now):
            self._transmit(self.topic + lane, payload)
        for receipt in [one for one in self._receipts if now >= one[0]]:
            _, command, state = receipt
            if self._send(self._receipts_topic, receipt_bytes(delivery_id=command, state=state, epoch_ms=epoch_ms)):
                self._receipts.remove(receipt)

    def hear(self, payload: bytes) -> None:
        """This function will forget a message that the platform says it has stored (or refused for good)."""
        if trouble := self.outbox.hear(payload):
            _log.warning("%s: %s", self.plan.code, trouble)

    def obey(self, payload: bytes) -> None:
        """This function will take a command: say that it came, play it once, and answer again when it comes again."""
        try:
            command = str(json.loads(payload)["id"])
        except (ValueError, KeyError, TypeError):
            return
        self._receipts.append((0.0, command, "received"))
        self._receipts.append((self.next_fix, command, "played"))
        if command not in self.played:
            self.played.append(command)

    def _measure(self, now: float, epoch_ms: int) -> None:
        place = self._walk.at(now - self._started + self.plan.start_offset_s)
        lon, lat, height_m = self._noise.blur(*place, self.plan.interval_s)
        self._battery = max(5.0, self._battery - 0.0005 * self.plan.interval_s)
        self._fixes.append(
            {
                "t": epoch_ms,
                "lon": round(lon, 8),
                "lat": round(lat, 8),
                "h": round(height_m, 2),
                "h_ref": "yellow_sea",
                "acc": self.plan.accuracy_m,
                "src": self.plan.source,
                "worn": True,
            }
        )

    def _report(self, now: float) -> None:
        self.sequence += 1
        body = {"v": 1, "boot": self.boot, "seq": self.sequence, "battery": int(self._battery)}
        payload = json.dumps({**body, "fixes": self._fixes}, separators=(",", ":")).encode()
        self._fixes = []
        late = self._random.random() < self.plan.faults.late_share
        due = now + (self._random.uniform(*HOLD_BACK_S) if late else 0.0)
        self.outbox.keep(self.sequence, payload, now=now, due=due)

    def _transmit(self, topic: str, payload: bytes) -> None:
        if self._send(topic, payload):
            if self._random.random() < self.plan.faults.duplicate_share:
                self._send(topic, payload)
            if self._random.random() < self.plan.faults.garbage_share:
                self._send(topic, self._garbage(payload))

    def _garbage(self, payload: bytes) -> bytes:
        kind = self._random.randrange(3)
        if kind == 0:
            return self._random.randbytes(40)
        return payload[: len(payload) // 2] if kind == 1 else b'{"v":1,"fixes":"?"}'
