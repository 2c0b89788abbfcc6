"""What reads older positions reads them folded into segments too: replay, roll, heat, and late fixes."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from ingest.arrivals import Arrival, read_arrivals
from ingest.batches import Work
from ingest.directory import Directory
from ingest.pipeline import store
from spatial.devices.operations import register_device
from spatial.fences.models import FenceEvent
from spatial.machines.operations import register_machine
from spatial.machines.past import states_at
from spatial.tracks.folding import fold_positions
from spatial.tracks.models import Position
from spatial.tracks.operations import make_partitions
from tests.ingest.cast import START, Cast
from webmap.live.roll import roll_of
from webmap.pages.heat.person_time import person_minutes

pytestmark = pytest.mark.django_db


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def send(cast: Cast, number: int, *fixes: dict[str, Any], code: str = "", heard: float) -> None:
    make_partitions(first_day=START.date())
    payload = json.dumps({"v": 1, "boot": "b1b1b1b1", "seq": number, "fixes": list(fixes)}).encode()
    topic = f"tw/v1/{cast.site.code}/{code or cast.helmet.code}/messages"
    received, refused = read_arrivals([Arrival(topic, payload, at(heard))], Directory(time.monotonic))
    assert not refused, refused
    store([Work(item) for item in received], at(heard))


def fold(seconds: float) -> None:
    assert fold_positions(now=at(seconds)).fixes > 0
    assert Position.objects.count() == 0


def test_the_roll_and_the_heat_of_a_morning_are_those_of_before_it_was_folded(cast: Cast):
    send(cast, 1, *[cast.fix(at(10 * number), -200 + number) for number in range(30)], heard=300)
    spans = {"since": at(-60), "until": at(3600)}
    roll = [entry.since for entry in roll_of(cast.site, now=at(400), named=True).items]
    heat = sum(point.weight for point in person_minutes(cast.site, **spans))
    fold(3600)
    assert roll == [int(START.timestamp() * 1000)]
    assert [entry.since for entry in roll_of(cast.site, now=at(400), named=True).items] == roll
    assert heat == pytest.approx(29 / 6 + 1)
    assert sum(point.weight for point in person_minutes(cast.site, **spans)) == pytest.approx(heat)


def test_the_replay_of_an_hour_ago_has_its_vehicles(cast: Cast):
    tag, _ = register_device(
        site=cast.site, code="EX-1", name="终端", kind="vehicle", report_interval_s=1, actor=None, now=START
    )
    machine = register_machine(
        site=cast.site, code="E1", name="挖掘机", kind="excavator", devices=[tag], actor=None, now=START,
        vehicle={"length_m": 6.0, "width_m": 3.0, "work_radius_m": 9.0},
    )  # fmt: skip
    send(cast, 1, *[cast.fix(at(number), -200 + number) for number in range(30)], code="EX-1", heard=31)
    before = states_at(cast.site, at(29))[1][machine.pk].place
    fold(3600)
    after = states_at(cast.site, at(29))[1][machine.pk].place
    assert before is not None and after is not None
    assert (after.x, after.y) == pytest.approx((before.x, before.y), abs=0.02)


def test_a_late_fix_is_judged_beside_its_folded_neighbours(cast: Cast):
    """Far from the pit all along: one late fix that cannot be (400 m in a second) is doubted, as it is unfolded."""
    send(cast, 1, *[cast.fix(at(number), -400) for number in range(0, 60, 2)], heard=61)
    fold(3600)
    send(cast, 2, cast.fix(at(31), 5), heard=3601)
    assert not FenceEvent.objects.exists()
    send(cast, 3, cast.fix(at(33), 5), heard=3602)
    assert not FenceEvent.objects.exists()
