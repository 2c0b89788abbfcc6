"""A device's own JSON, read as its mapping says: bytes -> DeviceMessage, or a named refusal. Pure.

`explain` says of every value where it was found and what became of it, and goes on after a fault, so that the
editor can show all of them; `decode_mapped` takes the same way and refuses at the first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ingest.decoders.json_path import NothingThere, values_at
from ingest.decoders.mapping_form import Form
from ingest.decoders.mapping_reading import Explanation, RecordReader
from ingest.messages import (
    DeviceMessage,
    DevicePart,
    FieldMissing,
    PayloadNotReadable,
    PayloadRefused,
    PayloadTooLarge,
)

MAX_PAYLOAD_BYTES, MAX_RECORDS = 64 * 1024, 500


def decode_mapped(payload: bytes, *, sender_code: str, form: Form) -> DeviceMessage:
    """This function will read a payload as a mapping says. Raises a PayloadRefused that names the field."""
    found = explain(payload, sender_code=sender_code, form=form)
    if found.message is None:
        raise found.faults[0]
    return found.message


def explain(payload: bytes, *, sender_code: str, form: Form) -> Explanation:
    """This function will return what a mapping takes from a payload, with every fault that it meets."""
    found = Explanation()
    try:
        top = _parse(payload)
        records = values_at(form.each, top, top, MAX_RECORDS) if form.each else [top]
        if not records:
            raise FieldMissing("each", "names nothing in this payload")
        if len(records) > MAX_RECORDS:
            raise PayloadTooLarge("each", f"more than {MAX_RECORDS} records")
    except NothingThere as nothing:
        found.faults.append(FieldMissing("each", str(nothing)))
        return found
    except PayloadRefused as refused:
        found.faults.append(refused)
        return found
    reader = RecordReader(form, top, found)
    parts: list[DevicePart] = []
    try:
        for number, record in enumerate(records):
            parts.append(reader.part(record, sender_code, f"[{number}]." if form.each else ""))
    except PayloadTooLarge as refused:
        found.faults.append(refused)
    boot_id, sequence = reader.identity(payload)
    if not found.faults:
        found.message = DeviceMessage(sender_code, boot_id, sequence, _joined(parts))
    else:
        for fault in found.faults:
            fault.boot_id, fault.sequence = boot_id, sequence
    return found


def _parse(payload: bytes) -> Any:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadTooLarge("", f"{len(payload)} bytes, more than {MAX_PAYLOAD_BYTES}")
    try:
        return json.loads(payload.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except PayloadRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise PayloadNotReadable("", f"not UTF-8 JSON ({type(error).__name__})") from error


def _refuse_constant(name: str) -> Any:
    raise PayloadNotReadable("", f"{name} is not a JSON number")


def _joined(parts: list[DevicePart]) -> tuple[DevicePart, ...]:
    """Return one part per device and frame: records of the same device belong together."""
    joined: dict[tuple[str, str], DevicePart] = {}
    for part in parts:
        held = joined.get((part.device_code, part.frame))
        joined[part.device_code, part.frame] = part if held is None else DevicePart(
            part.device_code,
            part.battery_percent if part.battery_percent is not None else held.battery_percent,
            held.fixes + part.fixes,
            held.readings + part.readings,
            held.signals + part.signals,
            part.frame,
        )  # fmt: skip
    return tuple(joined.values())


def example_mapping() -> Mapping[str, Any]:
    """This function will return the mapping of the reference page, with which the editor begins."""
    return {
        "time": {"path": "$.ts", "format": "unix_ms"},
        "position": {
            "x": "$.gps.lng",
            "y": "$.gps.lat",
            "height": {"path": "$.gps.alt", "optional": False},
            "accuracy": {"const": 5.0},
            "frame": "GCJ-02",
            "source": "GNSS",
        },
        "battery": "$.bat",
        "readings": [{"quantity": "air_temperature", "value": "$.temp", "unit": "Cel", "optional": True}],
        "signals": [{"path": "$.alarm", "table": {"1": "sos", "2": "fall"}}],
    }


def example_payload() -> Mapping[str, Any]:
    """This function will return the payload of the reference page, which the example mapping reads."""
    return {
        "ts": 1772326800000,
        "gps": {"lng": 113.7761, "lat": 34.7636, "alt": 96.5},
        "bat": 83,
        "temp": 21.5,
        "alarm": 0,
    }
