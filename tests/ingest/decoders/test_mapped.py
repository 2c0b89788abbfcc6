"""A tenant's own JSON, read by a mapping without code: what is taken, what is refused, and nothing that runs."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decoders.json_path import PathRefused, read_path, value_at, values_at
from ingest.decoders.mapped import decode_mapped, example_mapping, explain
from ingest.decoders.mapping_form import MappingRefused, read_mapping
from ingest.decoders.units import UnitsDiffer, conversion
from ingest.messages import PayloadRefused, Reading, Signal

PAYLOAD = {
    "ts": 1772326800000,
    "gps": {"lng": 113.77, "lat": 34.76, "alt": 92.5},
    "bat": "77",
    "temp": 21.5,
    "alarm": 1,
}
TIME = {"path": "$.ts", "format": "unix_ms"}
AT = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


def read(payload, body):
    return decode_mapped(json.dumps(payload).encode(), sender_code="H-1", form=read_mapping(body))


def test_the_example_takes_place_battery_reading_and_signal():
    message = read(PAYLOAD, example_mapping())
    part = message.parts[0]
    assert (message.sender_code, part.device_code, part.frame, part.battery_percent) == ("H-1", "H-1", "GCJ-02", 77)
    fix = part.fixes[0]
    assert (fix.time, fix.x, fix.y, fix.height_m, fix.accuracy_m) == (AT, 113.77, 34.76, 92.5, 5.0)
    assert part.readings == (Reading("air_temperature", AT, 21.5),)
    assert part.signals == (Signal("sos", AT),)


def test_the_same_payload_is_the_same_message_and_a_numbered_one_keeps_its_number():
    first, again = read(PAYLOAD, example_mapping()), read(PAYLOAD, example_mapping())
    assert (first.boot_id, first.sequence) == (again.boot_id, again.sequence)
    assert read({**PAYLOAD, "temp": 21.6}, example_mapping()).boot_id != first.boot_id
    numbered = {**example_mapping(), "boot": "$.boot", "sequence": "$.no"}
    message = read({**PAYLOAD, "boot": "a7", "no": 12}, numbered)
    assert (message.boot_id, message.sequence) == ("a7", 12)


def test_many_records_of_many_devices_and_lists_of_sensors_become_parts():
    payload = {
        "time": "2026-03-01 09:00:00",
        "data": [
            {"sn": "A1", "list": [{"t": "PM10", "v": "80"}, {"t": "PM2.5", "v": 35}]},
            {"sn": "B2", "list": [{"t": "PM10", "v": 12}]},
            {"sn": "A1", "list": []},
        ],
    }
    body = {
        "each": "$.data[*]",
        "device": {"path": "sn", "table": {"A1": "DUST-01", "B2": "DUST-02"}},
        "time": {"path": "$.time", "format": "pattern", "pattern": "%Y-%m-%d %H:%M:%S", "zone": "Asia/Shanghai"},
        "readings": [
            {"each": "list[*]", "quantity": {"path": "t", "table": {"PM10": "pm10", "PM2.5": "pm25"}}, "value": "v"}
        ],
    }
    message = read(payload, body)
    assert {part.device_code: [(row.quantity, row.value) for row in part.readings] for part in message.parts} == {
        "DUST-01": [("pm10", 80.0), ("pm25", 35.0)],
        "DUST-02": [("pm10", 12.0)],
    }
    assert message.parts[0].readings[0].time == AT


def test_units_are_converted_and_factors_applied():
    body = {
        "time": TIME,
        "readings": [
            {"quantity": "wind_speed", "value": "$.wind", "unit": "km/h"},
            {"quantity": "air_temperature", "value": "$.f", "unit": "[degF]"},
            {"quantity": "hook_height", "value": {"path": "$.raw", "scale": 0.01, "offset": -1}},
        ],
    }
    message = read(
        {"ts": 1772326800, "wind": 36, "f": 212, "raw": 4200}, {**body, "time": {**TIME, "format": "unix_s"}}
    )
    assert [row.value for row in message.parts[0].readings] == [10.0, 100.0, 41.0]
    with pytest.raises(MappingRefused, match="km/h cannot be turned into ug/m3"):
        read_mapping({"time": TIME, "readings": [{"quantity": "pm10", "value": "$.x", "unit": "km/h"}]})
    with pytest.raises(UnitsDiffer):
        conversion("parsec", "m")


def test_a_refusal_names_the_field_and_the_editor_shows_every_fault():
    payload = {"ts": "soon", "gps": {"lng": 200, "lat": 34.76}, "temp": "warm"}
    body = {**example_mapping(), "battery": {"path": "$.bat", "optional": True}}
    found = explain(json.dumps(payload).encode(), sender_code="H-1", form=read_mapping(body))
    assert found.message is None
    assert [fault.field for fault in found.faults] == ["time", "position.x", "position.height", "readings[0].value"]
    lines = {line.field: line for line in found.lines}
    assert (lines["position.y"].raw, lines["position.y"].taken, lines["position.y"].fault) == ("34.76", "34.76", "")
    assert lines["position.x"].fault == "must be a number from 73 to 136"
    assert lines["position.height"].fault == "alt: there is no such field"
    with pytest.raises(PayloadRefused, match=r"^time: soon is no time as unix_ms"):
        decode_mapped(json.dumps(payload).encode(), sender_code="H-1", form=read_mapping(body))


def test_what_is_optional_may_be_absent():
    body = {
        "time": TIME,
        "position": {"x": {"path": "$.x", "optional": True}, "y": "$.y", "height": "$.h", "accuracy": {"const": 3}},
        "readings": [{"quantity": "noise", "value": "$.noise", "optional": True}],
    }
    part = read({"ts": 1772326800000, "x": None}, body).parts[0]
    assert (part.fixes, part.readings) == ((), ())


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ([], "must be a JSON object"),
        ({"readings": [{"quantity": "noise", "value": "$.n"}]}, "time: is missing"),
        ({"time": TIME}, "takes nothing"),
        ({"time": TIME, "eval": "1", "battery": "$.b"}, "eval: is not known"),
        ({"time": TIME, "battery": {"path": "$.b", "const": 1}}, "battery: needs either path or const"),
        ({"time": TIME, "battery": "$.b[?(@.x>1)]"}, "battery.path: .* cannot be read at"),
        ({"time": TIME, "battery": "$.b[*]"}, "battery.path: .* names many"),
        ({"time": TIME, "battery": "$" + ".a" * 17}, "17 steps"),
        ({"time": TIME, "battery": "$.b", "boot": "$.boot"}, "boot: boot and sequence go together"),
        ({"time": TIME, "readings": [{"quantity": "taste", "value": "$.n"}]}, r"readings\[0\].quantity: 'taste'"),
        ({"time": TIME, "signals": [{"path": "$.a", "table": {"1": "boredom"}}]}, r"signals\[0\]: 'boredom'"),
        ({"time": {"path": "$.t", "format": "pattern", "pattern": "%Y-%m-%d"}}, "time.zone: is missing"),
        ({"time": {"path": "$.t", "format": "pattern", "pattern": "x" * 5, "zone": "UTC"}}, "time.pattern"),
        ({"time": {"path": "$.t", "format": "iso", "zone": "Mars"}}, "time.zone"),
        ({"time": TIME, "position": {"x": "$.x"}}, "position.y: is missing"),
        (
            {"time": TIME, "position": {"x": "$.x", "y": "$.y", "height": "$.h", "accuracy": "$.a", "frame": "BD-09"}},
            "position.frame",
        ),
        ({"time": TIME, "readings": [{}] * 65}, "readings: must be a list of at most 64"),
        ({"time": TIME, "battery": {"path": "$.b", "table": {str(n): n for n in range(201)}}}, "1 to 200 entries"),
        ({"time": TIME, "battery": {"const": "x" * 40_000}}, "larger than 32 KiB"),
    ],
)
def test_a_wrong_mapping_is_refused_by_the_key_that_is_wrong(body, key):
    with pytest.raises(MappingRefused, match=key):
        read_mapping(body)


def test_paths_reach_names_places_and_chinese_fields_and_nothing_else():
    top = {"a": [{"x y": 1}, {"温度": 2}], "b": {"c": [[1], [2, 3]]}}
    assert value_at(read_path('$.a[0]["x y"]'), top, None) == 1
    assert value_at(read_path("$.a[1].温度"), top, None) == 2
    assert value_at(read_path("c[1][0]"), top, top["b"]) == 2
    assert values_at(read_path("$.b.c[*][*]"), top, None, 10) == [1, 2, 3]
    for text in ("$..a", "$.a[-1]", "$.a[0:2]", "$.__class__()", "a b", "", "$.a]", "${x}"):
        with pytest.raises(PathRefused):
            read_path(text)
    assert read_path("$.__class__").steps == ("__class__",)  # a name like any other: only JSON objects are asked for it


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["ts", "gps", "lng", "bat", "x"]), inner)
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_payload_is_read_or_refused_with_a_reason(payload):
    form = read_mapping(example_mapping())
    filled = [json.dumps({**PAYLOAD, name: payload}).encode() for name in PAYLOAD]
    for content in (json.dumps(payload).encode(), repr(payload).encode(), *filled):
        found = explain(content, sender_code="H-1", form=form)
        assert (found.message is None) == bool(found.faults)


@given(json_values)
def test_any_mapping_is_read_or_refused(body):
    for one in (body, {"time": body}, {"time": TIME, "battery": body}, {"time": TIME, "readings": [body]}):
        try:
            form = read_mapping(one)
        except MappingRefused:
            continue
        explain(json.dumps(PAYLOAD).encode(), sender_code="H-1", form=form)


def test_limits_hold():
    form = read_mapping({"each": "$[*]", "time": {"path": "$[0].ts", "format": "unix_ms"}, "battery": "b"})
    many = json.dumps([{"ts": 1772326800000, "b": 1}] * 501).encode()
    for payload, reason in (
        (many, "more than 500 records"),
        (b'"' + b"x" * 70_000 + b'"', "more than 65536"),
        (b"[" * 30_000, "JSON"),
    ):
        with pytest.raises(PayloadRefused, match=reason):
            decode_mapped(payload, sender_code="H-1", form=form)
