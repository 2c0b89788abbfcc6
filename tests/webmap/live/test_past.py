"""Any past moment through the API: as it was, for those who may see the site, and only the past."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from spatial.zones.models import Zone
from spatial.zones.operations import end_triggers
from tests.webmap.field_cast import Cast, build_cast
from tests.webmap.live.test_stream import ticket_due_at
from webmap.live.past_state import past_state
from webmap.live.state import site_state

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db, settings, tmp_path) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    return build_cast()


def get(client, user, path: str, **query):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(f"/api/v1/{path}", {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in query.items()})


def test_a_red_hour_is_still_red_after_everything_was_put_right(client, cast: Cast):
    now = timezone.now()
    hazard = ticket_due_at(cast, now + timedelta(seconds=1))
    due = hazard.deadline
    end_triggers(source_kind="hazard", source_id=hazard.pk, at=due + timedelta(hours=1))
    red = past_state(cast.site, at=due + timedelta(minutes=30), named=True)
    green = past_state(cast.site, at=due + timedelta(hours=2), named=True)
    assert (red.site.grade, red.counts.overdue, [t.number for t in red.tickets]) == (4, 1, [hazard.number])
    assert (green.site.grade, green.counts.overdue) == (1, 0)
    answer = get(client, cast.manager, "sites/field/past", at=now - timedelta(days=1))
    assert (answer.status_code, answer.json()["site"]["grade"], answer.json()["tickets"]) == (200, 1, [])


def test_the_past_says_what_the_live_page_said(cast: Cast):
    now = timezone.now()
    ticket_due_at(cast, now + timedelta(hours=2))
    at = timezone.now()
    live, past = site_state(cast.site, now=at, named=True), past_state(cast.site, at=at, named=True)
    for name in ("site", "zones", "risk_points", "elements", "tickets", "alarms", "next_change_at"):
        assert repr(getattr(live, name)) == repr(getattr(past, name)), name


def test_zones_are_drawn_as_they_were(client, cast: Cast):
    now = timezone.now()
    Zone.objects.filter(pk=cast.edge.pk).update(
        name="二层临边(已封闭)", active=False, known_from=now - timedelta(hours=1)
    )
    names = [
        [
            f["properties"]["name"]
            for f in get(client, cast.manager, "sites/field/zones.geojson", at=at).json()["features"]
        ]
        for at in (now - timedelta(hours=2), now - timedelta(minutes=1))
    ]
    assert names == [["二层临边"], []]


def test_the_history_of_a_day_and_of_the_region(client, cast: Cast):
    now = timezone.now()
    answer = get(client, cast.manager, "sites/field/colour-history", since=now - timedelta(hours=1), until=now)
    assert answer.json() | {"since": 0, "until": 0} == {
        "since": 0, "until": 0, "grade_at_start": 1, "complete": True, "steps": [],
    }  # fmt: skip
    region = get(client, cast.manager, "region/past", at=now)
    assert [(s["code"], s["grade"]) for s in region.json()["sites"]] == [("field", 1)]
    others = get(client, cast.stranger, "region/past", at=now).json()["sites"]
    assert [site["code"] for site in others] == ["next-door"]


def test_strangers_find_nothing_and_the_future_is_refused(client, cast: Cast):
    now = timezone.now()
    assert get(client, cast.stranger, "sites/field/past", at=now).status_code == 404
    assert get(client, cast.stranger, "sites/field/colour-history", since=now, until=now).status_code == 404
    late = get(client, cast.manager, "sites/field/past", at=now + timedelta(hours=1))
    assert late.status_code == 422 and "only the past" in late.json()["detail"]
    naive = get(client, cast.manager, "sites/field/past", at="2026-01-05T09:00:00")
    assert naive.status_code == 422 and "time zone" in naive.json()["detail"]
    long = get(client, cast.manager, "sites/field/colour-history", since=now - timedelta(days=40), until=now)
    assert long.status_code == 422
