"""Deciding commits at once and storing later: a message between the two is neither lost nor doubled, and fair turns."""

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from ingest.arrivals import Arrival, Refusal, read_arrivals
from ingest.batches import Work
from ingest.directory import Directory
from ingest.fair_queue import FairQueue
from ingest.pipeline import decide_now, store
from ingest.refusals import KEPT_PER_MINUTE, RefusalBook
from ingest.urgency import Urgency
from spatial.alarms.models import Alarm
from spatial.devices.models import RefusedMessage
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


def arrival(device: str, number: int) -> Arrival:
    return Arrival(f"tw/v1/s/{device}/positions", str(number).encode(), START)


def test_a_device_that_floods_waits_behind_its_own_messages():
    waiting = FairQueue()
    for number in range(5000):
        waiting.put(arrival("flood", number))
    waiting.put(arrival("calm", 1))
    taken = waiting.take(4, 0.0)
    assert [one.topic.split("/")[3] for one in taken] == ["flood", "calm", "flood", "flood"]
    assert [one.payload for one in taken if "flood" in one.topic] == [b"0", b"1", b"2"]
    assert (len(waiting), FairQueue().take(1, 0.0)) == (4997, [])


def of(taken: list[Arrival]) -> list[str]:
    return [one.topic.split("/")[3] for one in taken]


def test_beside_others_a_device_has_no_more_waiting_than_its_share_and_the_rest_is_counted():
    waiting = FairQueue(most_messages=100, most_bytes=10_000)
    assert all(waiting.put(arrival("alone", number)) for number in range(500))  # nobody is harmed
    assert waiting.put(arrival("calm", 1))
    assert not waiting.put(arrival("alone", 500))
    large = replace(arrival("large", 1), payload=b"x" * 6_000)
    assert [waiting.put(large) for _ in range(3)] == [True, True, False]
    assert [waiting.put(arrival("calm", number)) for number in range(2)] == [True, True]
    assert waiting.turned_away() == {"alone": 1, "large": 1}
    assert waiting.turned_away() == {}


def test_turns_are_counted_in_bytes_and_one_taking_holds_a_mebibyte():
    waiting = FairQueue()
    batch = replace(arrival("batches", 1), payload=b"x" * 960_000)
    for _ in range(4):
        waiting.put(batch)
    for number in range(100):
        waiting.put(arrival("calm", number))
    taken = of(waiting.take(400, 0.0))
    assert taken.index("batches") >= 25  # thirty turns of 32 KiB have passed before a batch has its own
    assert (taken.count("calm"), taken.count("batches")) == (59, 2)
    rest = of(waiting.take(400, 0.0))
    assert (rest.count("calm"), rest.count("batches")) == (41, 2)


def test_a_device_of_which_much_is_under_way_has_no_turn_until_it_is_stored():
    waiting = FairQueue()
    for device in ("batches", "batches", "calm"):
        waiting.put(arrival(device, 1))
    assert of(waiting.take(400, 0.0, holding={"batches"})) == ["calm"]
    assert of(waiting.take(400, 0.0, holding={"batches"})) == []
    assert of(waiting.take(400, 0.0)) == ["batches", "batches"]


def test_what_is_turned_away_stands_among_the_refused_messages_of_its_device(cast):
    book = RefusalBook(time.monotonic)
    sender = Directory(time.monotonic).devices([cast.helmet.code])[cast.helmet.code]
    book.count(cast.helmet.code, 40, START, sender)
    book.flush()
    book.count(cast.helmet.code, 2, START, sender)
    book.flush()
    book.flush()
    row = RefusedMessage.objects.get()
    assert (row.device_code, row.site_id, row.repeats) == (cast.helmet.code, cast.site.pk, 41)
    assert row.reason.startswith("queue: more messages wait")


def test_a_flood_of_refusals_keeps_twenty_rows_and_a_count(db):
    moment = [0.0]
    book = RefusalBook(lambda: moment[0])
    for number in range(5000):
        book.note(Refusal(arrival("flood", number), "not UTF-8 JSON", "flood"))
    book.note(Refusal(arrival("other", 1), "v: must be 1", "other"))
    book.flush()
    book.flush()
    rows = RefusedMessage.objects.filter(device_code="flood")
    assert rows.count() == KEPT_PER_MINUTE
    assert sum(row.repeats for row in rows) == 5000 - KEPT_PER_MINUTE
    assert RefusedMessage.objects.get(device_code="other").repeats == 0
    moment[0] = 61.0
    book.note(Refusal(arrival("flood", 1), "not UTF-8 JSON", "flood"))
    book.flush()
    assert rows.all().count() == KEPT_PER_MINUTE + 1
