"""A level that a sensor sends is the stock of its unit: from the message to the colour of the zone."""

from __future__ import annotations

import json
import time

import pytest
from django.utils import timezone

from ingest.directory import Directory
from ingest.posted import take_messages
from spatial.alarms.models import Alarm
from spatial.devices.operations import register_device
from spatial.major_hazards.following import follow_stream
from spatial.major_hazards.operations import SubstanceGiven, save_unit
from spatial.observations.models import Datastream
from tests.ingest.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_level_from_a_device_makes_its_unit_a_major_hazard_installation(cast: Cast) -> None:
    now = timezone.now()
    device, _ = register_device(
        site=cast.site, code="LVL-1", name="液位计", kind="sensor", report_interval_s=60, actor=None, now=now
    )
    unit = save_unit(
        site=cast.site, code="WHY-01", name="气瓶库", kind="storage", zone=cast.pit, exposed_people=0,
        responsible_name="李安", phone="", substances=[SubstanceGiven("acetylene", "", "2")], actor=cast.officer,
        now=now,
    )  # fmt: skip

    def say(number: int, level: float) -> str:
        reading = {"q": "tank_level", "t": int(time.time() * 1000), "value": level}
        body = {"v": 1, "boot": "beefbeef", "seq": number, "readings": [reading]}
        sender = Directory(time.monotonic).devices(["LVL-1"])["LVL-1"]
        (answer,) = take_messages(
            sender=sender, kind="messages", payloads=[json.dumps(body).encode()], now=timezone.now()
        )
        return answer.result

    assert say(1, 1.0) == "taken"
    row = unit.substances.get()
    follow_stream(
        substance=row, stream=Datastream.objects.get(device=device), factor="0.5", actor=cast.officer,
        now=timezone.now(),
    )  # fmt: skip
    row.refresh_from_db()
    assert float(row.amount_t) == 0.5
    assert say(2, 2.4) == "taken"
    unit.refresh_from_db()
    row.refresh_from_db()
    assert (float(row.amount_t), unit.standing) == (1.2, "source")
    assert Alarm.objects.get(rule="M-01", cleared_at=None).level == "red"
