"""Puts messages together that came in packages, and tells which packages have to be asked for again. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.jt808.frames import Frame, FrameRefused, Header

MAX_MESSAGES, MAX_PACKAGES = 4, 64
MAX_ASKED = 3


@dataclass
class _Parts:
    """What has come of one message; `asked` counts how often the rest was asked for, `due` is when it is next."""

    total: int
    due: float
    asked: int = 0
    packages: dict[int, Frame] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the packages that did not come, from 1."""
        return tuple(number for number in range(1, self.total + 1) if number not in self.packages)


@dataclass(frozen=True, slots=True)
class Gap:
    """Packages of a message that did not come within their time; `given_up`: after three requests it is dropped."""

    header: Header
    first_serial: int
    missing: tuple[int, ...]
    given_up: bool


class Packages:
    """Holds little, and forgets the oldest message when it is too much.

    A message whose next package does not come within `wait_s` is a gap; its packages are asked for three times.
    """

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._held: dict[tuple[int, int, int], _Parts] = {}

    def add(self, frame: Frame, now: float) -> tuple[Frame, Sequence[Header]] | None:
        """This function will return a message with the heads of its packages once all are there, else None.

        Raises FrameRefused for a message of too many packages.
        """
        header = frame.header
        if header.package_total == 1:
            return frame, (header,)
        if header.package_total > MAX_PACKAGES:
            raise FrameRefused(f"packages: {header.package_total}, more than {MAX_PACKAGES}")
        first = (header.serial - header.package_index + 1) & 0xFFFF
        key = (header.message_id, first, header.package_total)
        parts = self._held.setdefault(key, _Parts(header.package_total, now))
        parts.packages[header.package_index] = frame
        parts.due = now + self._wait_s
        if not parts.missing:
            del self._held[key]
            ordered = [parts.packages[index] for index in sorted(parts.packages)]
            whole = Header(header.message_id, header.number, header.serial, header.version)
            return Frame(whole, b"".join(one.body for one in ordered)), [one.header for one in ordered]
        while len(self._held) > MAX_MESSAGES:
            del self._held[next(iter(self._held))]
        return None

    @property
    def due(self) -> float | None:
        """When the next gap is to be looked at, None without one."""
        return min((parts.due for parts in self._held.values()), default=None)

    def gaps(self, now: float) -> Iterator[Gap]:
        """This function will return the messages whose packages are to be asked for, and forget those asked enough."""
        for key, parts in list(self._held.items()):
            if parts.due > now:
                continue
            header = next(iter(parts.packages.values())).header
            yield Gap(header, key[1], parts.missing, given_up=parts.asked >= MAX_ASKED)
            parts.asked += 1
            parts.due = now + self._wait_s
            if parts.asked > MAX_ASKED:
                del self._held[key]
