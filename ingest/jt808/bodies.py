"""What JT/T 808 messages carry, as far as we read and write them: registering, authenticating, batches, text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ingest.jt808.frames import Frame, FrameRefused, Header

ANSWER_OF_TERMINAL, HEARTBEAT, LOGOUT, ASK_TIME = 0x0001, 0x0002, 0x0003, 0x0004
REGISTER, AUTHENTICATE, LOCATION, BATCH = 0x0100, 0x0102, 0x0200, 0x0704
ANSWER, ASK_PACKAGES, TIME_ANSWER, REGISTER_ANSWER, TEXT = 0x8001, 0x8003, 0x8004, 0x8100, 0x8300
DONE, FAILED, WRONG, UNSUPPORTED = 0, 1, 2, 3
REGISTERED_ALREADY, NO_SUCH_TERMINAL = 3, 4
MIN_LOCATION = 28
MAX_LOCATIONS = 500
_TEXT_CODEC = "gbk"


@dataclass(frozen=True, slots=True)
class Registration:
    """Who a terminal says it is."""

    maker: str
    model: str
    terminal_id: str
    plate: str


def _text(content: bytes) -> str:
    return content.rstrip(b"\0 ").decode(_TEXT_CODEC, errors="replace").strip("\0 ")


def read_registration(frame: Frame) -> Registration:
    """This function will read a registration; the 2011, 2013 and 2019 forms differ in their lengths only."""
    body = frame.body
    lengths = (5, 20, 7) if len(body) >= 37 else (5, 8, 7)
    if frame.header.version is not None:
        lengths = (11, 30, 30)
    at, parts = 4, []
    for length in lengths:
        parts.append(_text(body[at : at + length]))
        at += length
    if len(body) < at + 1:
        raise FrameRefused(f"registration: {len(body)} bytes, less than {at + 1}")
    maker, model, terminal_id = parts
    return Registration(maker, model, terminal_id, _text(body[at + 1 :]))


def read_authentication(frame: Frame) -> tuple[str, str]:
    """This function will return the authentication code and the software version (2019; empty before)."""
    body = frame.body
    if frame.header.version is None:
        return _text(body), ""
    if not body or len(body) < 1 + body[0]:
        raise FrameRefused("authentication: shorter than its code")
    end = 1 + body[0]
    return _text(body[1:end]), _text(body[end + 15 : end + 35])


def read_locations(frame: Frame) -> tuple[bytes, ...]:
    """This function will return the locations that a message carries, each as its own body. Raises FrameRefused."""
    if frame.header.message_id == LOCATION:
        return (frame.body,)
    body = frame.body
    if len(body) < 3:
        raise FrameRefused("batch: shorter than its count")
    count, at, found = int.from_bytes(body[:2]), 3, []
    if not 1 <= count <= MAX_LOCATIONS:
        raise FrameRefused(f"batch: {count} locations; 1 to {MAX_LOCATIONS} are taken")
    for number in range(count):
        length = int.from_bytes(body[at : at + 2])
        one = body[at + 2 : at + 2 + length]
        if length < MIN_LOCATION or len(one) != length:
            raise FrameRefused(f"batch: location {number} is cut off")
        found.append(one)
        at += 2 + length
    if at != len(body):
        raise FrameRefused(f"batch: {len(body) - at} bytes after its last location")
    return tuple(found)


def is_backfill(frame: Frame) -> bool:
    """This function will tell whether a batch is of positions from where there was no network."""
    return frame.header.message_id == BATCH and len(frame.body) > 2 and frame.body[2] == 1


def read_answer(frame: Frame) -> tuple[int, int, int]:
    """This function will return serial and id of the message that a terminal answers, and its result."""
    if len(frame.body) != 5:
        raise FrameRefused(f"answer: {len(frame.body)} bytes instead of 5")
    return int.from_bytes(frame.body[:2]), int.from_bytes(frame.body[2:4]), frame.body[4]


def _reply(to: Header, message_id: int, serial: int, body: bytes) -> Frame:
    return Frame(Header(message_id, to.number, serial & 0xFFFF, to.version), body)


def answer(to: Header, result: int, serial: int) -> Frame:
    """This function will return our general answer (0x8001) to a message."""
    return _reply(to, ANSWER, serial, to.serial.to_bytes(2) + to.message_id.to_bytes(2) + bytes([result]))


def register_answer(to: Header, result: int, code: str, serial: int) -> Frame:
    """This function will return our answer (0x8100) to a registration; the code goes with success only."""
    told = code.encode() if result == DONE else b""
    return _reply(to, REGISTER_ANSWER, serial, to.serial.to_bytes(2) + bytes([result]) + told)


def ask_packages(to: Header, first_serial: int, missing: Sequence[int], serial: int) -> Frame:
    """This function will return our request (0x8003) for packages that did not come; 2019 counts them in two bytes."""
    count = len(missing).to_bytes(2 if to.version is not None else 1)
    body = first_serial.to_bytes(2) + count + b"".join(number.to_bytes(2) for number in missing)
    return _reply(to, ASK_PACKAGES, serial, body)


def time_answer(to: Header, at: datetime, serial: int) -> Frame:
    """This function will return the time (0x8004), which the standard of 2019 asks for in UTC."""
    return _reply(to, TIME_ANSWER, serial, bytes.fromhex(at.astimezone(UTC).strftime("%y%m%d%H%M%S")))


def text_message(to: Header, text: str, serial: int, *, urgent: bool, spoken: bool) -> Frame:
    """This function will return a text (0x8300) for a terminal's display, and for its voice if asked.

    Raises FrameRefused for characters that GBK lacks, or too many.
    """
    try:
        content = text.encode(_TEXT_CODEC)
    except UnicodeEncodeError as error:
        raise FrameRefused(f"text: {error.object[error.start]!r} cannot be shown by a terminal (GBK)") from error
    if not content or len(content) > 499:
        raise FrameRefused(f"text: {len(content)} bytes in GBK; 1 to 499 can be sent")
    flags = (1 if urgent else 0) | 0x04 | (0x08 if spoken else 0)
    kind = bytes([1]) if to.version is not None else b""
    return _reply(to, TEXT, serial, bytes([flags]) + kind + content)
