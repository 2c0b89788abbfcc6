"""A device's message as JSON, payload version 1: bytes -> DeviceMessage, or a named refusal.

The form is in docs/reference/device-protocol.md. Strict: an unknown, missing or doubled field is refused, a
number is never read from a string, and nothing is guessed. One object for one device; with `parts` for many.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, cast

from ingest.messages import (
    ACCURACY_RANGE_M,
    DEGREE_FRAMES,
    GRID_PREFIX,
    GRID_RANGE_M,
    HEIGHT_RANGE_M,
    HEIGHT_REFERENCES,
    LAT_RANGE,
    LON_RANGE,
    MAX_SEQUENCE,
    SIGNAL_KINDS,
    SOURCES,
    DeviceMessage,
    DevicePart,
    FieldInvalid,
    FieldMissing,
    FieldUnknown,
    Fix,
    HeightReference,
    PayloadNotReadable,
    PayloadRefused,
    PayloadTooLarge,
    Reading,
    Signal,
    SignalKind,
    Source,
    VersionUnknown,
)

MAX_PAYLOAD_BYTES = 64 * 1024
MAX_FIXES = 500
MAX_PARTS = 500
_BOOT = re.compile(r"[0-9a-f]{4,32}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_HEAD_FIELDS = {"v", "boot", "seq"}
_PART_FIELDS = {"battery", "crs", "fixes", "readings", "signals"}
_FIX_FIELDS = {"t", "h", "h_ref", "h_acc", "acc", "src", "worn"}
_LISTS = ("fixes", "readings", "signals")


def decode_json(payload: bytes, *, sender_code: str) -> DeviceMessage:
    """This function will read one version 1 payload of a sender. Raises a PayloadRefused that names the field."""
    body = _parse(payload)
    boot_id, sequence = _identity(body)
    try:
        return DeviceMessage(sender_code, boot_id, sequence, _parts(body, sender_code))
    except PayloadRefused as refusal:
        refusal.boot_id, refusal.sequence = boot_id, sequence
        raise


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


def _parts(body: dict[str, Any], sender_code: str) -> tuple[DevicePart, ...]:
    if "parts" not in body:
        _refuse_unknown(body, _HEAD_FIELDS | _PART_FIELDS, "")
        return (_part(body, sender_code, ""),)
    _refuse_unknown(body, _HEAD_FIELDS | {"parts"}, "")
    parts: list[DevicePart] = []
    for number, part in enumerate(_listed(body, "parts", "")):
        where = f"parts[{number}]"
        if not isinstance(part, dict):
            raise FieldInvalid(where, "must be an object")
        _refuse_unknown(part, _PART_FIELDS | {"device"}, where)
        parts.append(_part(part, _word(part, "device", where, _CODE), where))
    if len(parts) > MAX_PARTS:
        raise PayloadTooLarge("parts", f"{len(parts)} parts, more than {MAX_PARTS}")
    return tuple(parts)


def _part(body: dict[str, Any], device_code: str, where: str) -> DevicePart:
    if not any(body.get(name) is not None for name in (*_LISTS, "battery")):
        raise FieldMissing(_name(where, "fixes"), "is missing, and so are readings, signals and battery")
    frame = _frame(body, where)
    return DevicePart(
        device_code=device_code,
        battery_percent=_integer(body, "battery", where, 0, 100) if body.get("battery") is not None else None,
        fixes=tuple(read_fix(item, at, frame) for item, at in _items(body, "fixes", where)),
        readings=tuple(_reading(item, at) for item, at in _items(body, "readings", where)),
        signals=tuple(_signal(item, at) for item, at in _items(body, "signals", where)),
        frame=frame,
    )


def _frame(body: dict[str, Any], where: str) -> str:
    frame = body.get("crs", "CGCS2000")
    grid = isinstance(frame, str) and frame.startswith(GRID_PREFIX) and _WORD.fullmatch(frame[len(GRID_PREFIX) :])
    if frame not in DEGREE_FRAMES and not grid:
        raise FieldInvalid(_name(where, "crs"), f"must be one of {', '.join(DEGREE_FRAMES)} or grid:<code>")
    return cast(str, frame)


def _items(body: dict[str, Any], field: str, where: str) -> list[tuple[dict[str, Any], str]]:
    """Return the objects of a list that may be absent, each with its place in the payload."""
    if field not in body:
        return []
    items = _listed(body, field, where)
    if len(items) > MAX_FIXES:
        raise PayloadTooLarge(_name(where, field), f"{len(items)} {field}, more than {MAX_FIXES}")
    placed = [(item, f"{_name(where, field)}[{number}]") for number, item in enumerate(items)]
    for item, at in placed:
        if not isinstance(item, dict):
            raise FieldInvalid(at, "must be an object")
    return placed


def _listed(body: dict[str, Any], field: str, where: str) -> list[Any]:
    items = body[field]
    if not isinstance(items, list) or not items:
        raise FieldInvalid(_name(where, field), "must be a list that is not empty")
    return items


def read_fix(fix: dict[str, Any], where: str, frame: str) -> Fix:
    """This function will read one fix in a frame; `where` names it in what is refused."""
    on_grid = frame.startswith(GRID_PREFIX)
    x, y = ("x", "y") if on_grid else ("lon", "lat")
    _refuse_unknown(fix, _FIX_FIELDS | {x, y}, where)
    references = HEIGHT_REFERENCES if on_grid else HEIGHT_REFERENCES[:-1]
    unknown = fix.get("h_ref") == "none" and "h" not in fix
    worn = fix.get("worn")
    if worn is not None and not isinstance(worn, bool):
        raise FieldInvalid(_name(where, "worn"), "must be true, false or absent")
    return Fix(
        time=_time(fix, where),
        x=_number(fix, x, where, *(GRID_RANGE_M if on_grid else LON_RANGE)),
        y=_number(fix, y, where, *(GRID_RANGE_M if on_grid else LAT_RANGE)),
        height_m=math.nan if unknown else _number(fix, "h", where, *HEIGHT_RANGE_M),
        accuracy_m=_number(fix, "acc", where, *ACCURACY_RANGE_M),
        source=cast(Source, _one_of(fix, "src", where, SOURCES)),
        worn=worn,
        height_reference="yellow_sea" if unknown else cast(HeightReference, _one_of(fix, "h_ref", where, references)),
        height_accuracy_m=_number(fix, "h_acc", where, *ACCURACY_RANGE_M) if fix.get("h_acc") is not None else None,
    )


def _reading(reading: dict[str, Any], where: str) -> Reading:
    _refuse_unknown(reading, {"q", "t", "value", "ch"}, where)
    value = _number(reading, "value", where, -1e12, 1e12)
    channel = _word(reading, "ch", where, _WORD) if reading.get("ch") is not None else ""
    return Reading(_word(reading, "q", where, _WORD), _time(reading, where), value, channel)


def _signal(signal: dict[str, Any], where: str) -> Signal:
    _refuse_unknown(signal, {"kind", "t", "ended"}, where)
    ended = signal.get("ended", False)
    if not isinstance(ended, bool):
        raise FieldInvalid(f"{where}.ended", "must be true, false or absent")
    return Signal(cast(SignalKind, _one_of(signal, "kind", where, SIGNAL_KINDS)), _time(signal, where), ended)


def _time(body: dict[str, Any], where: str) -> datetime:
    milliseconds = _integer(body, "t", where, 0, 253_402_300_799_999)
    return datetime.fromtimestamp(milliseconds // 1000, UTC) + timedelta(milliseconds=milliseconds % 1000)


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
    if type(value) not in (int, float) or not low <= value <= high:  # so infinity and 400 digits are outside
        raise FieldInvalid(_name(where, field), f"must be a number from {low:g} to {high:g}")
    return float(value)


def _one_of(body: dict[str, Any], field: str, where: str, allowed: tuple[str, ...]) -> str:
    value = _required(body, field, where)
    if not isinstance(value, str) or value not in allowed:
        raise FieldInvalid(_name(where, field), f"must be one of {', '.join(allowed)}")
    return value


def _word(body: dict[str, Any], field: str, where: str, form: re.Pattern[str]) -> str:
    value = _required(body, field, where)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise FieldInvalid(_name(where, field), f"must be text of the form {form.pattern}")
    return value
