"""The positions payload, version 1: literal payloads in, exact numbers out, refusals by name and field."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decoders import positions_json as decoder

PAYLOAD = (
    b'{"v":1,"boot":"9f3c01aa","seq":7,"battery":83,"fixes":[{"t":1763892000250,"lon":113.7701,"lat":34.765,'
    b'"h":88.25,"h_ref":"ellipsoid","acc":0.3,"src":"UWB","worn":true}]}'
)


def changed(**fields) -> bytes:
    body = json.loads(PAYLOAD)
    for name, value in fields.items():
        target = body["fixes"][0] if name in body["fixes"][0] or name.startswith("fix_") else body
        target[name.removeprefix("fix_")] = value
    return json.dumps(body).encode()


def test_a_payload_becomes_an_observation_with_yellow_sea_height_and_utc_time():
    message = decoder.decode_positions(PAYLOAD, geoid_offset_m=-13.5)
    assert (message.boot_id, message.sequence, message.battery_percent) == ("9f3c01aa", 7, 83)
    assert message.fixes == (
        decoder.Fix(
            fix_time=datetime(2025, 11, 23, 10, 0, 0, 250_000, tzinfo=UTC),
            lon=113.7701,
            lat=34.765,
            height_m=101.75,
            accuracy_m=0.3,
            source="UWB",
            worn=True,
        ),
    )


def test_a_yellow_sea_height_does_not_pass_through_the_geoid_offset():
    message = decoder.decode_positions(changed(h_ref="yellow_sea"), geoid_offset_m=-13.5)
    assert message.fixes[0].height_m == 88.25


@pytest.mark.parametrize(
    ("fields", "refusal", "field"),
    [
        ({"v": 2}, decoder.VersionUnknown, "v"),
        ({"v": True}, decoder.VersionUnknown, "v"),
        ({"boot": "XYZ!"}, decoder.FieldInvalid, "boot"),
        ({"seq": -1}, decoder.FieldInvalid, "seq"),
        ({"seq": True}, decoder.FieldInvalid, "seq"),
        ({"seq": 2**53}, decoder.FieldInvalid, "seq"),
        ({"battery": 101}, decoder.FieldInvalid, "battery"),
        ({"battery": "83"}, decoder.FieldInvalid, "battery"),
        ({"speed": 3}, decoder.FieldUnknown, "speed"),
        ({"fixes": []}, decoder.FieldInvalid, "fixes"),
        ({"fixes": [7]}, decoder.FieldInvalid, "fixes[0]"),
        ({"t": "now"}, decoder.FieldInvalid, "fixes[0].t"),
        ({"lon": 13.77}, decoder.FieldInvalid, "fixes[0].lon"),
        ({"lon": "113.77"}, decoder.FieldInvalid, "fixes[0].lon"),
        ({"lat": 113.77}, decoder.FieldInvalid, "fixes[0].lat"),
        ({"h": 9001}, decoder.FieldInvalid, "fixes[0].h"),
        ({"h_ref": "sea"}, decoder.FieldInvalid, "fixes[0].h_ref"),
        ({"acc": 0}, decoder.FieldInvalid, "fixes[0].acc"),
        ({"src": "uwb"}, decoder.FieldInvalid, "fixes[0].src"),
        ({"worn": 1}, decoder.FieldInvalid, "fixes[0].worn"),
        ({"fix_heading": 1}, decoder.FieldUnknown, "fixes[0].heading"),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(fields, refusal, field):
    with pytest.raises(refusal) as error:
        decoder.decode_positions(changed(**fields), geoid_offset_m=0.0)
    assert error.value.field == field
    assert str(error.value).startswith(f"{field}: ")


def test_a_refusal_behind_the_number_of_the_message_carries_that_number():
    with pytest.raises(decoder.FieldInvalid) as error:
        decoder.decode_positions(changed(lon=0), geoid_offset_m=0.0)
    assert (error.value.boot_id, error.value.sequence) == ("9f3c01aa", 7)


@pytest.mark.parametrize("field", ["boot", "seq", "fixes"])
def test_a_missing_field_is_refused_by_its_name(field):
    body = json.loads(PAYLOAD)
    del body[field]
    with pytest.raises(decoder.FieldMissing) as error:
        decoder.decode_positions(json.dumps(body).encode(), geoid_offset_m=0.0)
    assert error.value.field == field


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"garbage",
        b"\xff\xfe\x00",
        b"[]",
        b'{"v":1,"v":1}',
        PAYLOAD.replace(b"88.25", b"NaN"),
        PAYLOAD.replace(b"88.25", b"Infinity"),
        b"[" * 60_000,
        PAYLOAD[:-1],
    ],
)
def test_what_is_not_one_json_object_is_refused(payload):
    with pytest.raises(decoder.PayloadNotReadable):
        decoder.decode_positions(payload, geoid_offset_m=0.0)


def test_a_number_that_overflows_is_refused():
    with pytest.raises(decoder.FieldInvalid):
        decoder.decode_positions(PAYLOAD.replace(b"88.25", b"1e999"), geoid_offset_m=0.0)


def test_too_many_bytes_and_too_many_fixes_are_refused():
    with pytest.raises(decoder.PayloadTooLarge):
        decoder.decode_positions(b" " * 65_537, geoid_offset_m=0.0)
    short = {"t": 1, "lon": 100, "lat": 30, "h": 1, "h_ref": "yellow_sea", "acc": 1, "src": "UWB"}
    body = {"v": 1, "boot": "aaaa", "seq": 1, "fixes": [short] * 501}
    with pytest.raises(decoder.PayloadTooLarge) as error:
        decoder.decode_positions(json.dumps(body, separators=(",", ":")).encode(), geoid_offset_m=0.0)
    assert error.value.field == "fixes"


def test_a_clock_30_s_ahead_is_tolerated_and_one_31_s_ahead_is_not():
    message = decoder.decode_positions(PAYLOAD, geoid_offset_m=0.0)
    fix_time = message.fixes[0].fix_time
    decoder.check_clock(message, fix_time - timedelta(seconds=30))
    with pytest.raises(decoder.ClockRefused) as error:
        decoder.check_clock(message, fix_time - timedelta(seconds=31))
    assert str(error.value) == "fixes[0].t: 31 s ahead of the server's clock"
    assert (error.value.boot_id, error.value.sequence) == ("9f3c01aa", 7)


def test_a_clock_that_was_never_set_is_refused():
    message = decoder.decode_positions(changed(t=5_000), geoid_offset_m=0.0)
    with pytest.raises(decoder.ClockRefused):
        decoder.check_clock(message, datetime(2026, 1, 1, tzinfo=UTC))


@given(st.binary(max_size=400))
def test_any_bytes_end_in_an_observation_or_a_named_refusal(payload):
    with pytest.raises(decoder.PayloadRefused):
        decoder.decode_positions(payload, geoid_offset_m=0.0)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(["v", "boot", "seq", "battery", "fixes", "lon", "lat", "h", "acc", "src", "worn", "t"]),
)
def test_any_value_in_any_field_ends_in_an_observation_or_a_named_refusal(value, field):
    try:
        message = decoder.decode_positions(changed(**{field: value}), geoid_offset_m=0.0)
    except decoder.PayloadRefused:
        return
    assert len(message.fixes) == 1
