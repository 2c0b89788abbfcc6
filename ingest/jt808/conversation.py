"""What is said to a terminal, and what is handed on: one connection's state, bytes in, acts out. Pure.

Nothing here waits, reads a clock or touches a database: the listener does what the acts ask for, and tells the
conversation how it went. Locations are answered by the listener when they are committed, never before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.jt808 import bodies
from ingest.jt808.frames import Frame, FrameRefused, FrameStream, Header, read_frame
from ingest.jt808.packages import Packages

MAX_BAD_FRAMES = 20


@dataclass(frozen=True, slots=True)
class Send:
    """Send this now."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Register:
    """A terminal asks for an authentication code."""

    header: Header
    who: bodies.Registration


@dataclass(frozen=True, slots=True)
class Authenticate:
    """A terminal shows its code."""

    header: Header
    code: str
    software: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """Locations to be stored; when all are committed, each head is answered."""

    heads: tuple[Header, ...]
    locations: tuple[bytes, ...]
    backfill: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """The terminal answered a message of ours."""

    serial: int
    message_id: int
    result: int


@dataclass(frozen=True, slots=True)
class TellTime:
    """The terminal asks for the time (2019)."""

    header: Header


@dataclass(frozen=True, slots=True)
class Refuse:
    """Something that could not be used, to be kept."""

    content: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection; the reason is for the log."""

    reason: str


Act = Send | Register | Authenticate | Deliver | Answered | TellTime | Refuse | Close


class Conversation:
    """The state of one connection: which terminal, whether it showed its code, packages in hand, faults so far."""

    def __init__(self, *, package_wait_s: float = 5.0) -> None:
        self.number = ""
        """The terminal's number without leading zeros, once it said one."""
        self.authenticated = False
        self._stream = FrameStream()
        self._packages = Packages(package_wait_s)
        self._now = 0.0
        self._bad = 0
        self._serial = 0
        self._last: Header | None = None

    @property
    def half_frame(self) -> bool:
        """Whether a frame has begun that has not ended."""
        return self._stream.half_frame

    @property
    def asks_at(self) -> float | None:
        """When `ask_again` is next to be called, None while no package is missing."""
        return self._packages.due

    def ask_again(self, now: float) -> Iterator[Act]:
        """This function will ask for packages that did not come (0x8003); after three times the message is refused."""
        for gap in self._packages.gaps(now):
            if not self.authenticated:
                continue
            if gap.given_up:
                numbers = ", ".join(map(str, gap.missing))
                what = f"{gap.header.message_id:#06x}, {gap.header.package_total} packages"
                yield Refuse(b"", f"packages: of {what} these never came: {numbers}")
            else:
                yield Send(bodies.ask_packages(gap.header, gap.first_serial, gap.missing, self._next_serial()))

    def feed(self, received: bytes, now: float = 0.0) -> Iterator[Act]:
        """This function will return what is to be done about what came, in order; after Close, nothing more.

        `now` is any clock in seconds, by which missing packages are asked for again.
        """
        self._now = now
        try:
            for content in self._stream.feed(received):
                for act in self._frame(content):
                    yield act
                    if isinstance(act, Close):
                        return
        except FrameRefused as refused:
            yield Refuse(received[:256], str(refused))
            yield Close(str(refused))

    def answer_registration(self, header: Header, result: int, code: str = "") -> Frame:
        """This function will return the answer to a registration."""
        return bodies.register_answer(header, result, code, self._next_serial())

    def answer_authentication(self, header: Header, *, good: bool) -> Frame:
        """This function will return the answer to an authentication, and remember that it was good."""
        self.authenticated = good
        return bodies.answer(header, bodies.DONE if good else bodies.FAILED, self._next_serial())

    def answer(self, header: Header, result: int) -> Frame:
        """This function will return a general answer."""
        return bodies.answer(header, result, self._next_serial())

    def tell_time(self, header: Header, at: datetime) -> Frame:
        """This function will return the time for a terminal that asked for it."""
        return bodies.time_answer(header, at, self._next_serial())

    def text(self, text: str, *, urgent: bool, spoken: bool) -> Frame:
        """This function will return a text for the terminal. Raises FrameRefused when it cannot be shown."""
        if self._last is None:
            raise FrameRefused("text: the terminal has said nothing yet")
        return bodies.text_message(self._last, text, self._next_serial(), urgent=urgent, spoken=spoken)

    def _next_serial(self) -> int:
        self._serial = (self._serial + 1) & 0xFFFF
        return self._serial

    def _frame(self, content: bytes) -> Iterator[Act]:
        try:
            frame = read_frame(content)
        except FrameRefused as refused:
            yield from self._fault(content, refused)
            return
        number = frame.header.number.lstrip("0")
        if not number or (self.number and number != self.number):
            yield Refuse(content, f"header: terminal {number or '0'} speaks on the connection of {self.number or '?'}")
            yield Close("a second terminal number on one connection, or none")
            return
        self.number, self._last = number, frame.header
        try:
            whole = self._packages.add(frame, self._now)
            if whole is not None:
                yield from self._message(*whole)
        except FrameRefused as refused:
            yield Send(self.answer(frame.header, bodies.WRONG))
            yield from self._fault(content, refused)

    def _fault(self, content: bytes, refused: FrameRefused) -> Iterator[Act]:
        yield Refuse(content, str(refused))
        self._bad += 1
        if self._bad >= MAX_BAD_FRAMES:
            yield Close(f"{self._bad} frames could not be read")

    def _message(self, frame: Frame, heads: Sequence[Header]) -> Iterator[Act]:
        header, kind = frame.header, frame.header.message_id
        if kind == bodies.REGISTER:
            yield Register(header, bodies.read_registration(frame))
        elif kind == bodies.AUTHENTICATE:
            yield Authenticate(header, *bodies.read_authentication(frame))
        elif not self.authenticated:
            yield Send(self.answer(header, bodies.FAILED))
            yield Close("it did not authenticate")
        elif kind in (bodies.LOCATION, bodies.BATCH):
            yield self._deliver(frame, heads)
        elif kind == bodies.ANSWER_OF_TERMINAL:
            yield Answered(*bodies.read_answer(frame))
        elif kind == bodies.HEARTBEAT:
            yield Send(self.answer(header, bodies.DONE))
        elif kind == bodies.ASK_TIME:
            yield TellTime(header)
        elif kind == bodies.LOGOUT:
            self.authenticated = False
            yield Send(self.answer(header, bodies.DONE))
        else:
            yield Send(self.answer(header, bodies.UNSUPPORTED))

    def _deliver(self, frame: Frame, heads: Sequence[Header]) -> Deliver | Refuse:
        return Deliver(tuple(heads), bodies.read_locations(frame), bodies.is_backfill(frame))
