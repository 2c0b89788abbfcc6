"""The gateway at work: lines in, one transaction, answers out, messages on their way; nothing is answered before
the transaction is on the disk, and nothing is forgotten before the platform has acknowledged it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ingest.gateway.config import GatewayConfig
from ingest.gateway.envelope import fill, packer
from ingest.gateway.journal import Entry, Journal, JournalFull, JournalUnusable
from ingest.gateway.lines import Line, ReceiptLine
from ingest.gateway.outbox import LIVE_S, Lane, Outbox

GATHER_S = 0.2
AGAIN_S = 30
DISK_PAUSE_S = 1.0
_log = logging.getLogger(__name__)


class Link(Protocol):
    """What the gateway needs of its connection to the platform."""

    def publish(self, topic: str, payload: bytes) -> None: ...


@dataclass
class Counters:
    """What has happened since the gateway started."""

    taken: int = 0
    doubled: int = 0
    refused_here: int = 0
    acknowledged: int = 0
    left_out: int = 0
    commands: int = 0
    receipts: int = 0
    platform: str = "away: not connected yet"
    last_refusal: str = ""
    disk: str = ""


@dataclass
class Gateway:
    """One gateway; all of it runs in one thread, so that there is one order of things."""

    config: GatewayConfig
    journal: Journal
    link: Link
    clock: Callable[[], float]
    counters: Counters = field(default_factory=Counters)
    outbox: Outbox = field(default_factory=Outbox)

    def __post_init__(self) -> None:
        self.connected = False
        self.wake = asyncio.Event()
        self._lines: list[tuple[Line, Callable[[dict[str, Any]], None]]] = []
        self._answers: dict[int, str | None] = {}
        self._recent: deque[tuple[float, int]] = deque()
        self._held_back_until = self.journal.newest()  # what an earlier run left is no longer live
        self._seal_due = 0.0
        self._topic = f"tw/v1/{self.config.site}/{self.config.gateway}"
        self._packed = packer(self.config.form)
        now = self.clock()
        for sequence, entries in self.journal.numbered().items():
            self.outbox.add(sequence, entries, Lane.BACKFILL, now)

    def offer(self, line: Line, answer: Callable[[dict[str, Any]], None]) -> None:
        """This function will take a line of a device; `answer` is called when it is on the disk, or refused."""
        self._lines.append((line, answer))
        if line.urgent:
            self._seal_due = 0.0
        self.wake.set()

    def carry_receipt(self, line: ReceiptLine) -> None:
        """This function will send a device's receipt on in its name; a lost one is asked for again by the platform."""
        if self.connected:
            self.link.publish(f"tw/v1/{self.config.site}/{line.device}/receipts", line.payload)
            self.counters.receipts += 1

    def hear_state(self, state: str) -> None:
        """This function will note what the connection to the platform is doing."""
        self.counters.platform, self.connected = state, state == "connected"
        _log.info("Platform: %s", state)
        if self.connected:
            self.outbox.connected(self.clock())
        self.wake.set()

    def hear_answer(self, payload: bytes) -> None:
        """This function will take an acknowledgement (or a refusal) of the platform."""
        try:
            body = json.loads(payload)
            boot, sequence, refused = body["boot"], body["seq"], body.get("refused")
        except (ValueError, KeyError, TypeError):
            _log.warning("The platform said something that is no acknowledgement: %r", payload[:200])
            return
        for reason in body.get("left_out", ()):
            self.counters.left_out += 1
            self.counters.last_refusal = str(reason)
            _log.warning("The platform left a line out: %s", reason)
        if boot == self.journal.boot and sequence in self.outbox.sent:
            self._answers.setdefault(sequence, refused)
            self.wake.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """This function will work until `stopping` is set."""
        while not stopping.is_set():
            pause_s = self.work()
            try:
                await asyncio.wait_for(self.wake.wait(), pause_s)
            except TimeoutError:
                continue
            finally:
                self.wake.clear()

    def work(self) -> float:
        """This function will do what can be done now and return after how many seconds to look again."""
        now = self.clock()
        self._note_ages(now)
        lines, self._lines = self._lines, []
        try:
            said = self._write([line for line, _ in lines], now)
        except JournalUnusable as error:
            said = [self._disk_refuses(line, str(error)) for line, _ in lines]
            if not lines or not self._writes_without_lines(now):
                self._send(now)
                return DISK_PAUSE_S
        for (_, answer), words in zip(lines, said, strict=True):
            answer(words)
        self._send(now)
        return self._pause(now)

    def _write(self, lines: list[Line], now: float) -> list[dict[str, Any]]:
        """Do everything that touches the disk in one transaction. Raises JournalUnusable: nothing has happened."""
        heard = list(self._answers.items())
        if not (lines or heard or self._may_number(now)):
            return []
        before = self.journal.newest()
        try:
            with self.journal.transaction():
                said = [self._take(line) for line in lines]
                moved = [self._settle(sequence, refused) for sequence, refused in heard]
                self._number(now)
        except JournalUnusable:
            last = self.journal.next_sequence
            self.outbox.sent = {number: each for number, each in self.outbox.sent.items() if number < last}
            raise
        new, refused = self.journal.newest() - before, sum("refused" in each for each in said)
        self.counters.taken += new
        self.counters.doubled += len(said) - new - refused
        self.counters.refused_here += refused
        self.counters.disk = ""
        self._committed(heard, moved, now)
        return said

    def _writes_without_lines(self, now: float) -> bool:
        """New lines need room; to forget what has arrived often needs none."""
        try:
            self._write([], now)
        except JournalUnusable:
            return False
        return True

    def _disk_refuses(self, line: Line, reason: str) -> dict[str, Any]:
        if self.counters.disk != reason:
            _log.error("The journal cannot be written: %s", reason)
        self.counters.disk = reason
        self.counters.refused_here += 1
        return {**line.key(), "refused": f"the gateway's disk: {reason}", "again_s": AGAIN_S}

    def _take(self, line: Line) -> dict[str, Any]:
        try:
            self.journal.take(line)
        except JournalFull as full:
            return {**line.key(), "refused": str(full), "again_s": AGAIN_S}
        return line.key()

    def _settle(self, sequence: int, refused: str | None) -> dict[int, list[Entry]]:
        """Write down an answer; a refused message of many lines is taken apart, so that one bad line costs no other."""
        if refused is None:
            self.journal.forget(sequence)
            return {}
        entries = list(self.outbox.sent[sequence].entries) if sequence in self.outbox.sent else []
        if len(entries) == 1:
            self.journal.refuse(sequence, entries[0], refused)
            return {}
        half = (len(entries) + 1) // 2
        return {self.journal.number(part): part for part in (entries[:half], entries[half:]) if part}

    def _may_number(self, now: float) -> bool:
        return self.connected and now >= self._seal_due and self._unnumbered()

    def _unnumbered(self) -> bool:
        return self.journal.lines > sum(len(each.entries) for each in self.outbox.sent.values())

    def _number(self, now: float) -> None:
        """Give numbers to what waits, live first, as far as the lanes have room."""
        if not self._may_number(now):
            return
        self._seal_due = now + GATHER_S
        for lane, after, until in (
            (Lane.LIVE, self._held_back_until, None),
            (Lane.BACKFILL, 0, self._held_back_until),
        ):
            while self.outbox.room(lane) and (waiting := self.journal.waiting(after=after, until=until)):
                entries = fill(waiting)
                self.outbox.add(self.journal.number(entries), entries, lane, now)

    def _committed(self, heard: list[tuple[int, str | None]], moved: list[dict[int, list[Entry]]], now: float) -> None:
        for (sequence, refused), parts in zip(heard, moved, strict=True):
            del self._answers[sequence]
            sent = self.outbox.answered(sequence, now)
            if sent is None:
                continue
            for number, entries in parts.items():
                self.outbox.add(number, entries, sent.lane, now)
            if refused is None:
                self.counters.acknowledged += len(sent.entries)
            elif not parts:
                self.counters.last_refusal = refused
                _log.warning("The platform refuses a line: %s", refused)
        newest = self.journal.newest()
        if newest > (self._recent[-1][1] if self._recent else self._held_back_until):
            self._recent.append((now, newest))

    def _send(self, now: float) -> None:
        if not self.connected:
            return
        for sequence, each in self.outbox.due(now):
            kind, payload = self._packed(self.journal.boot, sequence, each.entries)
            behind = "" if each.lane is Lane.LIVE else "/backfill"
            self.link.publish(f"{self._topic}/{kind}{behind}", payload)

    def _note_ages(self, now: float) -> None:
        while self._recent and now - self._recent[0][0] > LIVE_S:
            self._held_back_until = self._recent.popleft()[1]

    def _pause(self, now: float) -> float:
        if not self.connected:
            return 5.0
        due = [moment for moment in (self.outbox.next_due(),) if moment is not None]
        if self._unnumbered() and (self.outbox.room(Lane.LIVE) or self.outbox.room(Lane.BACKFILL)):
            due.append(self._seal_due)
        return min(5.0, max(0.01, min(due) - now)) if due else 5.0

    def state(self) -> dict[str, Any]:
        """This function will return what the status file says."""
        return {
            "gateway": self.config.gateway,
            "boot": self.journal.boot,
            "platform": self.counters.platform,
            "held_lines": self.journal.lines,
            "held_bytes": self.journal.bytes,
            "max_bytes": self.journal.max_bytes,
            "messages_under_way": len(self.outbox.sent),
            "taken_since_start": self.counters.taken,
            "came_twice_since_start": self.counters.doubled,
            "refused_to_devices_since_start": self.counters.refused_here,
            "acknowledged_since_start": self.counters.acknowledged,
            "refused_by_platform": self.journal.refused,
            "left_out_by_platform_since_start": self.counters.left_out,
            "commands_carried_since_start": self.counters.commands,
            "receipts_carried_since_start": self.counters.receipts,
            "last_refusal": self.counters.last_refusal,
            "disk": self.counters.disk or ("ok" if self.journal.disk_has_room() else "full"),
            "damaged_journal_kept_as": str(self.journal.set_aside) if self.journal.set_aside else None,
        }
