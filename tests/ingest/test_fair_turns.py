"""Turns and shares: what one device, or many, have waiting neither fills the queues nor holds up the others."""

import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from deploy.supervision import wait_until
from ingest.arrivals import Arrival, Refusal
from ingest.batches import Work
from ingest.directory import Directory
from ingest.fair_queue import FairQueue
from ingest.refusals import KEPT_PER_MINUTE, RefusalBook
from ingest.storing import TURN_FIXES, Storer
from spatial.devices.models import RefusedMessage
from tests.ingest.cast import START
from tests.ingest.test_two_transactions import work_of

pytestmark = pytest.mark.django_db


def arrival(device: str, number: int) -> Arrival:
    return Arrival(f"tw/v1/s/{device}/positions", str(number).encode(), START)


def of(taken: list[Arrival]) -> list[str]:
    return [one.topic.split("/")[3] for one in taken]


def test_a_device_that_floods_waits_behind_its_own_messages():
    waiting = FairQueue()
    for number in range(4000):
        waiting.put(arrival("flood", number))
    waiting.put(arrival("calm", 1))
    taken = waiting.take(40, 0.0)
    assert of(taken) == ["flood"] * 15 + ["calm"] + ["flood"] * 24  # 32 KiB, of which a message alone costs two
    assert [one.payload for one in taken if "flood" in one.topic] == [str(number).encode() for number in range(39)]
    assert (len(waiting), FairQueue().take(1, 0.0)) == (3961, [])


@pytest.mark.parametrize("floods", [1, 3, 10, 50])
def test_however_many_flood_there_is_as_much_room_for_the_others_as_each_of_them_has(floods):
    waiting, counts = FairQueue(1000, 1_000_000), Counter[str]()
    for number in range(1000):
        for flood in range(floods):
            waiting.put(arrival(f"flood{flood}", number))
    share = 1000 // (floods + 1)
    while taken := waiting.take(10_000, 0.0):
        counts.update(of(taken))
    assert all(abs(count - share) <= 1 for count in counts.values())
    assert [waiting.put(arrival("calm", number)) for number in range(share // 2 - 1)] == [True] * (share // 2 - 1)
    assert set(waiting.turned_away()) == {f"flood{flood}" for flood in range(floods)}


def test_what_is_read_counts_until_it_is_settled():
    waiting = FairQueue(100, 10_000)
    assert sum(waiting.put(arrival("flood", number)) for number in range(500)) == 50
    taken = waiting.take(50, 0.0)
    assert not waiting.put(arrival("flood", 500))
    for one in taken:
        waiting.settle(one)
    assert waiting.put(arrival("flood", 500))
    assert waiting.turned_away() == {"flood": 451}
    assert waiting.turned_away() == {}


def test_bytes_are_shared_as_messages_are():
    waiting = FairQueue(100, 20_000)
    large = replace(arrival("large", 1), payload=b"x" * 6_000)
    assert [waiting.put(large) for _ in range(3)] == [True, True, False]
    assert [waiting.put(arrival("calm", number)) for number in range(2)] == [True, True]


def test_who_catches_up_beside_many_who_do_is_not_turned_away():
    waiting = FairQueue()
    for number in range(120):
        for device in range(100):  # 12,000 messages after an outage
            assert waiting.put(arrival(f"helmet{device}", number))


def test_turns_are_counted_in_bytes_and_one_taking_holds_a_mebibyte():
    waiting = FairQueue()
    batch = replace(arrival("batches", 1), payload=b"x" * 960_000)
    for _ in range(4):
        waiting.put(batch)
    for number in range(100):
        waiting.put(arrival("calm", number))
    taken = of(waiting.take(400, 0.0))
    assert taken[:100] == ["calm"] * 100  # seven turns; a batch has its own after thirty
    assert taken[100:] == ["batches"]
    assert of(waiting.take(400, 0.0)) == ["batches", "batches"]


def test_what_is_taken_and_put_back_comes_first_again():
    waiting = FairQueue()
    for number in range(3):
        waiting.put(arrival("calm", number))
    waiting.put_back(waiting.take(2, 0.0))
    assert [one.payload for one in waiting.take(9, 0.0)] == [b"0", b"1", b"2"]


@pytest.mark.parametrize("floods", [1, 3, 10])
def test_each_has_its_turn_in_every_commit_whatever_others_have_waiting(cast, floods):
    calm = work_of(cast, 1, cast.fix(START, -50))
    committed: list[list[int]] = []
    storer = Storer(lambda works: committed.append([len(work.received.placed) for work in works]))
    large = [flood_of(calm, f"flood{flood}", fixes=5_000) for flood in range(floods) for _ in range(20)]
    storer.put(large)
    storer.put([calm])
    storer.start()
    assert wait_until(lambda: sum(map(len, committed)) == len(large) + 1, 10)
    storer.stop()
    assert committed[0].count(1) == 1 and sum(committed[0]) <= (floods + 1) * TURN_FIXES + 5_000


def flood_of(calm: Work, code: str, *, fixes: int) -> Work:
    sender = calm.received.sender._replace(code=code)
    return Work(replace(calm.received, sender=sender, placed=np.repeat(calm.received.placed, fixes)))


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
