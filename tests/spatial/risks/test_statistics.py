"""Counts of risk points: every figure is a sum that can be checked by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from spatial.risks import statistics
from spatial.risks.operations import close_risk_point
from spatial.rulebook.queries import current_edition, table
from tests.spatial.conftest import LON, NOW
from tests.spatial.risks.test_operations import make_point, source
from tests.spatial.zones.test_history import revised

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LOW = source(scores={"L": 1, "E": 3, "C": 15}, accident_type="物体打击")
AFTER = source(residual_scores={"L": 1, "E": 6, "C": 15})


@pytest.fixture
def points(cast, zone_of_site):
    return [
        make_point(cast, "R-1", sources=[source(), LOW], now=NOW - 3 * DAY),
        make_point(cast, "R-2", sources=[LOW], lifted_level="project", now=NOW - 2 * DAY),
        make_point(cast, "R-3", sources=[AFTER], kind="facility", lon=LON + 0.003, now=NOW - 2 * DAY),
        make_point(cast, "R-4", sources=[LOW], direct_major_reason="DJ-03", now=NOW - DAY),
    ]


def test_grades_without_and_with_controls(cast, points):
    assert statistics.by_grade([cast.site.pk]) == ({4: 1, 3: 2, 2: 0, 1: 1}, {4: 1, 3: 1, 2: 1, 1: 1})


def test_kinds_accidents_levels_and_zones(cast, points, zone_of_site):
    site = [cast.site.pk]
    assert statistics.by_kind(site) == {
        "activity": {4: 1, 3: 1, 2: 0, 1: 1},
        "facility": {4: 0, 3: 1, 2: 0, 1: 0},
    }
    assert statistics.by_accident(site) == {"高处坠落": {4: 0, 3: 2, 2: 0, 1: 0}, "物体打击": {4: 0, 3: 0, 2: 0, 1: 3}}
    levels = statistics.by_lead_level(site, table(current_edition(on=NOW.date()), "risk_levels"))
    assert {level: sum(counts.values()) for level, counts in levels.items()} == {
        "company": 1, "project": 3, "team": 0, "post": 0,
    }  # fmt: skip
    assert statistics.by_zone(site) == {zone_of_site.pk: {4: 1, 3: 1, 2: 0, 1: 1}}
    assert statistics.by_site(site) == {cast.site.pk: {4: 1, 3: 2, 2: 0, 1: 1}}


def test_a_closed_point_is_counted_no_more_and_still_in_the_days_before(cast, points):
    close_risk_point(point=points[0], reason="完工", actor=None, now=NOW - timedelta(hours=1))
    revised(points[2], NOW - timedelta(minutes=1), sources=[LOW])
    days = statistics.trend([cast.site.pk], days=5, now=NOW, time_zone="Asia/Shanghai")
    assert [(f"{day.day:%m-%d}", tuple(day.counts.values())) for day in days] == [
        ("11-19", (0, 0, 0, 0)),
        ("11-20", (0, 1, 0, 0)),
        ("11-21", (0, 2, 0, 1)),
        ("11-22", (1, 2, 0, 1)),
        ("11-23", (1, 0, 0, 2)),
    ]
    assert statistics.by_grade([cast.site.pk])[0] == {4: 1, 3: 0, 2: 0, 1: 2}


def test_nothing_is_counted_where_there_is_nothing(cast):
    assert statistics.by_grade([]) == ({4: 0, 3: 0, 2: 0, 1: 0}, {4: 0, 3: 0, 2: 0, 1: 0})
    assert statistics.by_zone([cast.site.pk]) == {}
    days = statistics.trend([cast.site.pk], days=3, now=NOW, time_zone="Asia/Shanghai")
    assert [sum(day.counts.values()) for day in days] == [0, 0, 0]
