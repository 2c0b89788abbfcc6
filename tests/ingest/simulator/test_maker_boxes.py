"""Boxes of makers that the simulator plays in their own words: alone, and through the real broker and ingest."""

from __future__ import annotations

import json
from random import Random

import pytest
from django.utils import timezone

from deploy.supervision import wait_until
from ingest.device_mappings import save_mapping
from ingest.simulator.fleet_file import FleetFileRefused, read_fleet
from ingest.simulator.maker_boxes import MOST_HELD, RETRY_S, SimulatedBox
from spatial.devices.models import RefusedMessage
from spatial.devices.operations import register_device
from spatial.devices.rules import DeviceFacts
from spatial.devices.speaking import bind_stream, choose_mapping
from spatial.observations.models import Observation
from tests.ingest.conftest import manage
from webmap.demo.devices import BOX_EXAMPLE, BOX_MAPPING, BOXES, GAS_EXAMPLE, GAS_MAPPING, STREAMS, DemoBox

NINE = 1_772_326_800  # 2026-03-01 09:00:00 in Zhengzhou
BODY = {
    "code": "B1", "password": "p", "interval_s": 30, "speaks": "mapped",
    "waves": [{"quantity": "co", "base": 2.5, "places": 1}],
    "body": {"t": {"time": "%Y-%m-%d %H:%M", "zone": "Asia/Shanghai"}, "gas": [{"n": "CO", "v": {"wave": "co"}}]},
}  # fmt: skip


def box_of(send, **changes) -> SimulatedBox:
    fleet = {"site": "a", "mqtt": {"host": "h", "port": 1}, "devices": [], "boxes": [{**BODY, **changes}]}
    return SimulatedBox(read_fleet(fleet).boxes[0], "a", send, Random(1), 0.0)


def test_a_box_says_what_its_maker_says():
    box = box_of(lambda *_: True)
    assert box.topic == "tw/v1/a/B1/mapped"
    assert json.loads(box.message(NINE)) == {"t": "2026-03-01 09:00", "gas": [{"n": "CO", "v": 2.5}]}
    rows = [{"phenomenonTime": {"time": "iso"}, "result": {"wave": "co", "as": "text"}, "Datastream": {"@iot.id": "7"}}]
    counted = box_of(lambda *_: True, body={"ts": {"time": "unix"}, "co": {"wave": "co"}})
    assert json.loads(counted.message(NINE + 0.4)) == {"ts": NINE, "co": 2.5}
    other = box_of(lambda *_: True, speaks="sensorthings", body=rows)
    assert json.loads(other.message(NINE)) == [
        {"phenomenonTime": "2026-03-01T01:00:00+00:00", "result": "2.5", "Datastream": {"@iot.id": "7"}}
    ]


def test_a_box_without_a_connection_keeps_its_last_messages_and_sends_the_oldest_first():
    sent, connected = [], []
    box = box_of(lambda topic, payload: bool(connected) and not sent.append(json.loads(payload)["t"]))
    for minute in range(MOST_HELD + 5):
        box.work(100.0 + 60 * minute, (NINE + 60 * minute) * 1000)
    last = MOST_HELD + 5
    assert (sent, box.due() <= 100.0 + 60 * last + RETRY_S) == ([], True)
    connected.append(True)
    box.work(100.0 + 60 * last, (NINE + 60 * last) * 1000)
    assert sent == [f"2026-03-01 09:{minute:02d}" for minute in range(last - MOST_HELD + 1, last + 1)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"speaks": "morse"}, r"boxes\[0\]\.speaks: must be mapped or sensorthings"),
        ({"waves": []}, r"boxes\[0\]: needs waves"),
        ({"interval_s": 0.1}, r"interval_s of 1 to 86400"),
        ({"body": [{"wave": "h2s"}]}, r"boxes\[B1\]\.body: there is no wave of 'h2s'"),
        ({"body": {"time": "iso", "zone": "Mars/North"}}, r"there is no time zone 'Mars/North'"),
        ({"waves": [{"quantity": "co", "base": "much"}]}, r"boxes\[B1\]\.waves\[0\]"),
    ],
)
def test_a_box_that_cannot_be_played_is_refused_with_its_place(change, message):
    with pytest.raises(FleetFileRefused, match=message):
        box_of(lambda *_: True, **change)


def entry(box: DemoBox, code: str, password: str) -> dict:
    return {"code": code, "password": password, "interval_s": 1, "speaks": box.speaks, "waves": list(box.waves),
            "body": box.body}  # fmt: skip


def test_the_demos_boxes_are_heard_through_the_broker_by_mapping_and_by_sensorthings(
    services, live_cast, ingest, tmp_path
):
    now, site = timezone.now(), live_cast.site
    boxes, entries, devices = {box.code: box for box in BOXES}, [], {}
    for code, kind in (("ZD-G01", "gateway"), ("ZD-N02", "sensor"), ("ZD-N03", "sensor"), ("ZD-N01", "sensor")):
        speaks = boxes[code].speaks if code in boxes else "silent"
        devices[code], password = register_device(
            site=site, code=f"{code}-{site.code[-6:]}", name=code, kind=kind, report_interval_s=30,
            facts=DeviceFacts(protocol=speaks), actor=None, now=now,
        )  # fmt: skip
        entries += [entry(boxes[code], devices[code].code, password)] if code in boxes else []
    for code, mapping, example in (("ZD-N02", GAS_MAPPING, GAS_EXAMPLE), ("ZD-N03", BOX_MAPPING, BOX_EXAMPLE)):
        text, shown = json.dumps(mapping), json.dumps(example)
        version = save_mapping(site=site, name=code, text=text, example=shown, actor=None, now=now)
        choose_mapping(device=devices[code], version=version, actor=None, now=now)
    for stream_id, quantity, scale in STREAMS:
        bind_stream(
            sender=devices["ZD-G01"], stream_id=stream_id, device=devices["ZD-N01"], quantity=quantity, scale=scale,
            actor=None, now=now,
        )  # fmt: skip
    fleet = tmp_path / "fleet.json"
    address = {"host": services.mqtt_host, "port": services.mqtt_port}
    fleet.write_text(json.dumps({"site": site.code, "mqtt": address, "devices": [], "boxes": entries}))

    def heard(code: str) -> set[str]:
        rows = Observation.objects.filter(datastream__device=devices[code], time__gte=now.replace(microsecond=0))
        many = rows.values_list("datastream__quantity", "time").distinct()
        return {quantity for quantity, _ in many if sum(1 for other, _ in many if other == quantity) >= 3}

    simulator = manage("simulate_fleet", str(fleet), "--seed", "5", log=services.folder / "boxes.log")
    try:
        wanted = {
            "ZD-N01": {quantity for _, quantity, _ in STREAMS},
            "ZD-N02": {"oxygen", "co", "h2s", "lel"},
            "ZD-N03": {"residual_current_total", "cable_temperature"},
        }
        assert wait_until(lambda: {code: heard(code) for code in wanted} == wanted, 60)
    finally:
        simulator.terminate()
        assert simulator.wait(15) == 0
    assert not RefusedMessage.objects.filter(device_code__in=[device.code for device in devices.values()]).exists()
