"""Simulated boxes of makers that speak in their own words: a mapped JSON or SensorThings, nothing of our protocol.

A plan's `body` is what the maker sends, with two things to fill in: `{"wave": "co"}` is what is measured of a
quantity (`{"wave": "co", "as": "text"}` in quotes, as some makers write numbers), `{"time": PATTERN, "zone": NAME}`
the time in the box's own clock, `{"time": "iso"}` with its offset, `{"time": "unix"}` in seconds since 1970. Pure but
for what it sends.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.simulator.fleet_file import BoxPlan, FleetFileRefused
from ingest.simulator.sensors import Wave, read_wave

MOST_HELD = 20
RETRY_S = 5.0


class SimulatedBox:
    """Measures its waves and tells them as its maker does; it hears no answer, the broker's receipt is enough.

    Without a connection it keeps its last messages and sends them, the oldest first, when there is one again.
    """

    def __init__(
        self, plan: BoxPlan, site: str, send: Callable[[str, bytes], bool], random: Random, started: float
    ) -> None:
        self.plan = plan
        self.topic = f"tw/v1/{site}/{plan.code}/{plan.speaks}"
        where = f"boxes[{plan.code}]"
        waves = [{"channel": "", **wave} for wave in plan.waves]
        read = [read_wave(wave, f"{where}.waves[{number}]") for number, wave in enumerate(waves)]
        self._waves = {wave.quantity: wave for wave in read}
        check_body(plan.body, self._waves, where)
        self._next_report = started + random.uniform(0.0, plan.interval_s)
        self._held: deque[bytes] = deque(maxlen=MOST_HELD)
        self._retry_at = float("inf")
        self._send = send

    def due(self) -> float:
        """This function will return the next moment (monotonic seconds) at which the box has work."""
        return min(self._next_report, self._retry_at)

    def work(self, now: float, epoch_ms: int) -> None:
        """This function will do what is due: measure, and send what could not be sent yet."""
        if now >= self._next_report:
            self._next_report = max(self._next_report + self.plan.interval_s, now)
            self._held.append(self.message(epoch_ms / 1000.0))
        while self._held and self._send(self.topic, self._held[0]):
            self._held.popleft()
        self._retry_at = now + RETRY_S if self._held else float("inf")

    def hear(self, payload: bytes) -> None:
        """This function will do nothing: the maker knows no answers of ours."""

    def obey(self, payload: bytes) -> None:
        """This function will do nothing: the box takes no orders."""

    def message(self, epoch_s: float) -> bytes:
        """This function will return what the box says of a moment (seconds since 1970)."""
        return json.dumps(self._filled(self.plan.body, epoch_s), ensure_ascii=False).encode()

    def _filled(self, body: Any, epoch_s: float) -> Any:
        if isinstance(body, list):
            return [self._filled(one, epoch_s) for one in body]
        if not isinstance(body, Mapping):
            return body
        if "wave" in body:
            value = self._waves[body["wave"]].at(self.plan.code, epoch_s)
            return f"{value:g}" if body.get("as") == "text" else value
        if "time" in body:
            return _clock(body, epoch_s)
        return {name: self._filled(value, epoch_s) for name, value in body.items()}


def _clock(body: Mapping[str, Any], epoch_s: float) -> str | int:
    if body["time"] == "unix":
        return int(epoch_s)
    local = datetime.fromtimestamp(epoch_s, ZoneInfo(body.get("zone", "UTC")))
    return local.isoformat(timespec="seconds") if body["time"] == "iso" else local.strftime(body["time"])


def check_body(body: Any, waves: Mapping[str, Wave], where: str) -> None:
    """This function will refuse a body that names a wave or a time zone that is not there. Raises FleetFileRefused."""
    if isinstance(body, list):
        for one in body:
            check_body(one, waves, where)
    elif isinstance(body, Mapping):
        if "wave" in body and body["wave"] not in waves:
            raise FleetFileRefused(f"{where}.body: there is no wave of {body['wave']!r}.")
        if "time" in body:
            try:
                ZoneInfo(str(body.get("zone", "UTC")))
            except (ZoneInfoNotFoundError, ValueError) as error:
                raise FleetFileRefused(f"{where}.body: there is no time zone {body.get('zone')!r}.") from error
        for one in body.values():
            check_body(one, waves, where)
