"""A JT/T 808 location (the body of 0x0200, or one of a 0x0704 batch): bytes -> DeviceMessage, or a named refusal.

The form is in docs/reference/jt808.md. Serial numbers of the standard count all messages of a connection and begin
anew at 65,536 and at every start, so a location is known by its content: the same one, sent again under any serial
number or inside a batch, is the same message and is taken once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingest.messages import (
    HEIGHT_RANGE_M,
    LAT_RANGE,
    LON_RANGE,
    DeviceMessage,
    DevicePart,
    FieldInvalid,
    FieldMissing,
    Fix,
    PayloadRefused,
    Reading,
    Signal,
)

_TABLES = Path(__file__).parent / "data" / "jt808.json"
HEAD_BYTES = 28
CHINA = timezone(timedelta(hours=8))  # the standard: times are GMT+8, wherever the terminal is
_FIXED, _SOUTH, _WEST, _SHIFTED = 1 << 1, 1 << 2, 1 << 3, 1 << 5


@dataclass(frozen=True, slots=True)
class Location:
    """What a location says, before it is judged."""

    alarms: int
    status: int
    lat: float
    lon: float
    height_m: float
    speed_km_h: float
    course_deg: int
    time: datetime
    items: tuple[tuple[int, bytes], ...]

    @property
    def has_fix(self) -> bool:
        """Whether the terminal knew where it was."""
        return bool(self.status & _FIXED)

    @property
    def is_shifted(self) -> bool:
        """Whether a plug-in moved the coordinates to GCJ-02."""
        return bool(self.status & _SHIFTED)


@lru_cache(maxsize=1)
def tables() -> dict[str, Any]:
    """Return the tables of alarm bits, additional items and accuracies."""
    held: dict[str, Any] = json.loads(_TABLES.read_text(encoding="utf-8"))
    return held


def read_location(body: bytes) -> Location:
    """This function will read a location without judging it. Raises a PayloadRefused that names the field."""
    if len(body) < HEAD_BYTES:
        raise FieldMissing("location", f"{len(body)} bytes, less than {HEAD_BYTES}")
    alarms, status, lat, lon = (int.from_bytes(body[at : at + 4]) for at in range(0, 16, 4))
    height = int.from_bytes(body[16:18], signed=True)
    return Location(
        alarms=alarms,
        status=status,
        lat=(-lat if status & _SOUTH else lat) / 1e6,
        lon=(-lon if status & _WEST else lon) / 1e6,
        height_m=float(height),
        speed_km_h=int.from_bytes(body[18:20]) / 10,
        course_deg=int.from_bytes(body[20:22]),
        time=_time(body[22:28]),
        items=tuple(_items(body[HEAD_BYTES:])),
    )


def decode_jt808(payload: bytes, *, sender_code: str, datum: str = "WGS84") -> DeviceMessage:
    """This function will read one location of a terminal; `datum` is that of its coordinates, as registered.

    Raises a PayloadRefused that names the field.
    """
    location = read_location(payload)
    boot_id, sequence = identity(payload), int(location.time.timestamp())
    try:
        fixes = (_fix(location),) if location.has_fix else ()
        readings = tuple(_readings(location))
    except PayloadRefused as refusal:
        refusal.boot_id, refusal.sequence = boot_id, max(0, sequence)
        raise
    part = DevicePart(
        device_code=sender_code,
        fixes=fixes,
        readings=readings,
        signals=tuple(
            Signal(row["signal"], location.time)
            for row in tables()["alarm_signals"]
            if location.alarms & 1 << row["bit"]
        ),
        frame="GCJ-02" if location.is_shifted else datum,
    )
    return DeviceMessage(sender_code, boot_id, max(0, sequence), (part,))


def identity(body: bytes) -> str:
    """This function will return what a location is known by: 64 bits of its content."""
    return hashlib.blake2s(body, digest_size=8).hexdigest()


def _time(field: bytes) -> datetime:
    digits = field.hex()
    try:
        return datetime.strptime(digits, "%y%m%d%H%M%S").replace(tzinfo=CHINA)
    except ValueError:
        raise FieldInvalid("time", f"{digits} is no BCD time YYMMDDhhmmss") from None


def _items(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(content):
        length = content[at + 1] if at + 1 < len(content) else None
        if length is None or at + 2 + length > len(content):
            raise FieldInvalid(f"item {content[at]:#04x}", "is cut off")
        yield content[at], content[at + 2 : at + 2 + length]
        at += 2 + length


def _fix(location: Location) -> Fix:
    for name, value, (low, high) in (
        ("longitude", location.lon, LON_RANGE),
        ("latitude", location.lat, LAT_RANGE),
        ("height", location.height_m, HEIGHT_RANGE_M),
    ):
        if not low <= value <= high:
            raise FieldInvalid(name, f"{value:g} lies outside {low:g} to {high:g}")
    accuracy = tables()
    return Fix(
        time=location.time,
        x=location.lon,
        y=location.lat,
        height_m=location.height_m,
        accuracy_m=accuracy["accuracy_m"]["value"],
        source="GNSS",
        height_accuracy_m=accuracy["height_accuracy_m"]["value"],
    )


def _readings(location: Location) -> Iterator[Reading]:
    known = {row["id"]: row for row in tables()["items"]}
    for number, content in location.items:
        row = known.get(number)
        if row is None:
            continue  # the standard leaves ids to makers: what we do not know is not an error
        if len(content) != row["bytes"]:
            raise FieldInvalid(f"item {number:#04x}", f"{len(content)} bytes instead of {row['bytes']}")
        yield Reading(row["quantity"], location.time, round(int.from_bytes(content) * row["scale"], 6))
