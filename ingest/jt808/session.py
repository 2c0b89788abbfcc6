"""The ingest service's session with terminals: what connections deliver, and which are told when it is committed."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ingest.fair_queue import FairQueue
from ingest.jt808 import bodies

MOST_MESSAGES, MOST_BYTES = 1_000_000, 1 << 30  # connections have limits of their own, and stop reading
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Names one location of one delivery of a connection; `boot_id` is what the location is known by."""

    connection: int
    delivery: int
    device_code: str
    boot_id: str


class TerminalSession:
    """Arrivals wait in `arrivals`; `done` is called with receipt and result (0x8001) once a location is settled."""

    def __init__(self, done: Callable[[Receipt, int], None]) -> None:
        self.arrivals = FairQueue(MOST_MESSAGES, MOST_BYTES)
        self._done = done
        self._results: dict[tuple[str, str], int] = {}

    def acknowledge(self, receipt: Receipt) -> None:
        """This function will settle a location: committed, or kept as refused."""
        result = self._results.pop((receipt.device_code, receipt.boot_id), bodies.WRONG)
        self._done(receipt, result)

    def publish(self, topic: str, payload: bytes) -> None:
        """This function will take the pipeline's answer to a message; the general answer goes out with its receipt."""
        level = topic.split("/")
        answer: dict[str, Any] = json.loads(payload)
        if len(level) < 5 or "boot" not in answer:
            _log.warning("An answer on %s belongs to no location.", topic[:200])
            return
        self._results[level[3], answer["boot"]] = bodies.WRONG if "refused" in answer else bodies.DONE
