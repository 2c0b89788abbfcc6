"""A device whose messages are refused by the hundred is held short: few of them wait, the rest is counted unread."""

from __future__ import annotations

from ingest.arrivals import Arrival, Refusal
from ingest.fair_queue import MOST_OF_A_FLOOD, FairQueue
from ingest.refusals import FLOOD_PER_MINUTE, RefusalBook
from tests.ingest.cast import START


def arrival(device: str) -> Arrival:
    return Arrival(f"tw/v1/zd-1/{device}/positions", b"{", START)


def test_of_a_device_that_floods_few_messages_wait_and_of_the_others_all():
    queue = FairQueue()
    queue.hold_short({"BAD"})
    assert [queue.put(arrival("BAD")) for _ in range(MOST_OF_A_FLOOD + 3)] == [True] * MOST_OF_A_FLOOD + [False] * 3
    assert all(queue.put(arrival("GOOD")) for _ in range(MOST_OF_A_FLOOD + 3))
    assert queue.turned_away() == {"BAD": 3}
    assert queue.turned_away() == {}
    assert len(queue) == 2 * MOST_OF_A_FLOOD + 3


def test_hundreds_of_refusals_in_a_minute_are_a_flood_and_what_is_unread_is_counted():
    now = [0.0]
    book = RefusalBook(lambda: now[0])
    for _ in range(FLOOD_PER_MINUTE - 1):
        book.note(Refusal(arrival("BAD"), "v: must be 1", "BAD"))
    book.note(Refusal(arrival("GOOD"), "v: must be 1", "GOOD"))
    assert book.flooding() == set()
    book.count("BAD", 40, START)  # more waiting than its share is no flood by itself
    assert book.flooding() == set()
    book.note(Refusal(arrival("BAD"), "v: must be 1", "BAD"))
    assert book.flooding() == {"BAD"}
    book.count("BAD", 40, START)
    assert book.flooding() == {"BAD"}
