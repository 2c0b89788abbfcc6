"""OGC SensorThings observations: bytes -> DeviceMessage, or a named refusal. Pure.

Taken are one Observation, a list of them, a collection (`{"value": [...]}`), and the data array form of creating
many. A datastream's id is bound in the registry to a device and quantity; a stream bound to no quantity carries
places (GeoJSON points). The form is in docs/reference/sensorthings.md.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ingest.messages import (
    ACCURACY_RANGE_M,
    HEIGHT_RANGE_M,
    LAT_RANGE,
    LON_RANGE,
    DeviceMessage,
    DevicePart,
    FieldInvalid,
    FieldMissing,
    Fix,
    PayloadNotReadable,
    PayloadRefused,
    PayloadTooLarge,
    Reading,
)

MAX_PAYLOAD_BYTES, MAX_OBSERVATIONS = 256 * 1024, 2000
ACCURACY_M = 10.0  # spec 07, 7.2: GNSS without correction; an observation may say its own (parameters.accuracy_m)
NO_HEIGHT_ACCURACY_M = 100.0  # a place without height may be on any storey


@dataclass(frozen=True, slots=True)
class Bound:
    """What a datastream is of; without a quantity its results are places."""

    device_code: str
    quantity: str = ""
    channel: str = ""
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class _Observation:
    """One observation as it came, wherever it stood in the payload."""

    where: str
    stream_id: str
    body: Mapping[str, Any]


def decode_sensorthings(
    payload: bytes,
    *,
    sender_code: str,
    streams: Mapping[str, Bound],
    datum: str = "WGS84",
    ground_height_m: float = 0.0,
) -> DeviceMessage:
    """This function will read observations of bound datastreams; `ground_height_m` stands for a place without height.

    Raises a PayloadRefused that names the field. A payload is known by its content: the same one again is a duplicate.
    """
    boot_id = hashlib.blake2s(payload, digest_size=8).hexdigest()
    try:
        observations = list(_observations(_parse(payload)))
        if not observations:
            raise FieldMissing("value", "holds no observation")
        readings: dict[str, list[Reading]] = defaultdict(list)
        fixes: dict[str, list[Fix]] = defaultdict(list)
        for one in observations:
            bound = streams.get(one.stream_id)
            if bound is None:
                raise FieldInvalid(f"{one.where}Datastream", f"{one.stream_id!r} is not bound to a device")
            time = _time(one)
            if bound.quantity:
                value = round(_result(one) * bound.scale, 9)
                readings[bound.device_code].append(Reading(bound.quantity, time, value, bound.channel))
            for place in _places(one, bound):
                fixes[bound.device_code].append(_fix(place, one, time, ground_height_m))
    except PayloadRefused as refusal:
        refusal.boot_id, refusal.sequence = boot_id, 0
        raise
    parts = tuple(
        DevicePart(code, fixes=tuple(fixes[code]), readings=tuple(readings[code]), frame=datum)
        for code in sorted({*readings, *fixes})
    )
    return DeviceMessage(sender_code, boot_id, 0, parts)


def _refuse_constant(name: str) -> Any:
    raise PayloadNotReadable("", f"{name} is not a JSON number")


def _parse(payload: bytes) -> Any:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadTooLarge("", f"{len(payload)} bytes, more than {MAX_PAYLOAD_BYTES}")
    try:
        return json.loads(payload.decode("utf-8"), parse_constant=_refuse_constant)
    except PayloadRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise PayloadNotReadable("", f"not UTF-8 JSON ({type(error).__name__})") from error


def _observations(body: Any) -> Iterator[_Observation]:
    rows = body
    if isinstance(body, dict):
        rows = body.get("value", [body])
    if not isinstance(rows, list):
        raise FieldInvalid("value", "must be a list of observations")
    count = 0
    for number, row in enumerate(rows):
        where = "" if rows == [body] else f"[{number}]."
        if not isinstance(row, dict):
            raise FieldInvalid(where or "top", "must be an object")
        for one in _of_row(row, where):
            count += 1
            if count > MAX_OBSERVATIONS:
                raise PayloadTooLarge("value", f"more than {MAX_OBSERVATIONS} observations")
            yield one


def _of_row(row: Mapping[str, Any], where: str) -> Iterator[_Observation]:
    stream = row.get("Datastream")
    stream_id = stream.get("@iot.id") if isinstance(stream, dict) else None
    if type(stream_id) not in (int, str):
        raise FieldMissing(f"{where}Datastream.@iot.id", "is missing")
    if "dataArray" not in row:
        yield _Observation(where, str(stream_id), row)
        return
    components, lines = row.get("components"), row["dataArray"]
    if not isinstance(components, list) or not all(isinstance(name, str) for name in components):
        raise FieldInvalid(f"{where}components", "must be a list of names")
    if not isinstance(lines, list):
        raise FieldInvalid(f"{where}dataArray", "must be a list of lists")
    for number, line in enumerate(lines):
        if not isinstance(line, list) or len(line) != len(components):
            raise FieldInvalid(f"{where}dataArray[{number}]", f"must be a list of {len(components)} values")
        named = dict(zip(components, line, strict=True))
        yield _Observation(f"{where}dataArray[{number}].", str(stream_id), named)


def _time(one: _Observation) -> datetime:
    text = one.body.get("phenomenonTime")
    if not isinstance(text, str):
        raise FieldMissing(f"{one.where}phenomenonTime", "is missing")
    try:
        time = datetime.fromisoformat(text.rpartition("/")[2])  # of an interval, its end
    except ValueError:
        raise FieldInvalid(f"{one.where}phenomenonTime", f"{text[:60]!r} is no ISO 8601 time") from None
    if time.tzinfo is None:
        raise FieldInvalid(f"{one.where}phenomenonTime", f"{text[:60]!r} has no zone; end it with Z or +08:00")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise FieldInvalid(f"{one.where}phenomenonTime", f"{text[:60]!r} is no time of now") from None


def _result(one: _Observation) -> float:
    if "result" not in one.body:
        raise FieldMissing(f"{one.where}result", "is missing")
    value = one.body["result"]
    if not isinstance(value, bool | int | float) or not -1e12 <= value <= 1e12:
        raise FieldInvalid(f"{one.where}result", "must be a number")
    return float(value)


def _places(one: _Observation, bound: Bound) -> Iterator[tuple[str, Any]]:
    """Return the place that an observation tells: as its result, or as its feature of interest."""
    if not bound.quantity:
        yield f"{one.where}result", one.body.get("result")
        return
    feature = one.body.get("FeatureOfInterest")
    if isinstance(feature, dict) and "feature" in feature:
        yield f"{one.where}FeatureOfInterest.feature", feature["feature"]


def _fix(place: tuple[str, Any], one: _Observation, time: datetime, ground_height_m: float) -> Fix:
    where, shape = place
    if isinstance(shape, dict) and shape.get("type") == "Feature":
        shape = shape.get("geometry")
    if not isinstance(shape, dict) or shape.get("type") != "Point":
        raise FieldInvalid(where, "must be a GeoJSON Point")
    numbers = shape.get("coordinates")
    if not isinstance(numbers, list) or len(numbers) not in (2, 3):
        raise FieldInvalid(f"{where}.coordinates", "must be longitude, latitude and, if known, height")
    for value, (low, high) in zip(numbers, (LON_RANGE, LAT_RANGE, HEIGHT_RANGE_M), strict=False):
        if type(value) not in (int, float) or not low <= value <= high:
            raise FieldInvalid(f"{where}.coordinates", f"{str(value)[:20]} lies outside {low:g} to {high:g}")
    with_height = len(numbers) == 3
    return Fix(
        time=time,
        x=float(numbers[0]),
        y=float(numbers[1]),
        height_m=float(numbers[2]) if with_height else ground_height_m,
        accuracy_m=_accuracy(one),
        source="GNSS",
        height_reference="ellipsoid" if with_height else "yellow_sea",  # RFC 7946: above the WGS 84 ellipsoid
        height_accuracy_m=None if with_height else NO_HEIGHT_ACCURACY_M,
    )


def _accuracy(one: _Observation) -> float:
    parameters = one.body.get("parameters")
    value = parameters.get("accuracy_m") if isinstance(parameters, dict) else None
    if value is None:
        return ACCURACY_M
    low, high = ACCURACY_RANGE_M
    if type(value) not in (int, float) or not low <= value <= high:
        raise FieldInvalid(f"{one.where}parameters.accuracy_m", f"must be a number from {low:g} to {high:g}")
    return float(value)
