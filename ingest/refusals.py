"""Refused messages, kept one by one up to a number per device and minute, and beyond it counted only.

A broken device can send thousands a second: most of them are a number here, and a second writes once at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ingest.arrivals import Arrival, Refusal
from ingest.directory import KnownDevice
from spatial.devices.operations import RefusedDraft, keep_refused_messages

KEPT_PER_MINUTE = 20
TOO_MANY = "queue: more messages wait than the share of one device; send it again, with more in each"
FORGET_AFTER_S = 60.0
WRITE_EVERY_S = 1.0


@dataclass
class _Window:
    """What was refused of one device in the last minute: how many are kept, the newest row, how many more came."""

    opened: float
    kept: int = 0
    row_id: int | None = None
    more: int = 0
    last_at: datetime | None = None


@dataclass
class RefusalBook:
    """Notes refusals and writes them together; `flush` is called inside whatever retries database work."""

    clock: Callable[[], float]
    _windows: dict[str, _Window] = field(default_factory=dict)
    _drafts: list[RefusedDraft] = field(default_factory=list)
    _due: float = 0.0

    def note(self, refusal: Refusal) -> None:
        """This function will keep a refusal, or count it when its device has enough of them this minute."""
        now = self.clock()
        window = self._windows.get(refusal.device_code)
        if window is None or (now - window.opened >= FORGET_AFTER_S and not window.more):
            window = self._windows[refusal.device_code] = _Window(now)
        arrival = refusal.arrival
        if window.kept >= KEPT_PER_MINUTE:
            window.more += 1
            window.last_at = arrival.received_at
            return
        window.kept += 1
        self._drafts.append(
            RefusedDraft(
                topic=arrival.topic,
                device_code=refusal.device_code,
                site_id=refusal.sender.site_id if refusal.sender else None,
                payload=arrival.payload,
                reason=refusal.reason,
                received_at=arrival.received_at,
            )
        )

    def count(self, device_code: str, number: int, at: datetime, sender: KnownDevice | None = None) -> None:
        """This function will count messages of a device that were not even read, for too many of it wait."""
        window = self._windows.get(device_code)
        if window is None:
            self.note(Refusal(Arrival("", b"", at), TOO_MANY, device_code, sender))
            window, number = self._windows[device_code], number - 1
        window.more, window.last_at = window.more + number, at

    def flush_when_due(self) -> None:
        """This function will write what was noted unless it wrote within the last second."""
        if self.clock() >= self._due:
            self.flush()

    def flush(self) -> None:
        """This function will write what was noted: rows, and counts on the newest row of each device."""
        counted = {
            window.row_id: (window.more, window.last_at)
            for window in self._windows.values()
            if window.more and window.row_id is not None and window.last_at is not None
        }
        if not self._drafts and not counted:
            return
        kept = keep_refused_messages(drafts=self._drafts, repeats=counted)
        for draft, row_id in zip(self._drafts, kept, strict=True):
            self._windows[draft.device_code].row_id = row_id
        self._drafts = []
        now = self.clock()
        self._due = now + WRITE_EVERY_S
        for code, window in list(self._windows.items()):
            if window.row_id in counted:
                window.more = 0
            if now - window.opened >= FORGET_AFTER_S and not window.more:
                del self._windows[code]
