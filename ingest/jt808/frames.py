"""JT/T 808 frames: found in a stream of bytes, unescaped, checked, and built. Versions 2011/2013 and 2019. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import xor

FLAG, ESCAPE = 0x7E, 0x7D
MAX_BODY = 1023  # ten bits of the properties word
MAX_BARE_FRAME = 17 + 4 + MAX_BODY + 1  # header of 2019, package words, body, checksum
MAX_ESCAPED_FRAME = 2 * MAX_BARE_FRAME
_PACKAGED, _VERSIONED = 0x2000, 0x4000


class FrameRefused(ValueError):
    """A frame that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a message; `number` is the terminal's number as its header has it, with leading zeros."""

    message_id: int
    number: str
    serial: int
    version: int | None = None
    """The protocol version byte of 2019; None: 2011 or 2013."""
    package_total: int = 1
    package_index: int = 1


@dataclass(frozen=True, slots=True)
class Frame:
    """A message, or one package of one."""

    header: Header
    body: bytes


def unescape(content: bytes) -> bytes:
    """This function will return what lies between two flags without its escapes. Raises FrameRefused."""
    out = bytearray()
    rest = iter(content)
    for byte in rest:
        if byte != ESCAPE:
            out.append(byte)
            continue
        follows = next(rest, None)
        if follows not in (1, 2):
            raise FrameRefused("escape: 0x7d is followed by neither 0x01 nor 0x02")
        out.append(ESCAPE if follows == 1 else FLAG)
    return bytes(out)


def escape(content: bytes) -> bytes:
    """This function will return a message as it stands between two flags."""
    return content.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")


def bcd(content: bytes) -> str:
    """This function will return the digits of a BCD field. Raises FrameRefused."""
    digits = content.hex()
    if not digits.isdecimal():
        raise FrameRefused(f"BCD: {digits} holds no decimal digits")
    return digits


def read_frame(content: bytes) -> Frame:
    """This function will read what lies between two flags. Raises FrameRefused, naming the field."""
    bare = unescape(content)
    if len(bare) < 13:
        raise FrameRefused(f"frame: {len(bare)} bytes are less than a header and its checksum")
    if reduce(xor, bare[:-1]) != bare[-1]:
        raise FrameRefused(f"checksum: {bare[-1]:#04x} instead of {reduce(xor, bare[:-1]):#04x}")
    bare = bare[:-1]
    message_id, properties = int.from_bytes(bare[:2]), int.from_bytes(bare[2:4])
    if properties & 0x1C00:
        raise FrameRefused("header: encrypted bodies are not supported; switch the terminal's encryption off")
    version, at = (bare[4], 5) if properties & _VERSIONED else (None, 4)
    number_length = 10 if version is not None else 6
    number, serial = bare[at : at + number_length], bare[at + number_length : at + number_length + 2]
    at += number_length + 2
    total, index = 1, 1
    if properties & _PACKAGED:
        total, index = int.from_bytes(bare[at : at + 2]), int.from_bytes(bare[at + 2 : at + 4])
        at += 4
        if not 1 <= index <= total:
            raise FrameRefused(f"header: package {index} of {total}")
    if len(bare) < at:
        raise FrameRefused(f"header: ends after {len(bare)} of {at} bytes")
    body, length = bare[at:], properties & MAX_BODY
    if len(body) != length:
        raise FrameRefused(f"body: {len(body)} bytes, but the header says {length}")
    return Frame(Header(message_id, bcd(number), int.from_bytes(serial), version, total, index), body)


def write_frame(frame: Frame) -> bytes:
    """This function will return a message with its flags, ready to be sent. Raises FrameRefused for a long body."""
    header = frame.header
    if len(frame.body) > MAX_BODY:
        raise FrameRefused(f"body: {len(frame.body)} bytes, more than {MAX_BODY}")
    properties = len(frame.body)
    properties |= _VERSIONED if header.version is not None else 0
    properties |= _PACKAGED if header.package_total > 1 else 0
    digits = 20 if header.version is not None else 12
    bare = header.message_id.to_bytes(2) + properties.to_bytes(2)
    bare += bytes([header.version]) if header.version is not None else b""
    bare += bytes.fromhex(header.number.lstrip("0").zfill(digits)) + header.serial.to_bytes(2)
    if header.package_total > 1:
        bare += header.package_total.to_bytes(2) + header.package_index.to_bytes(2)
    bare += frame.body
    return bytes([FLAG]) + escape(bare + bytes([reduce(xor, bare)])) + bytes([FLAG])


class FrameStream:
    """Finds frames in what a connection sends; half a frame waits for its rest, never longer than a frame can be."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._inside = False

    @property
    def half_frame(self) -> bool:
        """Whether a frame has begun that has not ended."""
        return bool(self._held)

    def feed(self, received: bytes) -> Iterator[bytes]:
        """This function will return what lies between flags, escapes and all. Raises FrameRefused for more bytes
        without a flag than a frame can have, or for bytes before the first flag."""
        for number, piece in enumerate(received.split(b"\x7e")):
            if number:
                if self._held:
                    yield bytes(self._held)
                self._held.clear()
                self._inside = True
            if piece and not self._inside:
                raise FrameRefused("stream: does not begin with 0x7e; this is no JT/T 808")
            self._held += piece
            if len(self._held) > MAX_ESCAPED_FRAME:
                raise FrameRefused(f"stream: more than {MAX_ESCAPED_FRAME} bytes without 0x7e")
