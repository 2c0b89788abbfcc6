"""A JT/T 808 terminal as its maker would write one: builds what it says, reads what it is told."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from datetime import datetime

from ingest.decoders.jt808 import CHINA
from ingest.jt808.frames import Frame, FrameStream, Header, read_frame, write_frame


def location(
    at: datetime, lon: float, lat: float, *, height_m: int = 92, alarms: int = 0, status: int = 0b10,
    items: bytes = b"", speed_km_h: float = 0.0,
) -> bytes:  # fmt: skip
    """The body of a location (0x0200)."""
    words = (alarms, status, round(abs(lat) * 1e6), round(abs(lon) * 1e6))
    body = b"".join(word.to_bytes(4) for word in words) + height_m.to_bytes(2, signed=True)
    body += round(speed_km_h * 10).to_bytes(2) + (90).to_bytes(2)
    return body + bytes.fromhex(at.astimezone(CHINA).strftime("%y%m%d%H%M%S")) + items


def batch(locations: Sequence[bytes], *, backfill: bool = False) -> bytes:
    """The body of a batch (0x0704)."""
    parts = b"".join(len(one).to_bytes(2) + one for one in locations)
    return len(locations).to_bytes(2) + bytes([int(backfill)]) + parts


def registration(*, plate: str = "豫A12345", version: int | None = None) -> bytes:
    """The body of a registration (0x0100)."""
    lengths = (5, 20, 7) if version is None else (11, 30, 30)
    parts = [
        text.encode().ljust(length, b"\0") for text, length in zip(("MAKER", "T-1", "ID00001"), lengths, strict=True)
    ]
    return b"\0\x29\0\x01" + b"".join(parts) + b"\x02" + plate.encode("gbk")


class Terminal:
    """One connection to a platform."""

    def __init__(self, address: tuple[str, int], number: str, *, version: int | None = None) -> None:
        self.number, self.version = number, version
        self.serial = 0
        self._socket = socket.create_connection(address, timeout=15)
        self._stream = FrameStream()
        self._frames: list[Frame] = []

    def frame(self, message_id: int, body: bytes = b"", **package: int) -> bytes:
        """The next message as bytes."""
        self.serial = (self.serial + 1) & 0xFFFF
        return write_frame(Frame(Header(message_id, self.number, self.serial, self.version, **package), body))

    def say(self, message_id: int, body: bytes = b"") -> int:
        """Send a message and return its serial number."""
        self.send(self.frame(message_id, body))
        return self.serial

    def send(self, content: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(content)

    def hear(self) -> Frame:
        """The next message of the platform; raises EOFError when it closed the connection."""
        while not self._frames:
            received = self._socket.recv(4096)
            if not received:
                raise EOFError
            self._frames += [read_frame(content) for content in self._stream.feed(received)]
        return self._frames.pop(0)

    def answer(self) -> tuple[int, int, int]:
        """Serial, message id and result of the next general answer."""
        frame = self.hear()
        assert frame.header.message_id == 0x8001, hex(frame.header.message_id)
        return int.from_bytes(frame.body[:2]), int.from_bytes(frame.body[2:4]), frame.body[4]

    def authenticate(self, code: str) -> int:
        """Show the code; returns the result."""
        body = code.encode()
        if self.version is not None:
            body = bytes([len(body)]) + body + b"860000000000001" + b"V2.1".ljust(20, b"\0")
        self.say(0x0102, body)
        return self.answer()[2]

    def closed(self) -> bool:
        """Wait until the platform closed the connection."""
        try:
            self.hear()
        except (EOFError, ConnectionError):
            return True
        return False

    def close(self) -> None:
        self._socket.close()
