"""Positions of a device, payload version 1 (JSON): bytes -> frozen observation, or a named refusal.

The form is in docs/reference/device-protocol.md. Strict: an unknown, missing or doubled field is refused, a
number is never read from a string, and nothing is guessed. Heights leave here as metres of Yellow Sea 1985.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, cast

from ingest.messages import (
    ACCURACY_RANGE_M,
    HEIGHT_RANGE_M,
    LAT_RANGE,
    LON_RANGE,
    MAX_SEQUENCE,
    ClockRefused,
    FieldInvalid,
    FieldMissing,
    FieldUnknown,
    PayloadNotReadable,
    PayloadRefused,
    PayloadTooLarge,
    Source,
    VersionUnknown,
    clock_fault,
)

SOURCES = ("GNSS", "UWB", "BLE")

MAX_PAYLOAD_BYTES = 64 * 1024
MAX_FIXES = 500
_BOOT = re.compile(r"[0-9a-f]{4,32}")
_MESSAGE_FIELDS = {"v", "boot", "seq", "battery", "fixes"}
_FIX_FIELDS = {"t", "lon", "lat", "h", "h_ref", "acc", "src", "worn"}


@dataclass(frozen=True, slots=True)
class Fix:
    """One position: degrees in CGCS2000 (EPSG:4490), height in metres of Yellow Sea 1985, r95 accuracy."""

    fix_time: datetime
    lon: float
    lat: float
    height_m: float
    accuracy_m: float
    source: Source
    worn: bool | None


@dataclass(frozen=True, slots=True)
class PositionsMessage:
    """One message of a device: numbered within the device's boot, with at least one fix."""

    boot_id: str
    sequence: int
    battery_percent: int | None
    fixes: tuple[Fix, ...]


def decode_positions(payload: bytes, *, geoid_offset_m: float) -> PositionsMessage:
    """This function will read one version 1 positions payload.

    `geoid_offset_m` is the site's N; an ellipsoid height h becomes H = h - N (spec 08, 8.1).
    Raises a PayloadRefused that names the field.
    """
    body = _parse(payload)
    boot_id, sequence = _identity(body)
    try:
        return _message(body, boot_id, sequence, geoid_offset_m)
    except PayloadRefused as refusal:
        refusal.boot_id, refusal.sequence = boot_id, sequence
        raise


def check_clock(message: PositionsMessage, received_at: datetime) -> None:
    """This function will raise ClockRefused when a fix lies after `received_at` by more than the tolerance
    (30 s), or before it by more than 30 days (a device whose clock was never set says 1970)."""
    for number, fix in enumerate(message.fixes):
        reason = clock_fault(fix.fix_time, received_at)
        if reason:
            refusal = ClockRefused(f"fixes[{number}].t", reason)
            refusal.boot_id, refusal.sequence = message.boot_id, message.sequence
            raise refusal


def _refuse_constant(name: str) -> NoReturn:
    raise PayloadNotReadable("", f"{name} is not a JSON number")


def _object_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise PayloadNotReadable("", "an object has the same field twice")
    return fields


def _parse(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadTooLarge("", f"{len(payload)} bytes, more than {MAX_PAYLOAD_BYTES}")
    try:
        body = json.loads(payload.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_object_once)
    except PayloadRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise PayloadNotReadable("", f"not UTF-8 JSON ({type(error).__name__})") from error
    if not isinstance(body, dict):
        raise PayloadNotReadable("", "the top of the payload must be an object")
    if type(body.get("v")) is not int or body["v"] != 1:
        raise VersionUnknown("v", "must be 1")
    return body


def _identity(body: dict[str, Any]) -> tuple[str, int]:
    boot_id = _required(body, "boot", "")
    if not isinstance(boot_id, str) or not _BOOT.fullmatch(boot_id):
        raise FieldInvalid("boot", "must be 4 to 32 lower-case hexadecimal digits")
    return boot_id, _integer(body, "seq", "", 0, MAX_SEQUENCE)


def _message(body: dict[str, Any], boot_id: str, sequence: int, geoid_offset_m: float) -> PositionsMessage:
    _refuse_unknown(body, _MESSAGE_FIELDS, "")
    battery = _integer(body, "battery", "", 0, 100) if body.get("battery") is not None else None
    fixes = _required(body, "fixes", "")
    if not isinstance(fixes, list) or not fixes:
        raise FieldInvalid("fixes", "must be a list with at least one fix")
    if len(fixes) > MAX_FIXES:
        raise PayloadTooLarge("fixes", f"{len(fixes)} fixes, more than {MAX_FIXES}")
    read = tuple(_fix(fix, f"fixes[{number}]", geoid_offset_m) for number, fix in enumerate(fixes))
    return PositionsMessage(boot_id, sequence, battery, read)


def _fix(fix: object, where: str, geoid_offset_m: float) -> Fix:
    if not isinstance(fix, dict):
        raise FieldInvalid(where, "must be an object")
    _refuse_unknown(fix, _FIX_FIELDS, where)
    milliseconds = _integer(fix, "t", where, 0, 253_402_300_799_999)
    worn = fix.get("worn")
    if worn is not None and not isinstance(worn, bool):
        raise FieldInvalid(f"{where}.worn", "must be true, false or absent")
    return Fix(
        fix_time=datetime.fromtimestamp(milliseconds // 1000, UTC) + timedelta(milliseconds=milliseconds % 1000),
        lon=_number(fix, "lon", where, *LON_RANGE),
        lat=_number(fix, "lat", where, *LAT_RANGE),
        height_m=_height(fix, where, geoid_offset_m),
        accuracy_m=_number(fix, "acc", where, *ACCURACY_RANGE_M),
        source=cast(Source, _one_of(fix, "src", where, SOURCES)),
        worn=worn,
    )


def _height(fix: dict[str, Any], where: str, geoid_offset_m: float) -> float:
    height_m = _number(fix, "h", where, *HEIGHT_RANGE_M)
    reference = _one_of(fix, "h_ref", where, ("yellow_sea", "ellipsoid"))
    return height_m - geoid_offset_m if reference == "ellipsoid" else height_m


def _name(where: str, field: str) -> str:
    return f"{where}.{field}" if where else field


def _required(body: dict[str, Any], field: str, where: str) -> Any:
    if field not in body:
        raise FieldMissing(_name(where, field), "is missing")
    return body[field]


def _refuse_unknown(body: dict[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(set(body) - known):
        raise FieldUnknown(_name(where, unknown[0][:40]), "is not a field of version 1")


def _integer(body: dict[str, Any], field: str, where: str, low: int, high: int) -> int:
    value = _required(body, field, where)
    if type(value) is not int or not low <= value <= high:
        raise FieldInvalid(_name(where, field), f"must be a whole number from {low} to {high}")
    return value


def _number(body: dict[str, Any], field: str, where: str, low: float, high: float) -> float:
    value = _required(body, field, where)
    if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
        raise FieldInvalid(_name(where, field), f"must be a number from {low:g} to {high:g}")
    return float(value)


def _one_of(body: dict[str, Any], field: str, where: str, allowed: tuple[str, ...]) -> str:
    value = _required(body, field, where)
    if not isinstance(value, str) or value not in allowed:
        raise FieldInvalid(_name(where, field), f"must be one of {', '.join(allowed)}")
    return value
