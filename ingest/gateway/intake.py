"""Where local devices reach the gateway: a TCP port that takes lines and answers each one when it is on the disk.

Commands of the platform go to the connection on which their device spoke last. They are not kept here: the platform
sends them again until a receipt of the device has reached it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from ingest.gateway.lines import MAX_LINE_BYTES, LineRefused, ReceiptLine, read_line
from ingest.gateway.service import Gateway

MOST_CONNECTIONS = 500
MOST_UNANSWERED = 200


class Intake:
    """The connections of the local devices; a device may send on before it has its answer."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._open = 0
        self._speakers: dict[str, asyncio.StreamWriter] = {}

    def carry(self, topic: str, payload: bytes) -> None:
        """This function will tell a local device a command of the platform; one that is not here has its own way."""
        device = topic.split("/")[3]
        writer = self._speakers.get(device)
        if writer is not None and not writer.is_closing():
            writer.write(b'{"device":"' + device.encode() + b'","command":' + payload + b"}\n")
            self._gateway.counters.commands += 1

    async def start(self, host: str, port: int) -> asyncio.Server:
        """This function will listen; raises OSError when the port is taken."""
        return await asyncio.start_server(self._serve, host, port, limit=2 * MAX_LINE_BYTES)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._open >= MOST_CONNECTIONS:
            _say(writer, {"refused": f"the gateway has {MOST_CONNECTIONS} connections", "again_s": 30})
            writer.close()
            return
        self._open += 1
        room = asyncio.Semaphore(MOST_UNANSWERED)
        try:
            while text := await reader.readline():
                await room.acquire()
                self._hear(text.rstrip(b"\r\n"), _answering(writer, room), writer)
                await writer.drain()
        except (ConnectionError, ValueError) as error:  # ValueError: a line longer than the limit
            _say(writer, {"refused": f"the connection ends: {error}"})
        finally:
            self._open -= 1
            self._speakers = {code: other for code, other in self._speakers.items() if other is not writer}
            writer.close()

    def _hear(self, text: bytes, answer: Callable[[dict[str, Any]], None], writer: asyncio.StreamWriter) -> None:
        try:
            line = read_line(text)
            self._speakers[line.device] = writer
            if isinstance(line, ReceiptLine):
                self._gateway.carry_receipt(line)
                answer({"device": line.device, "receipt": "carried" if self._gateway.connected else "lost"})
            else:
                self._gateway.offer(line, answer)
        except LineRefused as refusal:
            self._gateway.counters.refused_here += 1
            answer({**refusal.key, "refused": str(refusal)})


def _answering(writer: asyncio.StreamWriter, room: asyncio.Semaphore) -> Callable[[dict[str, Any]], None]:
    def answer(said: dict[str, Any]) -> None:
        room.release()
        _say(writer, said)

    return answer


def _say(writer: asyncio.StreamWriter, said: dict[str, Any]) -> None:
    if not writer.is_closing():
        writer.write(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
