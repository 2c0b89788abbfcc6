"""One terminal's connection: reads within its deadlines, does what the conversation asks, answers what is settled."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.decoders.jt808 import identity
from ingest.jt808 import bodies
from ingest.jt808.conversation import (
    Act,
    Answered,
    Authenticate,
    Close,
    Conversation,
    Deliver,
    Refuse,
    Register,
    Send,
    TellTime,
)
from ingest.jt808.frames import Frame, FrameRefused, Header, write_frame
from ingest.jt808.registry import RegistryAway
from spatial.devices.models import Device

if TYPE_CHECKING:
    from ingest.jt808.listener import Listener

_log = logging.getLogger(__name__)
READ_BYTES = 4096


@dataclass
class Delivery:
    """Locations of one message that are not all settled yet."""

    heads: tuple[Header, ...]
    open: int
    result: int = bodies.DONE


class Connection:
    """One connection; all its methods run in the listener's event loop."""

    def __init__(
        self, listener: Listener, number: int, peer: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.number, self.peer = number, peer
        self.device: Device | None = None
        self._listener, self._reader, self._writer = listener, reader, writer
        self._conversation = Conversation(package_wait_s=listener.limits.package_s)
        self._deliveries: dict[int, Delivery] = {}
        self._texts: dict[int, Future[int]] = {}
        self._delivered = 0
        self._pending = 0
        self._room = asyncio.Event()
        self._room.set()
        self._heard = False
        self._closed = False

    @property
    def name(self) -> str:
        """How the log calls it."""
        return self.device.code if self.device else f"{self._conversation.number or 'a stranger'} at {self.peer}"

    async def run(self) -> None:
        """This function will serve the connection until it ends."""
        clock = asyncio.get_running_loop().time
        limits = self._listener.limits
        must_authenticate_by = clock() + limits.authenticate_s
        frame_ends_by: float | None = None
        while not self._closed:
            await self._room.wait()
            await self._listener.room.wait()
            until = clock() + limits.idle_s
            if self.device is None:
                until = min(until, must_authenticate_by)
            if frame_ends_by is not None:
                until = min(until, frame_ends_by)
            asks_at = self._conversation.asks_at
            try:
                async with asyncio.timeout_at(until if asks_at is None else min(until, asks_at)):
                    received = await self._reader.read(READ_BYTES)
            except TimeoutError:
                if asks_at is None or clock() < asks_at or clock() >= until:
                    self.close("it was too slow: no whole frame, no authentication, or silence")
                    return
                for act in self._conversation.ask_again(clock()):
                    await self._do(act)
                continue
            if not received:
                return
            for act in self._conversation.feed(received, clock()):
                if isinstance(act, Deliver):  # one read holds many: each waits for room
                    await self._room.wait()
                    await self._listener.room.wait()
                if self._closed:
                    return
                try:
                    await self._do(act)
                except RegistryAway as away:  # an answer would be a lie that the terminal believes: it comes again
                    self.close(str(away))
                    return
            half = self._conversation.half_frame
            frame_ends_by = (frame_ends_by or clock() + limits.frame_s) if half else None

    def close(self, reason: str) -> None:
        """This function will end the connection; what was delivered stays delivered."""
        if self._closed:
            return
        self._closed = True
        _log.info("%s: closed; %s.", self.name, reason)
        for text in self._texts.values():
            if not text.done():
                text.set_exception(LookupError(f"{self.name} left before it answered."))
        self._texts.clear()
        self._room.set()
        with contextlib.suppress(OSError, RuntimeError):
            self._writer.close()

    def take_heard(self) -> bool:
        """This function will tell whether something was heard since the last call."""
        heard, self._heard = self._heard, False
        return heard

    def settled(self, delivery: int, result: int) -> None:
        """This function will answer a message once all its locations are settled."""
        held = self._deliveries.get(delivery)
        if held is None:
            return
        held.open -= 1
        held.result = max(held.result, result)
        self._pending -= 1
        if self._pending < self._listener.limits.pending_locations:
            self._room.set()
        if held.open == 0:
            del self._deliveries[delivery]
            for head in held.heads:
                self._send(self._conversation.answer(head, held.result))

    def send_text(self, text: str, outcome: Future[int], *, urgent: bool, spoken: bool) -> None:
        """This function will send a text; `outcome` gets the terminal's result."""
        try:
            frame = self._conversation.text(text, urgent=urgent, spoken=spoken)
        except FrameRefused as refused:
            outcome.set_exception(refused)
            return
        self._texts[frame.header.serial] = outcome
        self._send(frame)

    def _send(self, frame: Frame) -> None:
        if self._closed:
            return
        if self._writer.transport.get_write_buffer_size() > self._listener.limits.unsent_bytes:
            self.close("it does not read what it is sent")
            return
        self._writer.write(write_frame(frame))

    async def _do(self, act: Act) -> None:
        if isinstance(act, Deliver):
            self._deliver(act)
        elif isinstance(act, Send):
            self._heard = self._heard or self.device is not None
            self._send(act.frame)
        elif isinstance(act, Authenticate):
            await self._authenticate(act)
        elif isinstance(act, Register):
            await self._register(act)
        elif isinstance(act, Answered):
            outcome = self._texts.pop(act.serial, None)
            if outcome is not None and not outcome.done():
                outcome.set_result(act.result)
        elif isinstance(act, TellTime):
            self._heard = True
            self._send(self._conversation.tell_time(act.header, self._listener.now()))
        elif isinstance(act, Refuse):
            number = self._conversation.number
            await self._listener.ask(self._listener.registry.refuse, act.content, act.reason, self.device, number)
        elif isinstance(act, Close):
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(self._writer.drain(), 1.0)
            self.close(act.reason)

    async def _authenticate(self, act: Authenticate) -> None:
        registry, ask = self._listener.registry, self._listener.ask
        device = await ask(registry.find, self._conversation.number)
        good = device is not None and await ask(registry.is_code, device, act.code, act.software)
        if good and self.device is None:
            self.device = device
            self._listener.known(self)
        self._heard = good
        self._send(self._conversation.answer_authentication(act.header, good=good))
        if not good:
            reason = "device: unknown terminal number" if device is None else "device: wrong authentication code"
            await ask(registry.refuse, b"", reason, device, self._conversation.number)
            await self._do(Close(reason))

    async def _register(self, act: Register) -> None:
        registry, ask = self._listener.registry, self._listener.ask
        device = await ask(registry.find, self._conversation.number)
        code = await ask(registry.register, device) if device is not None else None
        if code is not None:
            self._send(self._conversation.answer_registration(act.header, bodies.DONE, code))
            return
        result = bodies.NO_SUCH_TERMINAL if device is None else bodies.REGISTERED_ALREADY
        reason = (
            "device: unknown terminal number"
            if device is None
            else "device: may not register now; let it register on its page, or enter its code on the terminal"
        )
        self._send(self._conversation.answer_registration(act.header, result))
        said = f"{act.who.maker} {act.who.model} {act.who.terminal_id} {act.who.plate}".encode()
        await ask(registry.refuse, said, reason, device, self._conversation.number)

    def _deliver(self, act: Deliver) -> None:
        assert self.device is not None
        self._delivered += 1
        self._deliveries[self._delivered] = Delivery(act.heads, len(act.locations))
        self._pending += len(act.locations)
        if self._pending >= self._listener.limits.pending_locations:
            self._room.clear()
        topic = f"tw/v1/{self.device.site.code}/{self.device.code}/jt808"
        topic += "/backfill" if act.backfill else ""
        for body in act.locations:
            self._listener.deliver(self, self._delivered, topic, body, identity(body))
