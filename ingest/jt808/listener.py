"""The TCP listener for JT/T 808 terminals: accepts, guards each connection's time and size, and routes what it says.

One connection cannot harm another: each has its own buffers of bounded size, its own count of uncommitted locations
(beyond it, we stop reading: TCP slows the sender down), and deadlines for authenticating and for each frame.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.arrivals import Arrival, Lane
from ingest.jt808.connection import Connection
from ingest.jt808.registry import TerminalRegistry
from ingest.jt808.session import Receipt, TerminalSession

_log = logging.getLogger(__name__)
REVIEW_EVERY_S = 15.0


@dataclass(frozen=True)
class Limits:
    """What one connection, one address, and all together may take."""

    connections: int = 10_000
    strangers_per_address: int = 50
    authenticate_s: float = 30.0
    frame_s: float = 20.0
    package_s: float = 5.0
    idle_s: float = 600.0
    pending_locations: int = 1_000
    all_pending_locations: int = 50_000
    unsent_bytes: int = 64 * 1024


class Listener:
    """Serves terminals until it is stopped; `sessions` are what the ingest service reads."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        registry: TerminalRegistry,
        now: Callable[[], datetime],
        limits: Limits | None = None,
    ) -> None:
        self.sessions: dict[Lane, TerminalSession] = {
            "live": TerminalSession(self._settled),
            "backfill": TerminalSession(self._settled),
        }
        self.registry, self.now, self.limits = registry, now, limits or Limits()
        self.address: tuple[str, int] | None = None
        self.pending = 0
        self._where = (host, port)
        self._numbered = 0
        self._open: dict[int, Connection] = {}
        self._by_code: dict[str, Connection] = {}
        self._strangers: Counter[str] = Counter()
        self._database = ThreadPoolExecutor(1, "jt808-database")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self.room = asyncio.Event()
        self.room.set()

    async def serve(self, ready: Callable[[], None] | None = None) -> None:
        """This function will listen until `stop`."""
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connected, *self._where, limit=64 * 1024)
        self.address = server.sockets[0].getsockname()[:2]
        _log.info("Receiving JT/T 808 terminals at %s:%s.", *self.address)
        if ready:
            ready()
        review = asyncio.create_task(self._review())
        async with server:
            await self._stopping.wait()
        review.cancel()
        for connection in list(self._open.values()):
            connection.close("the service stops")
        self._database.shutdown(wait=False)

    def stop(self) -> None:
        """This function will end `serve`; it may be called from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)

    def send_text(self, code: str, text: str, *, urgent: bool = False, spoken: bool = True) -> Future[int]:
        """This function will send a text to a terminal, from any thread; the future holds the terminal's own result
        (0: shown), or raises LookupError when it is not connected and FrameRefused for what it cannot show."""
        assert self._loop is not None
        outcome: Future[int] = Future()

        def send() -> None:
            connection = self._by_code.get(code)
            if connection is None:
                outcome.set_exception(LookupError(f"{code} is not connected."))
            else:
                connection.send_text(text, outcome, urgent=urgent, spoken=spoken)

        self._loop.call_soon_threadsafe(send)
        return outcome

    def is_connected(self, code: str) -> bool:
        """This function will tell whether a terminal showed its code on a connection that is open; from any thread."""
        return code in self._by_code

    async def ask(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """This function will do database work in the listener's own thread."""
        assert self._loop is not None
        return await self._loop.run_in_executor(self._database, work, *arguments)

    def deliver(self, connection: Connection, delivery: int, topic: str, body: bytes, boot_id: str) -> None:
        """This function will hand one location to the pipeline."""
        assert connection.device is not None
        self.pending += 1
        if self.pending >= self.limits.all_pending_locations:
            self.room.clear()
        receipt = Receipt(connection.number, delivery, connection.device.code, boot_id)
        self.sessions["backfill" if topic.endswith("/backfill") else "live"].arrivals.put(
            Arrival(topic, body, self.now(), receipt)
        )

    def known(self, connection: Connection) -> None:
        """This function will take note that a connection showed its code; an older one of the same terminal ends."""
        assert connection.device is not None
        self._strangers[connection.peer] -= 1
        older = self._by_code.get(connection.device.code)
        self._by_code[connection.device.code] = connection
        if older is not None and older is not connection:
            older.close("the terminal connected anew")

    def _settled(self, receipt: Receipt, result: int) -> None:
        """Called by the ingest service's thread when a location is committed or kept as refused."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._answer, receipt, result)

    def _answer(self, receipt: Receipt, result: int) -> None:
        self.pending -= 1
        self.room.set()
        connection = self._open.get(receipt.connection)
        if connection is not None:
            connection.settled(receipt.delivery, result)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = str((writer.get_extra_info("peername") or ("?",))[0])
        if len(self._open) >= self.limits.connections or self._strangers[peer] >= self.limits.strangers_per_address:
            _log.warning("Too many connections; one from %s was closed.", peer)
            writer.close()
            return
        self._numbered += 1
        connection = Connection(self, self._numbered, peer, reader, writer)
        self._open[connection.number] = connection
        self._strangers[peer] += 1
        try:
            await connection.run()
        except (OSError, asyncio.IncompleteReadError) as error:
            _log.info("The connection of %s broke: %s", connection.name, error)
        except Exception:
            _log.exception("The connection of %s failed; the others go on.", connection.name)
        finally:
            self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        connection.close("it ended")
        self._open.pop(connection.number, None)
        if connection.device is None:
            self._strangers[connection.peer] -= 1
        elif self._by_code.get(connection.device.code) is connection:
            del self._by_code[connection.device.code]
        self._strangers += Counter()  # forgets addresses that have none

    async def _review(self) -> None:
        """Every few seconds: note who was heard of, and end connections whose password is no longer the same."""
        while True:
            await asyncio.sleep(REVIEW_EVERY_S)
            await self.review()

    async def review(self) -> None:
        """This function will note who was heard of, and end connections whose device is retired or has a new code."""
        connections = dict(self._by_code)
        heard = [one.device for one in connections.values() if one.take_heard() and one.device]
        if heard:
            await self.ask(self.registry.seen, heard)
        good = await self.ask(self.registry.credentials, list(connections)) if connections else None
        for code, connection in connections.items():
            if good is not None and connection.device and good.get(code) != connection.device.credential_hash:
                connection.close("the terminal was retired, moved, or given a new code")
