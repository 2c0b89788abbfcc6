"""Two requests at the same moment: the same event changes things once, different ones get different numbers."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from spatial.hazards.models import Hazard
from spatial.hazards.operations import report_hazard
from spatial.ledger.queries import verify_chain
from spatial.notices.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def report_at_once(cast, place, photos: list[bytes], event_ids: list[str]) -> list[Hazard]:
    """Report from as many threads as there are photos, all let go together."""
    gate = threading.Barrier(len(photos))

    def report(picture: bytes, event_id: str) -> Hazard:
        try:
            gate.wait(10)
            return report_hazard(
                site=cast.site,
                anchor_at=place,
                description="临边",
                photos=[picture],
                found_at=cast.now,
                actor=cast.worker,
                now=cast.now,
                client_event_id=event_id,
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(len(photos)) as pool:
        return list(pool.map(report, photos, event_ids))


def test_the_same_client_event_sent_twice_at_once_is_one_ticket(cast, place, photo):
    first, second = report_at_once(cast, place, [photo(1), photo(1)], ["e-1", "e-1"])
    assert first.pk == second.pk
    assert Hazard.objects.count() == 1
    assert Event.objects.filter(kind="hazard_changed").count() == 1


def test_reports_at_once_have_numbers_of_their_own_and_one_whole_chain(cast, place, photo):
    found = report_at_once(cast, place, [photo(n) for n in range(4)], ["a", "b", "c", "d"])
    assert sorted(hazard.number for hazard in found) == [f"YH-tower-202611-000{n}" for n in range(1, 5)]
    assert verify_chain(cast.site.organisation) == []
