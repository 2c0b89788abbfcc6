"""Who wore a device at a moment. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Worn:
    """A device was with a person from `start` until `end` (None: still)."""

    start: datetime
    end: datetime | None
    person_id: UUID


class Wearer:
    """The wearers of one device; `registered` is who it was registered to, asked when nothing was ever issued."""

    def __init__(self, worn: Iterable[Worn], registered: UUID | None = None) -> None:
        self._worn = sorted(worn, key=lambda one: one.start)
        self._starts = [one.start for one in self._worn]
        self._registered = registered

    def at(self, moment: datetime) -> UUID | None:
        """Return who wore the device at a moment, or None when it lay in its box."""
        if not self._worn:
            return self._registered
        number = bisect_right(self._starts, moment) - 1
        if number < 0:
            return None
        one = self._worn[number]
        return one.person_id if one.end is None or moment < one.end else None

    def steady(self, first: datetime, last: datetime) -> bool:
        """Return whether nobody took or returned the device from `first` (exclusive) to `last`."""
        ends = (moment for one in self._worn for moment in (one.start, one.end) if moment is not None)
        return not any(first < moment <= last for moment in ends)
