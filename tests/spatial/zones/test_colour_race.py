"""No reader is shown a colour older than the facts in its own snapshot, however facts change at the same time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.benchmarks.city import make_city
from tests.spatial.zones.colour_race import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sites(transactional_db):
    since = timezone.now() - timedelta(days=40)
    return make_city(sites=12, points=120, tickets=600, since=since, name="赛城").sites


def test_no_reader_is_shown_an_old_colour(sites):
    found = race(sites, writers=2, writes=40, readers=2, readings=25)
    assert (found.writes, found.readings, found.old) == (80, 50, 0)
    assert found.sites_read > 100 and found.objects_read > 1000


def test_without_the_version_readers_are_shown_old_colours(sites, monkeypatch):
    monkeypatch.setattr("spatial.zones.cached_colours.FRESH", "true")
    assert race(sites, writers=2, writes=40, readers=2, readings=25).old > 0
