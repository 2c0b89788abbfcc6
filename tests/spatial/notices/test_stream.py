"""The durable stream: visible in rising order, woken after the commit, never failing for want of Redis."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from spatial.notices.models import Event
from spatial.notices.operations import append_event, publish_wake_up
from spatial.notices.queries import events_since, latest_cursor, visible
from tests.spatial.conftest import NOW


def append(site, number: int) -> Event:
    return append_event(site=site, kind="test", payload={"number": number}, occurred_at=NOW)


@pytest.mark.django_db
def test_events_are_read_from_a_cursor_on_in_order(cast):
    cursor = latest_cursor()
    rows = [append(cast.site, number) for number in range(3)]
    assert [event.id for event in events_since(cursor=cursor)] == [row.id for row in rows]
    assert [event.payload["number"] for event in events_since(cursor=rows[0].id, limit=1)] == [1]
    far = cast.stranger.memberships.get().site
    assert events_since(cursor=cursor, sites=[far]) == []
    assert latest_cursor() == rows[2].id


@pytest.mark.django_db
def test_a_stranger_sees_no_event(cast):
    row = append(cast.site, 1)
    assert row in visible(cast.manager)
    assert row not in visible(cast.stranger)


@pytest.mark.django_db
def test_a_lost_wake_up_never_fails_the_transaction(cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        row = append(cast.site, 1)
    assert len(callbacks) == 1
    assert publish_wake_up(row.id, cast.site.pk) is False
    assert Event.objects.filter(pk=row.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_later_event_waits_for_an_earlier_transaction(cast):
    site, inside, order = cast.site, threading.Event(), []

    def second() -> None:
        inside.wait(10)
        try:
            order.append(("second", append(site, 2).id))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        order.append(("first", append(site, 1).id))
        inside.set()
        thread.join(0.5)  # it cannot end: the lock is held until this commit
        assert thread.is_alive()
    thread.join(10)
    assert [name for name, _ in order] == ["first", "second"]
    assert order[0][1] < order[1][1]
