"""Any past moment: colours are computed again from what was known then, and say the same as they did."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from spatial.places.models import FormerAnchor
from spatial.places.operations import move_anchor
from spatial.risks.models import FormerRiskPoint, RiskPoint
from spatial.risks.operations import RiskRefused, close_risk_point, revise_risk_point, set_risk_point_state
from spatial.risks.rules import LevelRefused
from spatial.rulebook.queries import current_edition
from spatial.zones.models import FormerTrigger, FormerZone, Trigger, Zone
from spatial.zones.operations import end_triggers, start_trigger
from spatial.zones.queries import site_colours
from tests.spatial.conftest import LAT, LON, NOW
from tests.spatial.risks.test_operations import PEOPLE, make_point, source
from tests.spatial.zones.test_queries import assert_sql_agrees

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def trigger(cast, kind: str, **changes) -> Trigger:
    fields = {
        "site": cast.site,
        "kind": kind,
        "starts_at": NOW,
        "source_kind": "test",
        "source_id": kind,
        "source_label": kind,
        "edition": current_edition(on=NOW.date()),
        "now": NOW,
    }
    return start_trigger(**(fields | changes))


def revised(point: RiskPoint, now: datetime, **changes) -> RiskPoint:
    fields = {
        "point": point,
        "name": point.name,
        "kind": point.kind,
        "anchor": point.anchor,
        "sources": [source()],
        "responsible": PEOPLE,
        "actor": None,
        "now": now,
    }
    return revise_risk_point(**(fields | changes))


def grades(cast, at: datetime) -> tuple[int, list[int]]:
    colours = site_colours(cast.site, now=at)
    return colours.grade, sorted(colour.grade for colour in colours.risk_points.values())


def test_a_grade_that_was_lowered_is_still_high_in_the_past(cast):
    point = make_point(cast)
    revised(point, NOW + 2 * HOUR, sources=[source(scores={"L": 1, "E": 3, "C": 15})])
    assert [grades(cast, NOW + step * HOUR) for step in (0, 1.99, 2, 3)] == [(3, [3]), (3, [3]), (1, [1]), (1, [1])]
    assert [grades(cast, NOW - HOUR)] == [(0, [])]
    assert_sql_agrees([cast.site], NOW + HOUR)
    assert_sql_agrees([cast.site], NOW + 2 * HOUR)
    was = FormerRiskPoint.objects.get()
    assert (was.risk_point_id, was.source_grade, was.known_from, was.known_to) == (point.pk, 3, NOW, NOW + 2 * HOUR)


def test_the_reason_of_a_grade_says_since_when_it_is_so(cast):
    point = make_point(cast)
    revised(point, NOW + HOUR, name="基坑临边(东侧)")
    colour = site_colours(cast.site, now=NOW + HOUR).risk_points[point.pk]
    assert [(r.label, r.since) for r in colour.reasons] == [("R-01 基坑临边(东侧)", NOW)]
    revised(point, NOW + 2 * HOUR, sources=[source(scores={"L": 1, "E": 3, "C": 15})])
    assert site_colours(cast.site, now=NOW + 2 * HOUR).risk_points[point.pk].reasons[0].since == NOW + 2 * HOUR


def test_a_trigger_that_ended_and_went_on_shows_its_gap(cast):
    trigger(cast, "HAZ_GENERAL_OVERDUE")
    end_triggers(source_kind="test", source_id="HAZ_GENERAL_OVERDUE", at=NOW + HOUR)
    trigger(cast, "HAZ_GENERAL_OVERDUE", now=NOW + 3 * HOUR)
    assert [grades(cast, NOW + step * HOUR)[0] for step in (0, 0.99, 1, 2.99, 3, 9)] == [4, 4, 0, 0, 4, 4]
    assert Trigger.objects.count() == 1
    assert FormerTrigger.objects.count() == 2


def test_news_that_come_late_do_not_change_the_past(cast):
    trigger(cast, "ALARM_RED", starts_at=NOW - HOUR, now=NOW)
    end_triggers(source_kind="test", source_id="ALARM_RED", at=NOW - 50 * MINUTE, now=NOW + HOUR)
    at = [NOW - 30 * MINUTE, NOW, NOW + 59 * MINUTE, NOW + HOUR]
    assert [grades(cast, moment)[0] for moment in at] == [0, 4, 4, 1]


def test_a_deadline_that_was_kept_never_reddens_but_was_known(cast):
    trigger(cast, "HAZ_GENERAL_OVERDUE", starts_at=NOW + 5 * HOUR)
    end_triggers(source_kind="test", source_id="HAZ_GENERAL_OVERDUE", at=NOW + HOUR)
    assert [grades(cast, NOW + step * HOUR)[0] for step in (0, 1, 6)] == [0, 0, 0]
    assert site_colours(cast.site, now=NOW).next_change_at == NOW + 5 * HOUR
    assert site_colours(cast.site, now=NOW + HOUR).next_change_at is None


def test_a_point_that_moved_and_a_zone_that_changed_hold_each_other_as_they_did(cast, zone_of_site):
    point = make_point(cast)
    away = Point(LON + 0.003, LAT, 100.0, srid=4490)
    move_anchor(anchor=point.anchor, geometry=away, actor=None, now=NOW + HOUR)
    held = [bool(site_colours(cast.site, now=NOW + s * HOUR).zones_of_points[point.pk]) for s in (0, 0.9, 1, 2)]
    assert held == [True, True, False, False]
    move_anchor(anchor=point.anchor, geometry=Point(LON, LAT, 100.0, srid=4490), actor=None, now=NOW + 2 * HOUR)
    zone_of_site.top_m, zone_of_site.known_from = 99.0, NOW + 3 * HOUR
    zone_of_site.save()
    held = [bool(site_colours(cast.site, now=NOW + s * HOUR).zones_of_points[point.pk]) for s in (1.5, 2, 2.9, 3)]
    assert held == [False, True, True, False]
    assert_sql_agrees([cast.site], NOW + 2 * HOUR)
    assert (FormerAnchor.objects.count(), FormerZone.objects.count()) == (2, 1)


def test_a_withdrawn_zone_is_there_in_the_past(cast, zone_of_site):
    make_point(cast)
    zone_of_site.active, zone_of_site.known_from = False, NOW + HOUR
    zone_of_site.save()
    assert set(site_colours(cast.site, now=NOW + 0.5 * HOUR).zones) == {zone_of_site.pk}
    assert site_colours(cast.site, now=NOW + HOUR).zones == {}


def test_a_change_that_does_not_say_when_counts_from_the_clock_of_the_server(cast):
    point = make_point(cast)
    RiskPoint.objects.filter(pk=point.pk).update(state="closed")
    with connection.cursor() as cursor:
        cursor.execute("SELECT known_from, clock_timestamp() FROM risks_riskpoint")
        known_from, clock = cursor.fetchone()
    assert timedelta() <= clock - known_from < timedelta(minutes=1)
    assert FormerRiskPoint.objects.get().state == "active"


def test_a_change_of_nothing_that_colours_leaves_no_trace(cast, zone_of_site):
    Zone.objects.filter(pk=zone_of_site.pk).update(kind="pit", known_from=NOW + HOUR)
    zone_of_site.refresh_from_db()
    assert (zone_of_site.kind, zone_of_site.known_from) == ("pit", NOW)
    assert FormerZone.objects.count() == 0


def test_a_closed_or_suspended_point_keeps_its_past_and_needs_a_reason(cast):
    point = make_point(cast)
    with pytest.raises(RiskRefused, match="Say why"):
        close_risk_point(point=point, reason=" ", actor=None, now=NOW + HOUR)
    assert grades(cast, NOW + HOUR) == (3, [3])
    set_risk_point_state(point=point, state="suspended", reason="停工", actor=None, now=NOW + HOUR)
    close_risk_point(point=point, reason="完工", actor=None, now=NOW + 2 * HOUR)
    assert [grades(cast, NOW + step * HOUR) for step in (0, 1, 2)] == [(3, [3]), (3, [3]), (0, [0])]


def test_a_direct_judgement_is_taken_back_only_with_a_reason(cast):
    point = make_point(cast, direct_major_reason="DJ-03")
    with pytest.raises(RiskRefused, match="say why that no longer holds"):
        revised(point, NOW + HOUR)
    assert grades(cast, NOW + HOUR) == (4, [4])
    revised(point, NOW + 2 * HOUR, judgement_removed_because="论证后缩减为一般规模")
    assert grades(cast, NOW + 2 * HOUR) == (3, [3])


def test_sources_and_measures_that_stay_keep_their_rows(cast):
    point = make_point(cast, sources=[source(), source(name="坍塌")])
    first = {row.name: row.pk for row in point.sources.all()}
    measure = point.sources.get(name="无防护临边").measures.get().pk
    again = source(scores={"L": 1, "E": 6, "C": 15}, measures=[{"kind": "engineering", "text": "防护栏杆"},
                                                                {"kind": "emergency", "text": "停止作业"}])  # fmt: skip
    revised(point, NOW + HOUR, sources=[again, source(name="物体打击")])
    assert {row.name for row in point.sources.all()} == {"无防护临边", "物体打击"}
    kept = point.sources.get(name="无防护临边")
    assert (kept.pk, kept.value, kept.grade) == (first["无防护临边"], 90.0, 2)
    assert kept.measures.filter(pk=measure).exists() and kept.measures.count() == 2


def test_scores_with_controls_give_the_residual_grade_of_the_point(cast):
    after = {"L": 1, "E": 6, "C": 15}
    point = make_point(
        cast, sources=[source(residual_scores=after), source(name="坍塌", scores={"L": 1, "E": 3, "C": 15})]
    )
    assert (point.source_grade, point.residual_grade) == (3, 2)
    assert point.sources.get(name="无防护临边").residual_value == 90.0
    assert grades(cast, NOW) == (2, [2])


def test_a_company_lifts_the_lead_level_and_never_lowers_it(cast):
    low = source(scores={"L": 1, "E": 3, "C": 15})
    assert make_point(cast, sources=[low], lifted_level="project").lead_level == "project"
    with pytest.raises(RiskRefused, match="project, team"):
        make_point(cast, "R-02", sources=[low], lifted_level="project", responsible=PEOPLE[3:])
    with pytest.raises(LevelRefused, match="led by the project"):
        make_point(cast, "R-03", lifted_level="team")
    assert RiskPoint.objects.count() == 1
