"""A gateway that is cut off for six hours: its devices go on speaking, and then the cable is put back."""

from __future__ import annotations

import json
import select
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .walking import ROUND

SPEED = 10  # fixes in a line
MINUTE = 60


class Cable:
    """Carries bytes between the gateway and the broker while it is plugged in."""

    def __init__(self, broker: tuple[str, int]) -> None:
        self._broker, self._plugged = broker, threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = ("127.0.0.1", int(self._server.getsockname()[1]))
        threading.Thread(target=self._accept, daemon=True).start()

    def plug_in(self) -> None:
        """Let connections through from now on."""
        self._plugged.set()

    def _accept(self) -> None:
        while True:
            near, _ = self._server.accept()
            if self._plugged.is_set():
                far = socket.create_connection(self._broker)
                threading.Thread(target=_carry, args=(near, far), daemon=True).start()
            else:
                near.close()


def _carry(near: socket.socket, far: socket.socket) -> None:
    ways = {near: far, far: near}
    while ways:
        for ready in select.select(list(ways), [], [])[0]:
            try:
                data = ready.recv(65536)
                ways[ready].sendall(data)
            except OSError:
                data = b""
            if not data:
                near.close()
                far.close()
                return


@dataclass
class History:
    """What one local device did while the gateway was cut off: a fix a second, a visit of the pit at times."""

    code: str
    boot: str
    edge: tuple[float, float]
    metre: tuple[float, float]
    begin_ms: int
    seconds: int
    visit_every_s: int
    entries: list[int] = field(default_factory=list)

    def lines(self) -> Iterator[bytes]:
        """Yield the device's lines, ten fixes each, and note the entries."""
        fixes: list[dict[str, Any]] = []
        number = 0
        for second in range(self.seconds):
            place = second % self.visit_every_s
            east_m = ROUND[50 + place] if place < len(ROUND) - 50 else ROUND[0]
            at_ms = self.begin_ms + 1000 * second
            if place == 8:  # the second fix inside: 0.4 m and 1.2 m beyond the edge
                self.entries.append(at_ms)
            fixes.append(
                {
                    "t": at_ms,
                    "lon": round(self.edge[0] + east_m * (self.metre[0] - self.edge[0]), 9),
                    "lat": round(self.edge[1] + east_m * (self.metre[1] - self.edge[1]), 9),
                    "h": 92.0,
                    "h_ref": "yellow_sea",
                    "acc": 0.3,
                    "src": "UWB",
                }
            )
            if len(fixes) == SPEED or second == self.seconds - 1:
                number += 1
                body = {"v": 1, "device": self.code, "boot": self.boot, "seq": number, "fixes": fixes}
                yield json.dumps(body, separators=(",", ":")).encode() + b"\n"
                fixes = []


def feed(port: int, histories: list[History]) -> int:
    """Tell the gateway all histories, device by device, and return how many lines it answered for."""
    answered = 0
    for history in histories:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            answers = connection.makefile("rb")
            under_way = 0
            for line in history.lines():
                connection.sendall(line)
                under_way += 1
                if under_way >= 150:
                    answered += _one(answers)
                    under_way -= 1
            for _ in range(under_way):
                answered += _one(answers)
    return answered


def _one(answers: Any) -> int:
    answer = json.loads(answers.readline())
    assert "refused" not in answer, answer
    return 1
