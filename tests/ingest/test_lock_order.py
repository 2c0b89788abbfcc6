"""Two transactions of the storing that meet on one device wait for each other in one order and never in a circle."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from deploy.supervision import wait_until
from ingest.batches import Batch, Work
from ingest.pipeline import STORE, decide_now, store
from ingest.taking import note_attendance
from spatial.attendance.models import PresenceMark
from spatial.tracks.models import LatestPosition, Message, Position
from tests.ingest.cast import START, Cast
from tests.ingest.test_two_transactions import work_of

BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


class Storing(threading.Thread):
    """Stores works on a connection of its own; waits after the marks of presence until it is let go on."""

    def __init__(self, works: list[Work]) -> None:
        super().__init__()
        self.works, self.fault = works, None
        self.marked, self.go_on = threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            self.store()
        except Exception as error:
            self.fault = error
        finally:
            self.marked.set()
            connection.close()

    def store(self) -> None:
        batch = Batch(self.works, START)
        with transaction.atomic():
            for step in STORE:
                step(batch)
                if step is note_attendance:
                    self.marked.set()
                    assert self.go_on.wait(20)


class Whole(Storing):
    """Stores works as the service does."""

    def store(self) -> None:
        store(self.works, START)


def blocked() -> int:
    with connection.cursor() as cursor:
        cursor.execute(BLOCKED)
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_storing_what_was_decided_and_what_was_not_never_lock_in_a_circle(services: Any, live_cast: Cast):
    decided = work_of(live_cast, 1, live_cast.fix(START - timedelta(seconds=20), -90))
    decide_now([decided], START)
    undecided = work_of(live_cast, 2, live_cast.fix(START - timedelta(seconds=10), -80))
    first, second = Storing([decided]), Whole([undecided])
    first.start()
    assert first.marked.wait(20)
    second.start()
    assert wait_until(lambda: blocked() == 1, 20)
    first.go_on.set()
    for thread in (first, second):
        thread.join(20)
        assert thread.fault is None, thread.fault
    (mark,) = PresenceMark.objects.all()
    times = {getattr(mark, name) for name in ("first_inside", "last_inside", "first_outside", "last_outside")} - {None}
    assert times == {START - timedelta(seconds=20), START - timedelta(seconds=10)}
    assert (Message.objects.count(), Position.objects.count(), LatestPosition.objects.count()) == (2, 2, 1)
    assert LatestPosition.objects.get().fix_time == START - timedelta(seconds=10)


@pytest.mark.django_db(transaction=True)
def test_the_same_messages_from_two_sides_are_taken_once_in_whatever_order_they_come(services: Any, live_cast: Cast):
    works = [work_of(live_cast, number, live_cast.fix(START - timedelta(seconds=number), -90)) for number in range(40)]
    threads = [Whole(works), Whole(works[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert thread.fault is None, thread.fault
    assert (Message.objects.count(), Position.objects.count()) == (40, 40)
