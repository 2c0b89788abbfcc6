"""A message in columns: its fixes as one numpy record array, so that thousands are placed and stored at once. Pure.

`part` is the index of the device that a fix is of. A format that is binary on the wire is read straight into
this form; every other decoder's DeviceMessage is turned into it by `in_columns`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest.messages import (
    CLOCK_AHEAD_TOLERANCE,
    HEIGHT_REFERENCES,
    OLDEST_FIX,
    SOURCES,
    ClockRefused,
    DeviceMessage,
    DevicePart,
    Fix,
    Reading,
    Signal,
    clock_fault,
)

Worn = Literal[-1, 0, 1]
UNKNOWN_BATTERY = -1
UNKNOWN_WORN = -1
FIX = np.dtype(
    [
        ("part", np.int32),
        ("time_us", np.int64),  # microseconds since 1970 UTC
        ("x", np.float64),
        ("y", np.float64),
        ("height_m", np.float64),
        ("accuracy_m", np.float64),
        ("height_accuracy_m", np.float64),  # NaN when not stated
        ("source", np.uint8),  # index in SOURCES
        ("worn", np.int8),  # 0, 1, or -1 when not stated
        ("height_reference", np.uint8),  # index in HEIGHT_REFERENCES
    ]
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class ColumnMessage:
    """One message of a sender, its fixes in columns; codes, frames and batteries are by part."""

    sender_code: str
    boot_id: str
    sequence: int
    device_codes: tuple[str, ...]
    frames: tuple[str, ...]
    batteries: tuple[int, ...]
    fixes: NDArray[np.void]
    readings: tuple[tuple[int, Reading], ...] = ()
    signals: tuple[tuple[int, Signal], ...] = ()


def microseconds(moment: datetime) -> int:
    """This function will return a moment as microseconds since 1970 UTC."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment_of(time_us: int) -> datetime:
    """This function will return the moment of microseconds since 1970 UTC."""
    return EPOCH + timedelta(microseconds=int(time_us))


def in_columns(message: DeviceMessage) -> ColumnMessage:
    """This function will turn a message into columns."""
    parts = message.parts
    rows = [_row(number, fix) for number, part in enumerate(parts) for fix in part.fixes]
    return ColumnMessage(
        sender_code=message.sender_code,
        boot_id=message.boot_id,
        sequence=message.sequence,
        device_codes=tuple(part.device_code for part in parts),
        frames=tuple(part.frame for part in parts),
        batteries=tuple(UNKNOWN_BATTERY if p.battery_percent is None else p.battery_percent for p in parts),
        fixes=np.array(rows, dtype=FIX),
        readings=tuple((number, reading) for number, part in enumerate(parts) for reading in part.readings),
        signals=tuple((number, signal) for number, part in enumerate(parts) for signal in part.signals),
    )


def as_message(columns: ColumnMessage) -> DeviceMessage:
    """This function will turn columns back into a message of single values."""
    parts = [
        DevicePart(
            device_code=code,
            battery_percent=None if battery == UNKNOWN_BATTERY else battery,
            fixes=tuple(_fix(row) for row in columns.fixes[columns.fixes["part"] == number]),
            readings=tuple(reading for part, reading in columns.readings if part == number),
            signals=tuple(signal for part, signal in columns.signals if part == number),
            frame=frame,
        )
        for number, (code, frame, battery) in enumerate(
            zip(columns.device_codes, columns.frames, columns.batteries, strict=True)
        )
    ]
    return DeviceMessage(columns.sender_code, columns.boot_id, columns.sequence, tuple(parts))


def check_clock(columns: ColumnMessage, received_at: datetime) -> None:
    """This function will raise ClockRefused when a fix, reading or signal lies more than 30 s after
    `received_at`, or more than 30 days before it."""
    for name, time in _suspects(columns, received_at):
        if reason := clock_fault(time, received_at):
            refusal = ClockRefused(name, reason)
            refusal.boot_id, refusal.sequence = columns.boot_id, columns.sequence
            raise refusal


def _suspects(columns: ColumnMessage, received_at: datetime) -> list[tuple[str, datetime]]:
    """Return the first fix that is too new or too old, and every reading and signal, with their names."""
    newest = microseconds(received_at + CLOCK_AHEAD_TOLERANCE)
    oldest = microseconds(received_at - OLDEST_FIX)
    times = columns.fixes["time_us"]
    wrong = np.flatnonzero((times > newest) | (times < oldest))[:1]
    many = len(columns.device_codes) > 1
    found = []
    for number in wrong:
        part = int(columns.fixes["part"][number])
        place = int(np.count_nonzero(columns.fixes["part"][:number] == part)) if many else int(number)
        found.append((f"{_of_part(part, many)}fixes[{place}].t", moment_of(times[number])))
    for kind, items in (("readings", columns.readings), ("signals", columns.signals)):
        timed = [(part, item.time) for part, item in items]
        places = _places(part for part, _ in timed)
        found += [
            (f"{_of_part(part, many)}{kind}[{place}].t", time)
            for (part, time), place in zip(timed, places, strict=True)
        ]
    return found


def _places(parts: Iterable[int]) -> list[int]:
    seen: dict[int, int] = {}
    places = []
    for part in parts:
        places.append(seen.get(part, 0))
        seen[part] = places[-1] + 1
    return places


def _of_part(part: int, many: bool) -> str:
    return f"parts[{part}]." if many else ""


def _row(part: int, fix: Fix) -> tuple[object, ...]:
    return (
        part,
        microseconds(fix.time),
        fix.x,
        fix.y,
        fix.height_m,
        fix.accuracy_m,
        np.nan if fix.height_accuracy_m is None else fix.height_accuracy_m,
        SOURCES.index(fix.source),
        UNKNOWN_WORN if fix.worn is None else int(fix.worn),
        HEIGHT_REFERENCES.index(fix.height_reference),
    )


def _fix(row: np.void) -> Fix:
    stated = float(row["height_accuracy_m"])
    return Fix(
        time=moment_of(row["time_us"]),
        x=float(row["x"]),
        y=float(row["y"]),
        height_m=float(row["height_m"]),
        accuracy_m=float(row["accuracy_m"]),
        source=SOURCES[row["source"]],
        worn=None if row["worn"] == UNKNOWN_WORN else bool(row["worn"]),
        height_reference=HEIGHT_REFERENCES[row["height_reference"]],
        height_accuracy_m=None if np.isnan(stated) else stated,
    )
