"""OGC SensorThings observations in all the forms that devices send them."""

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decoders.sensorthings import Bound, decode_sensorthings
from ingest.messages import PayloadRefused, Reading

AT = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
STREAMS = {
    "42": Bound("GAS-01", "oxygen"),
    "43": Bound("GAS-01", "co", "left", 1.165),
    "pos": Bound("H-1"),
}


def read(body, **more):
    return decode_sensorthings(json.dumps(body).encode(), sender_code="GW-1", streams=STREAMS, **more)


def observation(stream, result, **more):
    return {"phenomenonTime": "2026-03-01T09:00:00+08:00", "result": result, "Datastream": {"@iot.id": stream}, **more}


def test_one_observation_is_a_reading_of_the_bound_device():
    message = read(observation(42, 20.9))
    assert message.sender_code == "GW-1"
    assert [(part.device_code, part.readings) for part in message.parts] == [("GAS-01", (Reading("oxygen", AT, 20.9),))]


def test_a_list_a_collection_and_a_data_array_say_the_same():
    rows = [observation(42, 20.9), observation(43, 10)]
    wanted = (Reading("oxygen", AT, 20.9), Reading("co", AT, 11.65, "left"))
    arrays = [
        {
            "Datastream": {"@iot.id": stream},
            "components": ["phenomenonTime", "result"],
            "dataArray@iot.count": 1,
            "dataArray": [["2026-03-01T01:00:00Z", value]],
        }
        for stream, value in ((42, 20.9), ("43", 10))
    ]
    for body in (rows, {"value": rows}, arrays):
        assert read(body).parts[0].readings == wanted


def test_a_place_comes_as_result_or_as_feature_of_interest():
    point = {"type": "Point", "coordinates": [113.77, 34.76, 78.5]}
    (fix,) = read(observation("pos", point, parameters={"accuracy_m": 2.5})).parts[0].fixes
    assert (fix.x, fix.y, fix.height_m, fix.height_reference, fix.accuracy_m) == (113.77, 34.76, 78.5, "ellipsoid", 2.5)
    feature = {
        "name": "here",
        "encodingType": "application/geo+json",
        "feature": {"type": "Feature", "geometry": point},
    }
    part = read(observation(42, 20.9, FeatureOfInterest=feature)).parts[0]
    assert (len(part.fixes), len(part.readings), part.frame) == (1, 1, "WGS84")
    flat = {"type": "Point", "coordinates": [113.77, 34.76]}
    (fix,) = read(observation("pos", flat), ground_height_m=95.0).parts[0].fixes
    assert (fix.height_m, fix.height_reference, fix.height_accuracy_m) == (95.0, "yellow_sea", 100.0)


def test_the_end_of_an_interval_counts_and_the_same_payload_is_the_same_message():
    body = observation(42, 20.9) | {"phenomenonTime": "2026-03-01T00:50:00Z/2026-03-01T01:00:00Z"}
    message = read(body)
    assert message.parts[0].readings[0].time == AT
    assert message.boot_id == read(body).boot_id != read(observation(42, 20.8)).boot_id


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "value: holds no observation"),
        ("x", "value: must be a list"),
        (observation(99, 1), "Datastream: '99' is not bound to a device"),
        ({"result": 1}, "Datastream.@iot.id: is missing"),
        (observation(42, "high"), "result: must be a number"),
        (observation(42, 1) | {"phenomenonTime": "yesterday"}, "phenomenonTime: 'yesterday' is no ISO 8601 time"),
        (observation(42, 1) | {"phenomenonTime": "2026-03-01T01:00:00"}, "has no zone"),
        (observation(42, 1) | {"phenomenonTime": None}, "phenomenonTime: is missing"),
        (observation("pos", {"type": "Polygon"}), "result: must be a GeoJSON Point"),
        (observation("pos", {"type": "Point", "coordinates": [1, 2]}), "coordinates: 1 lies outside 73 to 136"),
        (observation(42, -(10**400)), "result: must be a number"),
        ([observation(42, 1), observation(42, None)], r"\[1\].result: must be a number"),
        (observation("pos", {"type": "Point", "coordinates": [113, 34]}, parameters={"accuracy_m": 0}), "accuracy_m"),
        ({"Datastream": {"@iot.id": 42}, "components": ["result"], "dataArray": [[1, 2]]}, r"dataArray\[0\]: must be"),
    ],
)
def test_what_is_wrong_is_named(body, reason):
    with pytest.raises(PayloadRefused, match=reason) as caught:
        read(body)
    assert len(caught.value.boot_id) == 16


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_by_name(content):
    with pytest.raises(PayloadRefused):
        decode_sensorthings(content, sender_code="GW-1", streams=STREAMS)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["Datastream", "@iot.id", "result", "phenomenonTime", "value", "dataArray"]), inner
        )
    ),
    max_leaves=12,
)


@given(junk)
def test_any_json_is_read_or_refused(body):
    place = {"type": "Point", "coordinates": [113, 34]}
    for one in (
        body,
        observation(42, body),
        observation("pos", body),
        observation("pos", {**place, "coordinates": [body, body]}),
        observation("pos", place, parameters={"accuracy_m": body}),
        observation("pos", place) | {"phenomenonTime": body},
    ):
        with contextlib.suppress(PayloadRefused):
            decode_sensorthings(json.dumps(one).encode(), sender_code="GW-1", streams=STREAMS)
