"""Deciding commits at once and storing later: a message between the two is neither lost nor doubled."""

import json
import time
from datetime import timedelta

import pytest

from ingest.arrivals import Arrival, read_arrivals
from ingest.batches import Work
from ingest.directory import Directory
from ingest.pipeline import decide_now, store
from ingest.urgency import Urgency
from spatial.alarms.models import Alarm
from spatial.fences.models import FenceEvent
from spatial.tracks.models import LatestPosition, Message, Position
from tests.ingest.cast import START, Cast

pytestmark = pytest.mark.django_db


def work_of(cast: Cast, seq: int, *fixes: dict) -> Work:
    payload = json.dumps({"v": 1, "boot": "beadbead", "seq": seq, "fixes": list(fixes)}).encode()
    topic = f"tw/v1/{cast.site.code}/{cast.helmet.code}/positions"
    received, refused = read_arrivals([Arrival(topic, payload, START)], Directory(time.monotonic))
    assert not refused
    return Work(received[0])


def entering(cast: Cast) -> tuple[dict, ...]:
    return tuple(cast.fix(START - timedelta(seconds=4 - n), east) for n, east in enumerate((-10, 5, 6, 7)))


def counts() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (Alarm, FenceEvent, LatestPosition, Message, Position))


def test_an_alarm_is_committed_before_its_positions_are_stored(cast):
    work = work_of(cast, 1, *entering(cast))
    decide_now([work], START)
    assert counts() == (1, 1, 1, 0, 0)
    store([work], START)
    assert counts() == (1, 1, 1, 1, 4)


def test_a_message_that_was_decided_and_not_stored_comes_again_and_changes_nothing_more(cast):
    decide_now([work_of(cast, 1, *entering(cast))], START)
    again = work_of(cast, 1, *entering(cast))
    decide_now([again], START)
    store([again], START)
    assert counts() == (1, 1, 1, 1, 4)
    store([work_of(cast, 1, *entering(cast))], START)
    assert counts() == (1, 1, 1, 1, 4)
    assert Position.objects.filter(plausible=False).count() == 0


def test_a_message_that_was_stored_is_not_decided_again(cast):
    store([work_of(cast, 1, *entering(cast))], START)
    batch = decide_now([work_of(cast, 1, *entering(cast))], START)
    assert batch.taken == []


def test_what_could_touch_a_zone_must_not_wait_and_what_is_far_may(cast):
    urgency = Urgency()
    near, far = work_of(cast, 1, cast.fix(START, -2)), work_of(cast, 2, cast.fix(START, -90))
    vague = work_of(cast, 3, cast.fix(START, -90, acc=80.0))
    assert urgency.of([one.received for one in (near, far, vague)]) == [True, False, True]
    urgency.note(decide_now([work_of(cast, 4, *entering(cast))], START))
    assert urgency.of([far.received]) == [True]  # who is inside may be leaving
