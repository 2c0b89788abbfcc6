"""Two transactions that meet: both do their work, in whatever order; nobody is refused and nobody waits in a circle."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from ingest.arrivals import Arrival, read_arrivals
from ingest.batches import Work
from ingest.directory import Directory
from ingest.pipeline import store
from spatial.alarms.catalogue import policy
from spatial.alarms.device_alarms import raise_for_device
from spatial.alarms.models import Alarm
from spatial.alarms.operations import acknowledge_alarm, clear_alarm
from spatial.ledger.operations import record_act
from spatial.notices.models import Event
from spatial.notices.operations import append_event
from spatial.tracks.models import Message
from tests.ingest.cast import START, Cast, build_cast
from tests.ingest.meeting import Other, waits

pytestmark = pytest.mark.django_db(transaction=True)


def call_for_help(*calls: tuple[Cast, float]) -> list[Work]:
    """Messages of helmets that call for help, each so many seconds ago."""
    arrivals = []
    for number, (cast, ago_s) in enumerate(calls):
        time_ms = int((START - timedelta(seconds=ago_s)).timestamp() * 1000)
        body = {"v": 1, "boot": "beadbead", "seq": number, "signals": [{"kind": "sos", "t": time_ms}]}
        topic = f"tw/v1/{cast.site.code}/{cast.helmet.code}/messages"
        arrivals.append(Arrival(topic, json.dumps(body).encode(), START))
    received, refused = read_arrivals(arrivals, Directory(time.monotonic))
    assert not refused
    return [Work(item) for item in received]


def raised(cast: Cast, kind: str, at: Any = START) -> Alarm:
    return raise_for_device(
        cast.helmet,
        rule=policy()["signals"][kind]["rule"],
        level="red",
        condition=f"signal/{kind}",
        raised_at=at,
        received_at=START,
    )


def test_a_call_for_help_that_is_raised_twice_at_once_is_one_alarm_and_both_messages_are_taken(
    services: Any, live_cast: Cast
):
    works = call_for_help((live_cast, 1.0))
    other = Other(lambda: store(works, START))
    with transaction.atomic():
        raised(live_cast, "sos", START - timedelta(seconds=1))
        other.start()
        waits(other)
    other.done()
    assert (Alarm.objects.count(), Message.objects.count()) == (1, 1)


def test_who_acknowledges_while_ingest_has_another_alarm_of_the_site_in_hand_waits_in_the_same_order(
    services: Any, live_cast: Cast
):
    old = raised(live_cast, "fall", START - timedelta(seconds=50))
    other = Other(lambda: acknowledge_alarm(alarm=old, actor=live_cast.officer, now=START))
    with transaction.atomic():
        raised(live_cast, "sos")
        other.start()
        waits(other)
        clear_alarm(alarm=old, cleared_at=START, received_at=START)
    other.done()
    old.refresh_from_db()
    assert old.cleared_at is not None and old.acknowledged_by == live_cast.officer


def test_a_batch_of_two_organisations_takes_both_chains_before_the_stream(services: Any, live_cast: Cast):
    second = build_cast()
    calls = sorted((live_cast, second), key=lambda cast: cast.site.pk)
    works = call_for_help((calls[0], 9.0), (calls[1], 3.0))
    other = Other(lambda: store(works, START))
    with transaction.atomic():
        record_act(
            organisation=calls[1].organisation, site=calls[1].site, actor=None, verb="test", subject_kind="site",
            subject_id=calls[1].site.pk, details={}, occurred_at=START, received_at=START,
        )  # fmt: skip
        other.start()
        waits(other)
        append_event(site=calls[1].site, kind="zone_changed", payload={}, occurred_at=START)
    other.done()
    assert Alarm.objects.count() == 2
    assert Event.objects.filter(kind="alarm_raised").count() == 2
