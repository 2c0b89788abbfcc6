"""What a gateway tells of a device's past is past: it was heard then, its battery was so then."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest

from ingest.arrivals import Arrival, read_arrivals
from ingest.batches import Work
from ingest.directory import Directory
from ingest.pipeline import store
from spatial.alarms.models import Alarm
from spatial.alarms.silence import follow_silence
from spatial.devices.models import Sighting
from spatial.devices.operations import register_device
from spatial.tracks.models import LatestPosition
from tests.ingest.cast import START, Cast

pytestmark = pytest.mark.django_db
LATER = START + timedelta(minutes=30)


@pytest.fixture
def gateway(cast: Cast) -> str:
    device, _ = register_device(
        site=cast.site, code=f"G-{cast.site.code[3:]}", name="gateway", kind="gateway", report_interval_s=5,
        person=None, actor=None, now=START,
    )  # fmt: skip
    return device.code


class Teller:
    """Sends messages of the helmet, by itself or by the gateway, on time or held back."""

    def __init__(self, cast: Cast, gateway: str) -> None:
        self.cast, self.gateway, self.sent = cast, gateway, 0

    def tell(self, received_at: Any, at: Any, battery: int, *, held_back: bool = False, places: bool = True) -> None:
        self.sent += 1
        fixes = {"fixes": [self.cast.fix(at, -50 + self.sent)]} if places else {}
        part = {"device": self.cast.helmet.code, "battery": battery, **fixes}
        body = {"v": 1, "boot": "beadbead", "seq": self.sent, "parts": [part]}
        topic = f"tw/v1/{self.cast.site.code}/{self.gateway}/messages" + ("/backfill" if held_back else "")
        received, refused = read_arrivals([Arrival(topic, json.dumps(body).encode(), received_at)],
                                          Directory(time.monotonic))  # fmt: skip
        assert not refused
        store([Work(item) for item in received], received_at)


@pytest.fixture
def teller(cast: Cast, gateway: str) -> Teller:
    return Teller(cast, gateway)


def batteries() -> Any:
    return Alarm.objects.filter(rule="P-11")


def test_a_low_battery_of_the_past_rings_late_and_one_older_than_what_is_known_not_at_all(teller):
    teller.tell(START, START - timedelta(hours=1), 8, held_back=True)
    assert [(one.late, one.raised_at) for one in batteries()] == [(True, START - timedelta(hours=1))]
    teller.tell(START, START, 80)
    assert batteries().get().cleared_at == START
    teller.tell(START + timedelta(seconds=20), START - timedelta(minutes=30), 8, held_back=True)
    assert batteries().count() == 1


def test_a_full_battery_of_the_past_clears_no_real_alarm(teller):
    teller.tell(START, START, 8)
    assert [(one.late, one.cleared_at) for one in batteries()] == [(False, None)]
    teller.tell(START + timedelta(seconds=20), START + timedelta(seconds=20), 8)
    teller.tell(START + timedelta(seconds=40), START + timedelta(seconds=10), 80, held_back=True)
    assert batteries().get().cleared_at is None
    assert LatestPosition.objects.get().battery_percent == 8
    teller.tell(START + timedelta(seconds=60), START + timedelta(seconds=60), 80)
    assert batteries().get().cleared_at == START + timedelta(seconds=60)


def test_a_gateway_that_sends_on_the_past_of_a_dead_helmet_does_not_end_its_silence(teller):
    teller.tell(START, START, 90)
    silent = Alarm.objects.filter(rule="P-10", device=teller.cast.helmet)
    follow_silence(now=LATER)
    before = silent.get()
    assert before.cleared_at is None
    for seconds in range(10, 60, 10):
        teller.tell(LATER, START + timedelta(seconds=seconds), 90, held_back=True)
    teller.tell(LATER, LATER, 90, held_back=True, places=False)
    follow_silence(now=LATER)
    assert silent.get().cleared_at is None
    assert Sighting.objects.get(device=teller.cast.helmet).received_at <= START + timedelta(seconds=50)
    assert LatestPosition.objects.get().received_at == START + timedelta(seconds=50)
    teller.tell(LATER, LATER, 90)
    follow_silence(now=LATER)
    assert silent.get().cleared_at == LATER
