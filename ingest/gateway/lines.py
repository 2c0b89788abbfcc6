"""What a local device says to the gateway, and what it hears: one JSON object per line, numbered by the device.

A line is the device's ordinary message with its code in it:
`{"v": 1, "device": "H-1", "boot": "9f3c01aa", "seq": 7, "battery": 83, "fixes": [...], "signals": [...]}`.
The gateway looks at the outside only (whose it is, its number, whether it can be kept); the platform judges the rest.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

MAX_LINE_BYTES = 32 * 1024
MAX_ITEMS = 500
_DEVICE = re.compile(r"[A-Za-z0-9_-]{1,40}")
_BOOT = re.compile(r"[0-9a-f]{4,32}")
_LISTS = ("fixes", "readings", "signals")
_CARRIED = ("battery", "crs", *_LISTS)
_FIELDS = {"v", "device", "boot", "seq", *_CARRIED}
MAX_RECEIPT_BYTES = 1024


class LineRefused(ValueError):
    """A line that the gateway cannot take, whatever the platform would say; the message says why."""

    def __init__(self, reason: str, key: dict[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.key = key or {}


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a local device; `part` is what goes on to the platform, `urgent` when it carries a signal."""

    device: str
    boot: str
    sequence: int
    part: bytes
    items: int
    urgent: bool

    def key(self) -> dict[str, Any]:
        """Return the line's name, as answers say it."""
        return {"device": self.device, "boot": self.boot, "seq": self.sequence}


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """What a local device says became of a command; `payload` goes on to the platform in the device's name."""

    device: str
    payload: bytes


def read_line(text: bytes) -> Line | ReceiptLine:
    """This function will read one line of a device. Raises LineRefused."""
    if len(text) > MAX_LINE_BYTES:
        raise LineRefused(f"{len(text)} bytes, more than {MAX_LINE_BYTES}")
    try:
        body = json.loads(text.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise LineRefused(f"not UTF-8 JSON ({type(error).__name__})") from error
    if not isinstance(body, dict):
        raise LineRefused("a line must be an object")
    if "receipt" in body:
        return _receipt(body)
    device, boot, sequence = _key(body)
    key = {"device": device, "boot": boot, "seq": sequence}
    if type(body.get("v")) is not int or body["v"] != 1:
        raise LineRefused("v: must be 1", key)
    if unknown := sorted(set(body) - _FIELDS):
        raise LineRefused(f"{unknown[0][:40]}: is not a field of version 1", key)
    lists = [body[name] for name in _LISTS if name in body]
    if not all(isinstance(each, list) for each in lists):
        raise LineRefused("fixes, readings and signals must be lists", key)
    items = sum(len(each) for each in lists) + ("battery" in body)
    if not 1 <= items <= MAX_ITEMS:
        raise LineRefused(f"a line carries 1 to {MAX_ITEMS} fixes, readings and signals, not {items}", key)
    part = {"device": device, **{name: body[name] for name in _CARRIED if name in body and body[name] != []}}
    if any(isinstance(value, dict | list) for each in lists for item in each for value in _values(item)):
        raise LineRefused("fixes, readings and signals must be flat objects", key)
    return Line(device, boot, sequence, _packed(part, key), items, urgent=bool(body.get("signals")))


def _receipt(body: dict[str, Any]) -> ReceiptLine:
    device, receipt = _code(body), body["receipt"]
    if set(body) != {"v", "device", "receipt"} or body["v"] != 1 or not isinstance(receipt, dict):
        raise LineRefused("a receipt is a line of v, device and receipt (an object)", {"device": device})
    payload = json.dumps({"v": 1, **receipt}, separators=(",", ":"), ensure_ascii=False).encode()
    if len(payload) > MAX_RECEIPT_BYTES:
        raise LineRefused(f"receipt: {len(payload)} bytes, more than {MAX_RECEIPT_BYTES}", {"device": device})
    return ReceiptLine(device, payload)


def _code(body: dict[str, Any]) -> str:
    device = body.get("device")
    if not isinstance(device, str) or not _DEVICE.fullmatch(device):
        raise LineRefused("device: must be a code of 1 to 40 letters, digits, _ or -")
    return device


def _key(body: dict[str, Any]) -> tuple[str, str, int]:
    device, boot, sequence = _code(body), body.get("boot"), body.get("seq")
    if not isinstance(boot, str) or not _BOOT.fullmatch(boot):
        raise LineRefused("boot: must be 4 to 32 lower-case hexadecimal digits")
    if type(sequence) is not int or not 0 <= sequence < 2**53:
        raise LineRefused("seq: must be a whole number from 0 to 2^53 - 1")
    return device, boot, sequence


def _values(item: Any) -> Any:
    return item.values() if isinstance(item, dict) else [item]


def _packed(part: dict[str, Any], key: dict[str, Any]) -> bytes:
    """Return what goes on. What the platform could not read at all it could never answer either: it stops here."""
    try:
        packed = json.dumps(part, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:  # 1e999, or half a surrogate pair
        raise LineRefused(f"not UTF-8 JSON ({type(error).__name__})", key) from error
    if len(packed) > MAX_LINE_BYTES:
        raise LineRefused(f"{len(packed)} bytes when numbers are written out, more than {MAX_LINE_BYTES}", key)
    return packed


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")
