"""Devices that flood, straight from a socket so that it costs little: garbage, or batches without a fault."""

from __future__ import annotations

import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable

import numpy as np

from ingest.columns import FIX, ColumnMessage
from ingest.decoders.binary import HEADER
from ingest.decoders.binary_writing import encode_binary

PER_SECOND = 5_000
TICK_S = 0.02
BAD = (b"\xff\x00 not json", b'{"v":1,"boot":"00aa","seq":1,"fixes":[{"t":"soon"}]}', b'{"v":1}', b"[]", b"{" * 200)
Bodies = Callable[[int], bytes]


def garbage(number: int) -> bytes:
    """Return one of five kinds of bad messages."""
    return BAD[number % len(BAD)]


def batches(code: str, place: tuple[float, float], *, fixes: int) -> Bodies:
    """Return what makes valid binary batches of a device that stands at a place: the last `fixes` milliseconds."""
    rows = np.zeros(fixes, dtype=FIX)
    rows["time_us"] = np.arange(fixes) * 1000
    rows["x"], rows["y"] = place
    rows["height_m"], rows["accuracy_m"], rows["height_accuracy_m"] = 92.0, 0.3, np.nan
    rows["source"], rows["worn"] = 1, 1
    boot = time.time_ns()
    batch = bytearray(encode_binary(ColumnMessage(code, f"{boot:016x}", 0, (code,), ("CGCS2000",), (-1,), rows)))

    def body(number: int) -> bytes:
        _, _, size, _, _, _, *counts = HEADER.unpack_from(batch)
        base_ms = time.time_ns() // 1_000_000 - fixes
        HEADER.pack_into(batch, 0, b"TWB", 1, size, boot, number, base_ms, *counts)
        batch[-4:] = zlib.crc32(batch[:-4]).to_bytes(4, "little")
        return bytes(batch)

    return body


class Flood(threading.Thread):
    """One device: connects as itself, publishes on its own topic, reads what comes back and waits for nothing."""

    def __init__(
        self,
        broker: tuple[str, int],
        site: str,
        code: str,
        password: str,
        per_second: int | None,
        *,
        bodies: Bodies = garbage,
        kind: str = "positions",
        qos: int = 1,
    ) -> None:
        super().__init__(daemon=True)
        self._socket = socket.create_connection(broker, timeout=10)
        self._topic = f"tw/v1/{site}/{code}/{kind}".encode()
        self._socket.sendall(_connect(code, password))
        answer = self._socket.recv(4)
        assert answer == b"\x20\x02\x00\x00", f"the broker refuses the flooding device: {answer!r}"
        self._socket.settimeout(None)
        self._each = round(per_second * TICK_S) if per_second else 1
        self._tick_s = TICK_S if per_second else 0.0
        self._bodies, self._qos = bodies, qos
        self._ending = threading.Event()
        self.sent = 0
        threading.Thread(target=self._drain, daemon=True).start()

    def run(self) -> None:
        due = time.monotonic()
        while not self._ending.is_set():
            packets = b"".join(self._packet(self.sent + number) for number in range(self._each))
            try:
                self._socket.sendall(packets)
            except OSError:
                return
            self.sent += self._each
            due += self._tick_s
            self._ending.wait(max(0.0, due - time.monotonic()))

    def end(self) -> None:
        """Stop."""
        self._ending.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self.join(10)
        self._socket.close()

    def _packet(self, number: int) -> bytes:
        name = struct.pack(">H", number % 65535 + 1) if self._qos else b""
        body = struct.pack(">H", len(self._topic)) + self._topic + name + self._bodies(number)
        return bytes([0x30 | self._qos << 1]) + _length(len(body)) + body

    def _drain(self) -> None:
        try:
            while self._socket.recv(65536):
                continue
        except OSError:
            return


def _connect(code: str, password: str) -> bytes:
    body = b"\x00\x04MQTT\x04\xc2\x00\x3c" + b"".join(
        struct.pack(">H", len(text)) + text for text in (f"flood-{code}".encode(), code.encode(), password.encode())
    )
    return b"\x10" + _length(len(body)) + body


def _length(number: int) -> bytes:
    found = b""
    while True:
        number, digit = divmod(number, 128)
        found += bytes([digit | (0x80 if number else 0)])
        if not number:
            return found
