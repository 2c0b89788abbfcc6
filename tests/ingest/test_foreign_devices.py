"""Foreign devices through the whole pipeline: mapped JSON, SensorThings, calibrations, and when each was heard of."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from django.utils import timezone

from ingest.arrivals import Arrival, read_arrivals
from ingest.batches import Work
from ingest.decoders.mapped import example_mapping, example_payload
from ingest.device_mappings import save_mapping
from ingest.directory import Directory
from ingest.pipeline import store
from spatial.devices.equipment import record_calibration
from spatial.devices.kinds import quantities
from spatial.devices.models import RefusedMessage, Sighting
from spatial.devices.operations import register_device
from spatial.devices.rules import DeviceFacts
from spatial.devices.sightings import Seen, SightingBook, note_sightings
from spatial.devices.speaking import bind_stream, choose_mapping
from spatial.observations.models import Observation
from spatial.observations.quantities import all_quantities
from spatial.tracks.models import Position
from tests.ingest.cast import place


def device(cast, code, kind="sensor", **more):
    given = {"name": code, "report_interval_s": 10, "actor": None, "now": timezone.now()}
    return register_device(site=cast.site, code=f"{code}-{cast.site.code[-6:]}", kind=kind, **{**given, **more})[0]


def send(cast, sender, kind, body, received_at=None):
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    topic = f"tw/v1/{cast.site.code}/{sender.code}/{kind}"
    received, refused = read_arrivals([Arrival(topic, payload, received_at or timezone.now())], Directory(monotonic))
    if received:
        store([Work(one) for one in received], timezone.now())
    return refused


def test_every_quantity_of_an_add_on_is_one_of_the_table_in_the_same_unit():
    table = all_quantities()
    assert {code: row.unit for code, row in quantities().items()} == {code: table[code].unit for code in quantities()}


def test_a_mapped_device_is_read_by_its_version_and_refused_without_one(cast):
    helmet = device(cast, "M", "helmet", facts=DeviceFacts(protocol="mapped"))
    now = timezone.now()
    lon, lat = place(-50, 10)
    body = {**example_payload(), "ts": int(now.timestamp() * 1000), "gps": {"lng": lon, "lat": lat, "alt": 96.0}}
    (refused,) = send(cast, helmet, "mapped", body)
    assert refused.reason == f"mapping: none is chosen for {helmet.code}; choose one on its page"
    plain = {**example_mapping(), "position": {**example_mapping()["position"], "frame": "CGCS2000"}}
    version = save_mapping(site=cast.site, name="厂家甲", text=json.dumps(plain), example="", actor=None, now=now)
    choose_mapping(device=helmet, version=version, actor=None, now=now)
    assert send(cast, helmet, "mapped", body) == []
    assert send(cast, helmet, "mapped", body) == []  # known by its content: a duplicate
    row = Position.objects.get()
    assert (row.point.x, row.point.z, row.device_id) == (pytest.approx(lon, abs=1e-8), 96.0, helmet.pk)
    assert Observation.objects.get().value == 21.5
    (refused,) = send(cast, helmet, "mapped", b'{"ts": 1}')
    assert refused.reason.startswith("position.x: gps: there is no such field")
    assert len(refused.boot_id) == 16


def test_a_gateway_speaks_sensorthings_for_the_devices_whose_streams_are_bound(cast):
    gateway = device(cast, "GW", "gateway", facts=DeviceFacts(protocol="sensorthings"))
    gas = device(cast, "GAS", add_ons=["gas_oxygen"])
    now = timezone.now()
    bind_stream(sender=gateway, stream_id="42", device=gas, quantity="oxygen", actor=None, now=now)
    body = {"Datastream": {"@iot.id": 42}, "phenomenonTime": now.isoformat(), "result": 20.9}
    assert send(cast, gateway, "sensorthings", body) == []
    row = Observation.objects.get()
    assert (row.value, row.datastream.device) == (20.9, gas)
    (refused,) = send(cast, gateway, "sensorthings", {**body, "Datastream": {"@iot.id": 43}})
    assert refused.reason == "Datastream: '43' is not bound to a device"
    seen = set(Sighting.objects.values_list("device__code", flat=True))
    assert gas.code in seen


def test_readings_are_made_true_by_the_calibration_of_their_day(cast):
    gateway = device(cast, "GW", "gateway", facts=DeviceFacts(protocol="sensorthings"))
    gas = device(cast, "GAS", add_ons=["gas_oxygen"])
    now = timezone.now()
    bind_stream(sender=gateway, stream_id="1", device=gas, quantity="oxygen", actor=None, now=now)
    record_calibration(
        device=gas, quantity="oxygen", scale=1.02, offset=0.1, done_on=(now - timedelta(days=1)).date(),
        due_on=(now + timedelta(days=364)).date(), certificate_number="JZ-1", actor=None, now=now,
    )  # fmt: skip
    for at in (now, now - timedelta(days=3)):
        body = {"Datastream": {"@iot.id": "1"}, "phenomenonTime": at.isoformat(), "result": 20.0}
        assert send(cast, gateway, "sensorthings", body) == []
    values = list(Observation.objects.order_by("time").values_list("value", flat=True))
    assert values == [20.0, pytest.approx(20.5)]


def test_a_reading_out_of_its_bounds_is_kept_as_refused_and_the_rest_is_stored(cast):
    gateway = device(cast, "GW", "gateway", facts=DeviceFacts(protocol="sensorthings"))
    now = timezone.now()
    for stream, quantity in (("1", "oxygen"), ("2", "co")):
        bind_stream(sender=gateway, stream_id=stream, device=gateway, quantity=quantity, actor=None, now=now)
    body = [
        {"Datastream": {"@iot.id": stream}, "phenomenonTime": now.isoformat(), "result": value}
        for stream, value in (("1", 2000), ("2", 3))
    ]
    assert send(cast, gateway, "sensorthings", body) == []
    assert Observation.objects.get().value == 3
    kept = RefusedMessage.objects.get()
    assert (kept.device_code, json.loads(bytes(kept.payload))["value"]) == (gateway.code, 2000)
    assert kept.reason.startswith("oxygen: value: 2000 % is outside what oxygen can be")


def test_a_sighting_keeps_the_last_delays_of_live_messages_and_the_newest_battery(cast):
    start = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
    book = SightingBook()
    for second in range(400):
        at = start + timedelta(seconds=second)
        due = book.due(
            [Seen(cast.helmet.pk, at, at, 80 if second < 200 else None, "aa", timedelta(milliseconds=second))]
        )
        note_sightings(seen=due)
        book.remember(due)
    row = Sighting.objects.get()
    assert (row.received_at, row.battery_percent, row.boot_id) == (start + timedelta(seconds=390), 80, "aa")
    assert row.delays_ms == list(range(390, 70, -10))
    note_sightings(seen=[Seen(cast.helmet.pk, start)])
    row.refresh_from_db()
    assert (row.received_at, row.boot_id, len(row.delays_ms)) == (start + timedelta(seconds=390), "aa", 32)
