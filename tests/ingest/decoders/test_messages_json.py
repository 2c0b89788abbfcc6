"""The full JSON message, version 1: literal payloads in, exact values out, refusals by name and field."""

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decoders.messages_json import decode_json
from ingest.messages import (
    DeviceMessage,
    DevicePart,
    FieldInvalid,
    FieldMissing,
    FieldUnknown,
    Fix,
    PayloadNotReadable,
    PayloadRefused,
    PayloadTooLarge,
    Reading,
    Signal,
    VersionUnknown,
)

AT = datetime(2025, 11, 23, 10, 0, 0, 250_000, tzinfo=UTC)
HELMET = {
    "v": 1, "boot": "9f3c01aa", "seq": 7, "battery": 83, "crs": "GCJ-02",
    "fixes": [{"t": 1763892000250, "lon": 113.7701, "lat": 34.765, "h": 1.5, "h_ref": "barometer", "h_acc": 0.8,
               "acc": 5, "src": "GNSS", "worn": True}],
    "readings": [{"q": "wind_speed", "t": 1763892000250, "value": 7.5, "ch": "top"}],
    "signals": [{"kind": "sos", "t": 1763892000250}],
}  # fmt: skip
GATEWAY = {
    "v": 1, "boot": "aaaa", "seq": 0, "parts": [
        {"device": "T-01", "crs": "grid:B1", "fixes": [
            {"t": 1763892000250, "x": -3.5, "y": 12, "h": 1.2, "h_ref": "grid", "acc": 0.3, "src": "UWB"}]},
        {"device": "T-02", "battery": 5, "signals": [{"kind": "fall", "t": 1763892000250, "ended": True}]},
    ],
}  # fmt: skip


def read(body) -> DeviceMessage:
    return decode_json(json.dumps(body).encode(), sender_code="G-1")


def test_a_helmets_message_carries_fixes_readings_and_signals_of_the_sender_itself():
    fix = Fix(AT, 113.7701, 34.765, 1.5, 5.0, "GNSS", True, "barometer", 0.8)
    part = DevicePart(
        "G-1", 83, (fix,), (Reading("wind_speed", AT, 7.5, "top"),), (Signal("sos", AT, False),), "GCJ-02"
    )
    assert read(HELMET) == DeviceMessage("G-1", "9f3c01aa", 7, (part,))


def test_a_gateways_message_carries_parts_of_many_devices_each_in_its_own_frame():
    tag, fallen = read(GATEWAY).parts
    assert (tag.device_code, tag.frame, tag.fixes) == (
        "T-01",
        "grid:B1",
        (Fix(AT, -3.5, 12.0, 1.2, 0.3, "UWB", None, "grid", None),),
    )
    assert (fallen.device_code, fallen.battery_percent, fallen.signals) == ("T-02", 5, (Signal("fall", AT, True),))


def changed(path: str, value) -> dict:
    body = json.loads(json.dumps(GATEWAY if path.startswith("parts") else HELMET))
    steps = path.replace("]", "").replace("[", ".").split(".")
    target = body
    for step in steps[:-1]:
        target = target[int(step)] if step.isdigit() else target[step]
    target[steps[-1]] = value
    return body


@pytest.mark.parametrize(
    ("path", "value", "refusal"),
    [
        ("v", 2, VersionUnknown),
        ("boot", "Z", FieldInvalid),
        ("speed", 1, FieldUnknown),
        ("crs", "BD-09", FieldInvalid),
        ("crs", ["CGCS2000"], FieldInvalid),
        ("crs", "grid:", FieldInvalid),
        ("fixes", [], FieldInvalid),
        ("fixes[0].lon", 13.7, FieldInvalid),
        ("fixes[0].x", 13.7, FieldUnknown),
        ("fixes[0].h_acc", 0, FieldInvalid),
        ("fixes[0].h_ref", "grid", FieldInvalid),
        ("fixes[0].src", "gps", FieldInvalid),
        ("readings[0].q", "wind speed", FieldInvalid),
        ("readings[0].value", "7", FieldInvalid),
        ("readings[0].unit", "m/s", FieldUnknown),
        ("signals[0].kind", "SOS", FieldInvalid),
        ("signals[0].ended", 1, FieldInvalid),
        ("parts[0].device", "a/b", FieldInvalid),
        ("parts[0].fixes[0].x", 1e6, FieldInvalid),
        ("parts[0].fixes[0].lon", 113.0, FieldUnknown),
        ("parts[1].battery", 101, FieldInvalid),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(path, value, refusal):
    with pytest.raises(refusal) as error:
        read(changed(path, value))
    assert error.value.field == path


def test_a_message_that_says_nothing_is_refused():
    with pytest.raises(FieldMissing) as error:
        read({"v": 1, "boot": "aaaa", "seq": 1})
    assert error.value.field == "fixes"


def test_a_battery_alone_is_a_heartbeat():
    assert read({"v": 1, "boot": "aaaa", "seq": 1, "battery": 60}).parts == (DevicePart("G-1", 60),)


def test_a_refusal_behind_the_number_of_the_message_carries_that_number():
    with pytest.raises(FieldInvalid) as error:
        read(changed("fixes[0].lon", 0))
    assert (error.value.boot_id, error.value.sequence) == ("9f3c01aa", 7)


@pytest.mark.parametrize("payload", [b"", b"\xff\xfe", b"[]", b'{"v":1,"v":1}', b'{"v":NaN}', b"[" * 60_000])
def test_what_is_not_one_json_object_is_refused(payload):
    with pytest.raises(PayloadNotReadable):
        decode_json(payload, sender_code="G-1")


def test_too_much_is_refused():
    with pytest.raises(PayloadTooLarge):
        decode_json(b" " * 65_537, sender_code="G-1")
    signal = {"kind": "sos", "t": 1}
    with pytest.raises(PayloadTooLarge) as error:
        read({"v": 1, "boot": "aaaa", "seq": 1, "signals": [signal] * 501})
    assert error.value.field == "signals"


junk = st.none() | st.booleans() | st.integers() | st.sampled_from([10**400, -(10**400), 10**4000]) | st.floats()
junk = junk | st.text(max_size=8) | st.lists(junk, max_size=2) | st.dictionaries(st.text(max_size=3), junk, max_size=2)
FIELDS = [
    "v", "boot", "seq", "battery", "crs", "fixes", "readings", "signals",
    *(f"fixes[0].{name}" for name in HELMET["fixes"][0]),
    *(f"readings[0].{name}" for name in HELMET["readings"][0]),
    *(f"signals[0].{name}" for name in HELMET["signals"][0]),
    *(f"parts[0].fixes[0].{name}" for name in GATEWAY["parts"][0]["fixes"][0]),
]  # fmt: skip


@given(st.sampled_from(FIELDS), junk)
def test_any_value_in_any_field_is_read_or_refused_by_name(path, value):
    with contextlib.suppress(PayloadRefused):
        read(changed(path, value))


@pytest.mark.parametrize("path", ["fixes[0].lon", "fixes[0].h", "fixes[0].acc", "readings[0].value", "seq", "battery"])
def test_a_whole_number_of_400_digits_is_outside_its_range(path):
    with pytest.raises(FieldInvalid) as error:
        read(changed(path, 10**400))
    assert error.value.field == path


@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_message_or_a_named_refusal(payload):
    with pytest.raises(PayloadRefused):
        decode_json(payload, sender_code="G-1")
