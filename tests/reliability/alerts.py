"""How long an alert takes: from before its deciding fix is published until a follower of the live stream has it."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import httpx

from deploy.supervision import wait_until
from tests.journeys.conftest import Account

from .senders import BrokerSender
from .walking import Answers, Walking

PASSWORD = "Correct-horse-9"  # the cast's officer (tests/ingest/cast.py)


class Follower(threading.Thread):
    """A client of the live stream, as an open page is; notes when which alarm came."""

    def __init__(self, stage: Any) -> None:
        super().__init__(daemon=True)
        self._account = Account(stage.url, stage.cast["officer"], PASSWORD)
        self._path = f"/api/v1/sites/{stage.cast['site']}/stream"
        self.heard: dict[tuple[str, int], float] = {}
        self.late: list[dict[str, Any]] = []
        self._ending = threading.Event()
        self.connected = threading.Event()

    def run(self) -> None:
        while not self._ending.is_set():
            try:
                with self._account.http.stream("GET", self._path, timeout=httpx.Timeout(10, read=30)) as answer:
                    self.connected.set()
                    for line in answer.iter_lines():
                        if self._ending.is_set():
                            return
                        if line.startswith("data: ") and '"alarm_raised"' in line:
                            self._note(json.loads(line[6:]))
            except httpx.HTTPError:
                continue

    def _note(self, event: dict[str, Any]) -> None:
        item = event.get("payload", event)
        if item.get("late"):
            self.late.append(item)
            return
        from datetime import datetime

        raised_ms = round(datetime.fromisoformat(item["raised_at"]).timestamp() * 1000)
        self.heard.setdefault((item["device"], raised_ms), time.time())

    def end(self) -> None:
        """Stop listening."""
        self._ending.set()


def delays(follower: Follower, devices: list[Walking], *, since_ms: int, until_ms: int) -> tuple[list[float], int]:
    """Return the seconds from each entry's deciding fix to its alert in the stream, and how many never came.

    The fix is published at once when it is made, and its time is the clock's at that moment.
    """
    found, missing = [], 0
    for device in devices:
        for kind, at_ms in device.crossings:
            if kind != "entered" or not since_ms <= at_ms < until_ms:
                continue
            heard = follower.heard.get((device.code, at_ms))
            if heard is None:
                missing += 1
            else:
                found.append(heard - at_ms / 1000)
    return found, missing


def live_walk(stage: Any, devices: list[Walking], *, per_second: float) -> BrokerSender:
    """Start helmets that walk in and out until they are told that it is enough; wait a while for the first answer."""
    sender = BrokerSender(stage, devices, Answers(time.monotonic), count=len(devices), per_second=per_second)
    sender.start()
    wait_until(lambda: sender.answers.first_after(0.0) is not None, 60)
    return sender
