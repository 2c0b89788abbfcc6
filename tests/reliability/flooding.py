"""A device that sends thousands of bad messages a second by QoS 1, straight from a socket so that it costs little."""

from __future__ import annotations

import socket
import struct
import threading
import time

PER_SECOND = 5_000
TICK_S = 0.02
BAD = (b"\xff\x00 not json", b'{"v":1,"boot":"00aa","seq":1,"fixes":[{"t":"soon"}]}', b'{"v":1}', b"[]", b"{" * 200)


class Flood(threading.Thread):
    """One broken device: connects as itself, publishes garbage on its own topic, reads what comes back."""

    def __init__(self, broker: tuple[str, int], site: str, code: str, password: str, per_second: int) -> None:
        super().__init__(daemon=True)
        self._socket = socket.create_connection(broker, timeout=10)
        self._topic = f"tw/v1/{site}/{code}/positions".encode()
        self._socket.sendall(_connect(code, password))
        answer = self._socket.recv(4)
        assert answer == b"\x20\x02\x00\x00", f"the broker refuses the flooding device: {answer!r}"
        self._each = round(per_second * TICK_S)
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
            due += TICK_S
            self._ending.wait(max(0.0, due - time.monotonic()))

    def end(self) -> None:
        """Stop."""
        self._ending.set()
        self.join(10)
        self._socket.close()

    def _packet(self, number: int) -> bytes:
        body = struct.pack(">H", len(self._topic)) + self._topic + struct.pack(">H", number % 65535 + 1)
        body += BAD[number % len(BAD)]
        return b"\x32" + _length(len(body)) + body

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
