"""A simulated device's cable to a gateway: lines of JSON in place of MQTT, served by the same loop.

It looks to a device like its link to the broker: what it publishes becomes a line with its code in it, what the gateway
answers is its acknowledgement, and commands come the same way.
"""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ingest.mqtt.device_link import RETRY_MAX_S, RETRY_MIN_S, LinkLoop

CONNECT_TIMEOUT_S = 1.0
_log = logging.getLogger(__name__)


class CableLink:
    """One device's connection to a gateway's port; made anew with back-off for ever."""

    def __init__(
        self,
        loop: LinkLoop,
        *,
        address: tuple[str, int],
        code: str,
        on_message: Callable[[bytes], None],
        on_command: Callable[[bytes], None],
    ) -> None:
        self._loop, self._address, self._code = loop, address, code
        self._on_message, self._on_command = on_message, on_command
        self._socket: socket.socket | None = None
        self._rest = b""
        self._pause_s, self._due = RETRY_MIN_S, 0.0
        loop.add(self)

    def connect_when_due(self, now: float) -> None:
        """This function will connect when there is no socket and the pause after the last try is over."""
        if self._socket is not None or now < self._due:
            return
        self._due = now + self._pause_s
        self._pause_s = min(RETRY_MAX_S, self._pause_s * 2)
        try:
            self._socket = socket.create_connection(self._address, timeout=CONNECT_TIMEOUT_S)
        except OSError as error:
            _log.warning("%s cannot reach its gateway: %s", self._code, error)
            return
        self._rest, self._pause_s = b"", RETRY_MIN_S
        self._loop.watch(self, self._socket, write=False)

    def publish(self, topic: str, payload: bytes) -> bool:
        """This function will send a message or receipt as a line and tell whether there was a connection for it."""
        if self._socket is None:
            return False
        try:
            self._socket.sendall(self._line(topic, payload) + b"\n")
        except OSError:
            self.close()
        return self._socket is not None

    def _line(self, topic: str, payload: bytes) -> bytes:
        try:
            body = json.loads(payload)
        except ValueError:
            return payload.replace(b"\n", b" ")  # garbage goes as it is
        if topic.endswith("/receipts"):
            return json.dumps({"v": body.pop("v"), "device": self._code, "receipt": body}).encode()
        return json.dumps({"device": self._code, **body}, separators=(",", ":")).encode()

    def loop_read(self) -> None:
        """This function will take what the gateway says."""
        if self._socket is None:
            return
        try:
            text = self._socket.recv(65536)
        except OSError:
            text = b""
        if not text:
            self.close()
            return
        *lines, self._rest = (self._rest + text).split(b"\n")
        for line in lines:
            with suppress(ValueError):
                self._hear(json.loads(line), line)

    def _hear(self, said: dict[str, Any], line: bytes) -> None:
        if "command" in said:
            self._on_command(json.dumps(said["command"]).encode())
        elif "again_s" not in said and "receipt" not in said:
            self._on_message(line)

    def loop_write(self) -> None:
        """This function will do nothing: a line is short, and sent whole."""

    def keep_alive(self) -> None:
        """This function will do nothing: the gateway closes a connection that has died."""

    def close(self) -> None:
        """This function will leave the gateway."""
        if self._socket is not None:
            self._loop.forget(self._socket)
            self._socket.close()
            self._socket = None
