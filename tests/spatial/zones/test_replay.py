"""Laws of the past: whatever happens later, a past moment keeps its colour; adding what is bad never helps."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatial.places.operations import move_anchor
from spatial.risks.models import RiskPoint
from spatial.risks.operations import set_risk_point_state
from spatial.zones.history import grade_history, moments_of_change
from spatial.zones.operations import end_triggers
from spatial.zones.queries import site_colours
from spatial.zones.set_colours import site_grades
from tests.spatial.conftest import LAT, LON, NOW
from tests.spatial.risks.test_operations import make_point, source
from tests.spatial.zones.test_history import HOUR, revised, trigger
from tests.spatial.zones.test_queries import assert_sql_agrees

pytestmark = pytest.mark.django_db
KINDS = ("HAZ_GENERAL_OPEN", "HAZ_GENERAL_OVERDUE", "ALARM_RED", "ALARM_YELLOW", "CONTROL_MISSED", "SENSOR_LOST")
SCORES = ({"L": 1, "E": 3, "C": 15}, {"L": 3, "E": 6, "C": 15}, {"L": 6, "E": 6, "C": 40})
SITE_DATA = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class Undo(Exception):
    """Takes an example's rows back."""


def frozen(cast, at: datetime) -> bytes:
    """Return everything that the rule says about a site at a moment, as bytes."""
    said = asdict(site_colours(cast.site, now=at))
    for part in ("zones", "risk_points", "zones_of_points"):
        said[part] = sorted((str(key), value) for key, value in said[part].items())
    return json.dumps(said, default=str, sort_keys=True, ensure_ascii=False).encode()


def plain(colours: Any) -> dict[str, Any]:
    return {"site": colours.grade, **{key: c.grade for key, c in (colours.zones | colours.risk_points).items()}}


def act(cast, zone, action: str, number: int, pick: int, now: datetime) -> None:
    """Do one thing that people or devices do, at a moment; what cannot be done now is left out."""
    points = list(RiskPoint.objects.order_by("code"))
    point = points[pick % len(points)] if points else None
    kind = KINDS[pick % len(KINDS)]
    if action == "point":
        make_point(cast, f"R-{number:02}", sources=[source(scores=SCORES[pick % 3])], now=now)
    elif action == "start":
        trigger(
            cast, kind, risk_point=point if pick % 2 else None, zone=None if pick % 2 else zone, starts_at=now, now=now
        )
    elif action == "deadline":
        trigger(
            cast, "HAZ_GENERAL_OVERDUE", risk_point=point, starts_at=now + pick * HOUR, source_id=f"d{pick}", now=now
        )
    elif action == "late":
        trigger(cast, "ALARM_ORANGE", zone=zone, starts_at=now - 2 * HOUR, source_id=f"late{number}", now=now)
    elif action == "end":
        end_triggers(source_kind="test", source_id=kind, at=now)
    elif action == "end deadline":
        end_triggers(source_kind="test", source_id=f"d{pick}", at=now)
    elif action == "zone":
        zone.top_m, zone.known_from = 100.0 + pick, now
        zone.save()
    elif point is None:
        return
    elif action == "revise":
        revised(point, now, sources=[source(scores=SCORES[pick % 3])])
    elif action == "move":
        away = Point(LON + 0.0008 * (pick % 3), LAT, 96.0 + pick, srid=4490)
        move_anchor(anchor=point.anchor, geometry=away, actor=None, now=now)
    elif action == "state":
        set_risk_point_state(
            point=point, state=("active", "suspended", "closed")[pick % 3], reason="x", actor=None, now=now
        )


ACTIONS = st.tuples(
    st.sampled_from(("point", "start", "deadline", "late", "end", "end deadline", "zone", "revise", "move", "state")),
    st.integers(0, 7),
    st.integers(1, 240),
)


@given(story=st.lists(ACTIONS, min_size=3, max_size=14))
@SITE_DATA
def test_whatever_happens_later_the_past_is_the_same_to_the_byte(cast, zone_of_site, story):
    with pytest.raises(Undo), transaction.atomic():
        now, seen = NOW, {}
        for number, (action, pick, minutes) in enumerate(story):
            now += timedelta(minutes=minutes)
            act(cast, zone_of_site, action, number, pick, now)
            half = now + timedelta(seconds=30)
            seen[now], seen[half] = frozen(cast, now), frozen(cast, half)
        assert {at: frozen(cast, at) for at in seen} == seen
        for at in list(seen)[:: max(1, len(seen) // 4)]:
            assert_sql_agrees([cast.site], at)
        raise Undo


@given(story=st.lists(ACTIONS, min_size=2, max_size=10), pick=st.integers(0, 7), minutes=st.integers(-600, 600))
@SITE_DATA
def test_adding_an_overdue_ticket_never_lowers_a_colour(cast, zone_of_site, story, pick, minutes):
    with pytest.raises(Undo), transaction.atomic():
        now = NOW
        for number, (action, which, gap) in enumerate(story):
            now += timedelta(minutes=gap)
            act(cast, zone_of_site, action, number, which, now)
        moments = [now + step * HOUR for step in (0, 1, 5, 30)]
        before = [plain(site_colours(cast.site, now=at)) for at in moments]
        points = list(RiskPoint.objects.all())
        target = points[pick % len(points)] if points else None
        trigger(
            cast, "HAZ_GENERAL_OVERDUE", source_id="added", risk_point=target,
            starts_at=now + timedelta(minutes=minutes), now=now,
        )  # fmt: skip
        after = [plain(site_colours(cast.site, now=at)) for at in moments]
        assert all(grades[key] >= was[key] for was, grades in zip(before, after, strict=True) for key in was)
        end_triggers(source_kind="test", source_id="added", at=now + timedelta(seconds=1))
        assert [plain(site_colours(cast.site, now=at)) for at in moments[1:]] == before[1:]
        raise Undo


@given(story=st.lists(ACTIONS, min_size=3, max_size=12))
@SITE_DATA
def test_between_two_moments_of_change_nothing_changes(cast, zone_of_site, story):
    with pytest.raises(Undo), transaction.atomic():
        now = NOW
        for number, (action, pick, minutes) in enumerate(story):
            now += timedelta(minutes=minutes)
            act(cast, zone_of_site, action, number, pick, now)
        until = now + 10 * HOUR
        history = grade_history(cast.site, since=NOW, until=until)
        probes = [NOW + step * (until - NOW) / 37 for step in range(38)]
        for at in probes:
            passed = [step.after for step in history.steps if step.at <= at]
            expected = passed[-1] if passed else history.grade_at_start
            assert site_grades([cast.site], now=at)[cast.site.pk] == expected
        raise Undo


def test_a_period_tells_what_came_and_went_and_says_when_it_is_cut(cast, zone_of_site):
    make_point(cast)
    trigger(cast, "HAZ_GENERAL_OVERDUE", zone=zone_of_site, starts_at=NOW + HOUR)
    end_triggers(source_kind="test", source_id="HAZ_GENERAL_OVERDUE", at=NOW + 3 * HOUR)
    history = grade_history(cast.site, since=NOW, until=NOW + 5 * HOUR)
    steps = [((s.at - NOW) / HOUR, s.before, s.after, [r.kind for r in s.came], [r.kind for r in s.went])
             for s in history.steps]  # fmt: skip
    assert (history.grade_at_start, history.complete) == (3, True)
    assert steps == [
        (1.0, 3, 4, ["HAZ_GENERAL_OVERDUE"], ["RISK_POINT"]),
        (3.0, 4, 3, ["RISK_POINT"], ["HAZ_GENERAL_OVERDUE"]),
    ]
    assert moments_of_change(cast.site, since=NOW, until=NOW + 5 * HOUR, limit=9) == [NOW + HOUR, NOW + 3 * HOUR]
    cut = grade_history(cast.site, since=NOW, until=NOW + 5 * HOUR, limit=1)
    assert (cut.complete, cut.until, len(cut.steps)) == (False, NOW + HOUR, 1)
