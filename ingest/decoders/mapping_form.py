"""What a mapping may say, read into frozen form; a wrong one is refused with the key that is wrong. Pure.

The form is in docs/reference/mapping.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from ingest.decoders.json_path import Path, PathRefused, read_path
from ingest.decoders.units import UnitsDiffer, conversion
from ingest.messages import DEGREE_FRAMES, GRID_PREFIX, HEIGHT_REFERENCES, SIGNAL_KINDS, SOURCES
from spatial.observations.quantities import all_quantities

MAX_MAPPING_BYTES, MAX_READINGS, MAX_SIGNALS, MAX_TABLE = 32 * 1024, 64, 32, 200
TIME_FORMATS = ("unix_s", "unix_ms", "iso", "pattern")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_PATTERN = re.compile(r"(?:%[YmdHMSfyjzbB%]|[-/:. T年月日时分秒]){2,40}")


class MappingRefused(ValueError):
    """A mapping that cannot be used; `key` names the place in it."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}" if key else reason)
        self.key = key


@dataclass(frozen=True, slots=True)
class Value:
    """Where a value comes from: a path or a constant, then a table, then factor and offset."""

    path: Path | None = None
    constant: Any = None
    table: Mapping[str, Any] | None = None
    factor: float = 1.0
    offset: float = 0.0
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a time comes from, and how it is written."""

    value: Value
    format: str
    pattern: str = ""
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a position comes from."""

    x: Value
    y: Value
    height: Value
    accuracy: Value
    frame: str
    source: str
    height_reference: str
    worn: Value | None


@dataclass(frozen=True, slots=True)
class Measured:
    """Where one reading, or each of a list, comes from."""

    quantity: Value
    value: Value
    channel: Value
    unit: str
    each: Path | None
    optional: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Where a signal comes from: its table turns a value into the signal's kind; other values tell nothing."""

    kind: Value


@dataclass(frozen=True, slots=True)
class Form:
    """A whole mapping."""

    each: Path | None
    device: Value | None
    boot: Value | None
    sequence: Value | None
    time: Moment
    position: Place | None
    battery: Value | None
    readings: tuple[Measured, ...]
    signals: tuple[Told, ...]


def read_mapping(body: Any) -> Form:
    """This function will read a mapping. Raises MappingRefused, naming the key."""
    if not isinstance(body, dict):
        raise MappingRefused("", "must be a JSON object")
    if len(json.dumps(body, ensure_ascii=False).encode()) > MAX_MAPPING_BYTES:
        raise MappingRefused("", f"is larger than {MAX_MAPPING_BYTES // 1024} KiB")
    _known(body, {"each", "device", "boot", "sequence", "time", "position", "battery", "readings", "signals"}, "")
    boot, sequence = _maybe(body, "boot", ""), _maybe(body, "sequence", "")
    if (boot is None) != (sequence is None):
        raise MappingRefused("boot", "boot and sequence go together; without both a message is known by its content")
    form = Form(
        each=_path(body["each"], "each") if body.get("each") is not None else None,
        device=_maybe(body, "device", ""),
        boot=boot,
        sequence=sequence,
        time=_moment(body.get("time")),
        position=_place(body["position"]) if body.get("position") is not None else None,
        battery=_maybe(body, "battery", ""),
        readings=tuple(_measured(row, f"readings[{n}]") for n, row in enumerate(_list(body, "readings", MAX_READINGS))),
        signals=tuple(_told(row, f"signals[{n}]") for n, row in enumerate(_list(body, "signals", MAX_SIGNALS))),
    )
    if form.position is None and not form.readings and not form.signals and form.battery is None:
        raise MappingRefused("", "takes nothing: give a position, readings, signals or battery")
    return form


def _known(body: Mapping[str, Any], known: set[str], key: str) -> None:
    if unknown := sorted(set(body) - known):
        raise MappingRefused(_under(key, unknown[0]), f"is not known here; known are {', '.join(sorted(known))}")


def _under(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _path(text: Any, key: str) -> Path:
    if not isinstance(text, str):
        raise MappingRefused(key, "must be a path, a text like $.data.value")
    try:
        return read_path(text)
    except PathRefused as refused:
        raise MappingRefused(key, f"{text!r} {refused}") from refused


def _value(body: Any, key: str) -> Value:
    """Read a value: a text is a path, an object says more."""
    if isinstance(body, str):
        body = {"path": body}
    if not isinstance(body, dict):
        raise MappingRefused(key, "must be a path, or an object with path or const")
    _known(body, {"path", "const", "table", "scale", "offset", "optional"}, key)
    if ("path" in body) == ("const" in body):
        raise MappingRefused(key, "needs either path or const")
    table = body.get("table")
    if table is not None and (not isinstance(table, dict) or not 1 <= len(table) <= MAX_TABLE):
        raise MappingRefused(_under(key, "table"), f"must be an object with 1 to {MAX_TABLE} entries")
    path = _path(body["path"], _under(key, "path")) if "path" in body else None
    if path is not None and path.many:
        raise MappingRefused(_under(key, "path"), "[*] names many; only each may do so")
    if not isinstance(body.get("optional", False), bool):
        raise MappingRefused(_under(key, "optional"), "must be true or false")
    return Value(
        path, body.get("const"), table, _number(body, "scale", key, 1.0), _number(body, "offset", key, 0.0),
        body.get("optional", False),
    )  # fmt: skip


def _code_value(body: Any, key: str, allowed: Any = None) -> Value:
    """Read what stands for a code: a text is the code itself, an object says where it comes from."""
    if isinstance(body, str):
        if not _CODE.fullmatch(body):
            raise MappingRefused(key, f"{body!r} is no code")
        value = Value(constant=body)
    else:
        value = _value(body, key)
    codes = [value.constant] if value.path is None else list((value.table or {}).values())
    for code in codes if allowed is not None else ():
        if code not in allowed:
            raise MappingRefused(key, f"{code!r} is not known; known are {', '.join(sorted(allowed))[:200]}")
    return value


def _number(body: Mapping[str, Any], name: str, key: str, default: float) -> float:
    value = body.get(name, default)
    if type(value) not in (int, float) or not -1e12 < value < 1e12:
        raise MappingRefused(_under(key, name), "must be a number")
    return float(value)


def _maybe(body: Mapping[str, Any], name: str, key: str) -> Value | None:
    return _value(body[name], _under(key, name)) if body.get(name) is not None else None


def _list(body: Mapping[str, Any], name: str, limit: int) -> list[Any]:
    rows = body.get(name, [])
    if not isinstance(rows, list) or len(rows) > limit:
        raise MappingRefused(name, f"must be a list of at most {limit}")
    return rows


def _one_of(body: Mapping[str, Any], name: str, key: str, allowed: tuple[str, ...], default: str) -> str:
    value = body.get(name, default)
    if value not in allowed:
        raise MappingRefused(_under(key, name), f"{value!r} is none of {', '.join(allowed)}")
    return str(value)


def _moment(body: Any) -> Moment:
    if not isinstance(body, dict):
        raise MappingRefused("time", "is missing: say where the time of a message is, as {path, format}")
    _known(body, {"path", "format", "pattern", "zone"}, "time")
    form = _one_of(body, "format", "time", TIME_FORMATS, "iso")
    pattern = body.get("pattern", "")
    if form == "pattern" and (not isinstance(pattern, str) or not _PATTERN.fullmatch(pattern)):
        raise MappingRefused("time.pattern", f"{pattern!r}: write it like %Y-%m-%d %H:%M:%S")
    zone = None
    if body.get("zone") is not None:
        try:
            zone = ZoneInfo(str(body["zone"]))
        except (KeyError, ValueError, OSError) as error:
            raise MappingRefused("time.zone", f"{body['zone']!r}: write it like Asia/Shanghai") from error
    elif form == "pattern" and "%z" not in pattern:
        raise MappingRefused("time.zone", "is missing: the pattern has none; write it like Asia/Shanghai")
    return Moment(_value({"path": body.get("path", "")}, "time"), form, pattern, zone)


def _place(body: Any) -> Place:
    if not isinstance(body, dict):
        raise MappingRefused("position", "must be an object with x and y")
    _known(body, {"x", "y", "height", "accuracy", "frame", "source", "height_reference", "worn"}, "position")
    for name in ("x", "y", "height", "accuracy"):
        if name not in body:
            raise MappingRefused(f"position.{name}", 'is missing; a constant is written {"const": 10}')
    frame = body.get("frame", "WGS84")
    if not isinstance(frame, str) or not (frame in DEGREE_FRAMES or frame.startswith(GRID_PREFIX)):
        raise MappingRefused("position.frame", f"{frame!r} is none of {', '.join(DEGREE_FRAMES)}, {GRID_PREFIX}CODE")
    return Place(
        x=_value(body["x"], "position.x"),
        y=_value(body["y"], "position.y"),
        height=_value(body["height"], "position.height"),
        accuracy=_value(body["accuracy"], "position.accuracy"),
        frame=frame,
        source=_one_of(body, "source", "position", SOURCES, "GNSS"),
        height_reference=_one_of(body, "height_reference", "position", HEIGHT_REFERENCES, "yellow_sea"),
        worn=_maybe(body, "worn", "position"),
    )


def _measured(body: Any, key: str) -> Measured:
    if not isinstance(body, dict):
        raise MappingRefused(key, "must be an object with quantity and value")
    _known(body, {"quantity", "value", "channel", "unit", "each", "optional"}, key)
    if "quantity" not in body or "value" not in body:
        raise MappingRefused(key, "needs quantity and value")
    quantity = _code_value(body["quantity"], f"{key}.quantity", all_quantities())
    unit = body.get("unit", "")
    if unit:
        for code in [quantity.constant] if quantity.path is None else (quantity.table or {}).values():
            try:
                conversion(str(unit), all_quantities()[code].unit)
            except UnitsDiffer as differ:
                raise MappingRefused(f"{key}.unit", str(differ)) from differ
    return Measured(
        quantity,
        _value(body["value"], f"{key}.value"),
        _code_value(body["channel"], f"{key}.channel") if body.get("channel") else Value(constant=""),
        str(unit),
        _path(body["each"], f"{key}.each") if body.get("each") is not None else None,
        body.get("optional") is True,
    )


def _told(body: Any, key: str) -> Told:
    if not isinstance(body, dict) or set(body) != {"path", "table"}:
        raise MappingRefused(key, 'must be {"path": …, "table": {"value": "signal"}}')
    return Told(_code_value(body, key, SIGNAL_KINDS))
