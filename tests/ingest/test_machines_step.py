"""Messages of cranes, excavators and helmets through the whole pipeline: what moves raises alarms, once."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from ingest.arrivals import Arrival, read_arrivals
from ingest.batches import Batch, Work
from ingest.directory import Directory
from ingest.pipeline import decide_now, moved, store
from spatial.alarms.models import Alarm
from spatial.devices.operations import register_device
from spatial.machines.models import Machine, MachineEvent, MachineLatest
from spatial.machines.operations import register_machine
from spatial.observations.models import Observation
from spatial.observations.operations import make_partitions
from tests.ingest.cast import START, Cast, place

pytestmark = pytest.mark.django_db
CRANE = {"jib_m": 50.0, "counter_jib_m": 15.0, "jib_height_m": 60.0, "top_height_m": 67.0}


@pytest.fixture
def crane(cast: Cast) -> Machine:
    """A crane 30 m south of the pit's corner on ground of 100 m; its device is C1, the excavator's E1."""
    make_partitions(first_day=START.date())
    common: dict[str, Any] = {"site": cast.site, "actor": None, "now": START}
    box, _ = register_device(code="CR-1", name="黑匣子", kind="crane", report_interval_s=1, **common)
    tag, _ = register_device(code="EX-1", name="终端", kind="vehicle", report_interval_s=1, **common)
    lon, lat = place(0.0, -30.0)
    register_machine(
        code="E1", name="挖掘机", kind="excavator", devices=[tag],
        vehicle={"length_m": 6.0, "width_m": 3.0, "work_radius_m": 9.0}, **common,
    )  # fmt: skip
    return register_machine(
        code="T1", name="1号塔吊", kind="tower_crane", place=(lon, lat, 90.0), crane=CRANE, devices=[box], **common
    )


def message(code: str, number: int, **body: Any) -> bytes:
    return json.dumps({"v": 1, "boot": "b1b1b1b1", "seq": number, **body}).encode()


def pose(number: int, at: datetime, slew: float, load: float = 2.0) -> tuple[str, bytes]:
    values = {"slew_angle": slew, "trolley_position": 30.0, "hook_height": 40.0, "hoist_load": load}
    t = int(at.timestamp() * 1000)
    readings = [{"q": name, "t": t, "value": value} for name, value in values.items()]
    return "CR-1", message("CR-1", number, readings=readings)


def works(cast: Cast, messages: list[tuple[str, bytes]], at: datetime) -> list[Work]:
    arrivals = [Arrival(f"tw/v1/{cast.site.code}/{code}/messages", body, at) for code, body in messages]
    received, refused = read_arrivals(arrivals, Directory(time.monotonic))
    assert not refused, [refusal.reason for refusal in refused]
    return [Work(item) for item in received]


def send(cast: Cast, messages: list[tuple[str, bytes]], at: datetime) -> Batch:
    return store(works(cast, messages, at), at)


def seconds(count: float) -> datetime:
    return START + timedelta(seconds=count)


def helmet(cast: Cast, number: int, at: datetime, east: float, north: float) -> tuple[str, bytes]:
    return cast.helmet.code, message(cast.helmet.code, number, fixes=[cast.fix(at, east, north, h=91.6)])


def test_a_late_message_of_a_hoist_is_stored_like_any_other(cast: Cast, crane: Machine):
    common: dict[str, Any] = {"site": cast.site, "actor": None, "now": START}
    cage, _ = register_device(code="HO-1", name="笼", kind="hoist", report_interval_s=5, **common)
    register_machine(code="L1", name="1号升降机", kind="hoist", devices=[cage], **common)
    send(cast, [pose(1, seconds(10), 270.0)], seconds(10))
    readings = [{"q": "cage_height", "t": int(seconds(3).timestamp() * 1000), "value": 12.5}]
    send(cast, [("HO-1", message("HO-1", 1, readings=readings))], seconds(11))
    assert list(Observation.objects.filter(datastream__device=cage).values_list("value", flat=True)) == [12.5]


def test_a_load_comes_over_a_worker_whose_fix_came_before(cast: Cast, crane: Machine):
    send(cast, [helmet(cast, 1, START, 0.0, -60.0)], START)
    for number in range(4):
        batch = send(cast, [pose(number, seconds(1 + number), 270.0)], seconds(1 + number))
    alarm = Alarm.objects.get(rule="P-15")
    assert (alarm.person_name, alarm.raised_at, alarm.late) == ("张三", seconds(3), False)
    assert moved(batch) == {cast.site.pk: 1}
    assert Observation.objects.count() == 16
    assert MachineLatest.objects.get().machine_id == crane.pk


def test_messages_that_come_twice_raise_nothing_twice(cast: Cast, crane: Machine):
    send(cast, [helmet(cast, 1, START, 0.0, -60.0)], START)
    messages = [pose(number, seconds(1 + number), 270.0) for number in range(4)]
    for _ in range(2):
        send(cast, messages, seconds(5))
    assert Alarm.objects.filter(rule="P-15").count() == 1
    assert MachineEvent.objects.filter(rule="P-15").count() == 1


def test_a_worker_decided_at_once_is_judged_against_the_load_when_stored(cast: Cast, crane: Machine):
    send(cast, [pose(1, START, 270.0)], START)
    for number in range(1, 5):
        pending = works(cast, [helmet(cast, number, seconds(number), 0.0, -60.0)], seconds(number))
        decide_now(pending, seconds(number))
        store(pending, seconds(number))
    assert Alarm.objects.filter(rule="P-15", cleared_at__isnull=True).count() == 1


def test_an_excavator_and_a_worker_of_one_batch(cast: Cast, crane: Machine):
    messages = []
    for number in range(1, 5):
        fix = cast.fix(seconds(number), 100.0, 0.0, h=90.5)
        messages.append(("EX-1", message("EX-1", number, fixes=[fix])))
        messages.append(helmet(cast, number, seconds(number), 105.0, 0.0))
    send(cast, messages, seconds(5))
    assert Alarm.objects.get(rule="P-16").person_name == "张三"


def test_a_site_without_machines_is_left_alone(cast: Cast):
    send(cast, [helmet(cast, 1, START, 0.0, -60.0)], START)
    assert not MachineLatest.objects.exists()


def flat(cast: Cast, number: int, at: datetime, east: float, north: float) -> tuple[str, bytes]:
    """A helmet's fix without a height."""
    return cast.helmet.code, message(cast.helmet.code, number, fixes=[without_height(cast.fix(at, east, north))])


def without_height(fix: dict[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in fix.items() if name != "h"}, "h_ref": "none"}


def test_a_worker_of_unknown_height_is_possibly_under_the_load_one_level_lower(cast: Cast, crane: Machine):
    send(cast, [flat(cast, 1, START, 0.0, -60.0)], START)
    for number in range(4):
        send(cast, [pose(number, seconds(1 + number), 270.0)], seconds(1 + number))
    alarm = Alarm.objects.get(rule="P-15")
    assert (alarm.person_name, alarm.level, alarm.raised_at) == ("张三", "yellow", seconds(3))
    send(cast, [helmet(cast, 2, seconds(5), 0.0, -60.0), pose(9, seconds(5), 270.0)], seconds(5))
    alarm.refresh_from_db()
    assert alarm.level == "orange"


def test_a_worker_of_unknown_height_who_walks_under_a_load_is_seen(cast: Cast, crane: Machine):
    send(cast, [pose(0, seconds(0), 270.0)], seconds(0))
    for number in range(1, 5):
        send(cast, [flat(cast, number, seconds(number), 0.0, -60.0)], seconds(number))
    assert Alarm.objects.get(rule="P-15").level == "yellow"


def test_an_excavator_without_heights_is_a_danger_of_one_level_lower(cast: Cast, crane: Machine):
    send(cast, [helmet(cast, 1, START, 5.0, -60.0)], START)
    for number in range(1, 5):
        fix = without_height(cast.fix(seconds(number), 0.0, -60.0))
        send(cast, [("EX-1", message("EX-1", number, fixes=[fix]))], seconds(number))
    alarm = Alarm.objects.get(rule="P-16")
    assert (alarm.level, alarm.person_name) == ("yellow", "张三")
