"""Two transactions of the storing that meet on one device wait for each other in one order and never in a circle."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from ingest.batches import Batch, Work
from ingest.pipeline import STORE, decide_now, store
from ingest.taking import note_attendance
from spatial.attendance.models import PresenceMark
from spatial.tracks.models import LatestPosition, Message, Position
from tests.ingest.cast import START, Cast
from tests.ingest.meeting import Other, waits
from tests.ingest.test_two_transactions import work_of


def store_with_a_halt(works: list[Work], marked: threading.Event, go_on: threading.Event) -> None:
    """Store works as the service does, but wait after the marks of presence until it may go on."""
    batch = Batch(works, START)
    with transaction.atomic():
        for step in STORE:
            step(batch)
            if step is note_attendance:
                marked.set()
                assert go_on.wait(20)


@pytest.mark.django_db(transaction=True)
def test_storing_what_was_decided_and_what_was_not_never_lock_in_a_circle(services: Any, live_cast: Cast):
    decided = work_of(live_cast, 1, live_cast.fix(START - timedelta(seconds=20), -90))
    decide_now([decided], START)
    undecided = work_of(live_cast, 2, live_cast.fix(START - timedelta(seconds=10), -80))
    marked, go_on = threading.Event(), threading.Event()
    first = Other(lambda: store_with_a_halt([decided], marked, go_on))
    second = Other(lambda: store([undecided], START))
    first.start()
    assert marked.wait(20), first.fault
    second.start()
    waits(second)
    go_on.set()
    first.done()
    second.done()
    (mark,) = PresenceMark.objects.all()
    times = {getattr(mark, name) for name in ("first_inside", "last_inside", "first_outside", "last_outside")} - {None}
    assert times == {START - timedelta(seconds=20), START - timedelta(seconds=10)}
    assert (Message.objects.count(), Position.objects.count(), LatestPosition.objects.count()) == (2, 2, 1)
    assert LatestPosition.objects.get().fix_time == START - timedelta(seconds=10)


@pytest.mark.django_db(transaction=True)
def test_the_same_messages_from_two_sides_are_taken_once_in_whatever_order_they_come(services: Any, live_cast: Cast):
    works = [work_of(live_cast, number, live_cast.fix(START - timedelta(seconds=number), -90)) for number in range(40)]
    others = [Other(lambda: store(works, START)), Other(lambda: store(works[::-1], START))]
    for other in others:
        other.start()
    for other in others:
        other.done()
    assert (Message.objects.count(), Position.objects.count()) == (40, 40)
