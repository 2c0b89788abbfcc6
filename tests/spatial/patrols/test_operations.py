"""Patrols on a real database: planned from the risk points, done by place, and missed ones colour without a job."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from PIL import Image

from spatial.ledger.models import Act
from spatial.media import open_blob
from spatial.notices.models import Event
from spatial.patrols.models import Patrol, PatrolRoute, PatrolStop
from spatial.patrols.operations import PatrolRefused, assign_route, do_patrol, plan_patrols
from spatial.patrols.pictures import PictureRefused
from spatial.patrols.queries import PeriodsMissing, may_do, open_patrols, standing, tallies, without_plan
from spatial.people.operations import create_user, grant_role
from spatial.risks.operations import close_risk_point
from spatial.zones.models import Trigger
from spatial.zones.queries import site_colours
from tests.spatial.conftest import LAT, LON
from tests.spatial.risks.test_operations import PEOPLE, make_point, source

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)  # Tuesday, 10:00 in Shanghai
D_135 = {"L": 3, "E": 3, "C": 15}  # grade 2: the team, every day
D_270 = {"L": 3, "E": 6, "C": 15}  # grade 3: the project every week, the team every day
MIDNIGHT = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)  # the end of Tuesday in Shanghai
MISSED = MIDNIGHT + timedelta(days=1)


def plan(cast, now=NOW, actor=None) -> dict[str, int]:
    return plan_patrols(site=cast.site, actor=actor, now=now)


def stop_of(level: str = "team", code: str = "R-01") -> PatrolStop:
    return PatrolStop.objects.get(route__level=level, risk_point__code=code)


def done(cast, stop, now, **changes) -> Patrol:
    fields = {"outcome": "good", "actor": cast.worker, "now": now}
    return do_patrol(stop=stop, **(fields | changes))


def grade_at(cast, point, now) -> int:
    return site_colours(cast.site, now=now).risk_points[point.pk].grade


def test_levels_and_periods_come_from_the_grade_and_the_edition(cast):
    make_point(cast, "R-01", sources=[source(scores=D_135)])
    make_point(cast, "R-02", sources=[source(scores=D_270)])
    make_point(cast, "R-03", sources=[source(scores={"L": 6, "E": 6, "C": 15})])
    make_point(cast, "R-04", sources=[source(scores={"L": 1, "E": 3, "C": 7})])
    assert plan(cast) == {"added": 7, "removed": 0, "routes": 6}
    stops = PatrolStop.objects.values_list(
        "risk_point__code", "route__level", "route__period", "route__responsible_name"
    )
    assert sorted(stops) == [
        ("R-01", "team", "day", "负责人team"),
        ("R-02", "project", "week", "负责人project"),
        ("R-02", "team", "day", "负责人team"),
        ("R-03", "company", "month", "负责人company"),
        ("R-03", "project", "day", "负责人project"),
        ("R-03", "team", "shift", "负责人team"),
        ("R-04", "post", "shift", "负责人post"),
    ]
    patrol = stop_of().patrols.get()
    assert (patrol.opens_at, patrol.due_at, patrol.missed_from) == (MIDNIGHT - timedelta(days=1), MIDNIGHT, MISSED)
    assert Trigger.objects.filter(kind="CONTROL_MISSED").count() == 7
    assert Act.objects.get(verb="plan_patrols").details == {"added": 7, "removed": 0, "routes": 6}
    assert plan(cast) == {"added": 0, "removed": 0, "routes": 0}
    assert Act.objects.filter(verb="plan_patrols").count() == 1


def test_a_missed_patrol_lifts_the_colour_at_its_moment_without_any_job(cast):
    point = make_point(cast, sources=[source(scores=D_135)])
    plan(cast)
    acts, events = Act.objects.count(), Event.objects.count()
    assert grade_at(cast, point, NOW) == 2
    assert grade_at(cast, point, MIDNIGHT + timedelta(hours=1)) == 2  # late, not missed
    assert grade_at(cast, point, MISSED - timedelta(microseconds=1)) == 2
    colour = site_colours(cast.site, now=MISSED).risk_points[point.pk]
    assert colour.grade == 3
    [missed] = [reason for reason in colour.reasons if reason.kind == "CONTROL_MISSED"]
    assert (missed.since, missed.label) == (MISSED, "R-01 基坑临边 · 负责人team")
    assert site_colours(cast.site, now=NOW).next_change_at == MISSED
    assert (Act.objects.count(), Event.objects.count()) == (acts, events)


def test_doing_it_takes_the_lift_away_at_once_and_schedules_the_next(cast):
    point = make_point(cast, sources=[source(scores=D_135)])
    plan(cast)
    late = MISSED + timedelta(hours=3)  # Thursday, 03:00
    assert grade_at(cast, point, late) == 3
    patrol = done(cast, stop_of(), late)
    assert grade_at(cast, point, late) == 2
    assert (patrol.done_by, patrol.done_by_name) == (cast.worker, "worker")
    following = stop_of().patrols.get(done_at__isnull=True)
    assert (following.opens_at, following.due_at) == (MISSED + timedelta(days=1), MISSED + timedelta(days=2))
    assert grade_at(cast, point, following.missed_from - timedelta(seconds=1)) == 2
    assert grade_at(cast, point, following.missed_from) == 3
    told = Act.objects.get(verb="do_patrol").details["next_due_at"]
    assert datetime.fromisoformat(told) == following.due_at
    assert Event.objects.filter(kind="zone_changed").count() == 3  # point, plan, patrol


def test_a_patrol_in_time_never_colours(cast):
    point = make_point(cast, sources=[source(scores=D_135)])
    plan(cast)
    done(cast, stop_of(), NOW)
    assert [grade_at(cast, point, NOW + timedelta(hours=h)) for h in range(0, 61, 4)] == [2] * 16
    assert Trigger.objects.filter(withdrawn=False).count() == 1


def test_three_missed_levels_lift_one_grade_only(cast):
    point = make_point(cast, residual_grade=1, sources=[source(scores={"L": 6, "E": 6, "C": 15})])
    plan(cast)
    assert grade_at(cast, point, NOW + timedelta(days=90)) == 2


def test_the_same_period_is_not_patrolled_twice(cast):
    make_point(cast, sources=[source(scores=D_135)])
    plan(cast)
    done(cast, stop_of(), NOW)
    before = Patrol.objects.count(), Act.objects.count()
    with pytest.raises(PatrolRefused, match="Already checked") as refused:
        done(cast, stop_of(), NOW + timedelta(hours=1))
    assert refused.value.code == "done_already"
    assert (Patrol.objects.count(), Act.objects.count()) == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"outcome": "fine"}, "outcome"),
        ({"outcome": "finding"}, "no_note"),
        ({"outcome": "finding", "note": " "}, "no_note"),
    ],
)
def test_a_refused_patrol_leaves_nothing(cast, changes, code):
    make_point(cast, sources=[source(scores=D_135)])
    plan(cast)
    with pytest.raises(PatrolRefused) as refused:
        done(cast, stop_of(), NOW, **changes)
    assert refused.value.code == code
    assert Patrol.objects.get().done_at is None
    assert not Act.objects.filter(verb="do_patrol").exists()


def test_the_distance_from_the_anchor_is_measured_in_metres(cast):
    make_point(cast, sources=[source(scores=D_135)])
    plan(cast)
    there = Point(LON + 0.0005, LAT, srid=4490)
    patrol = done(cast, stop_of(), NOW, location=there, accuracy_m=6.0, by_code=True)
    assert patrol.distance_m == pytest.approx(45.8, abs=0.2)
    assert (patrol.by_code, patrol.accuracy_m) == (True, 6.0)
    assert Act.objects.get(verb="do_patrol").location.x == pytest.approx(LON + 0.0005)


def test_a_photo_is_kept_without_the_data_of_the_phone(cast):
    make_point(cast, sources=[source(scores=D_135)])
    plan(cast)
    file = io.BytesIO()
    Image.new("RGB", (3200, 200), "red").save(file, "PNG")
    file.seek(0)
    patrol = done(cast, stop_of(), NOW, photo=file)
    with open_blob(patrol.photo_sha256) as stored:
        picture = Image.open(stored)
        assert (picture.format, picture.size) == ("JPEG", (1600, 100))


def test_a_file_that_is_no_picture_records_nothing(cast):
    make_point(cast, sources=[source(scores=D_135)])
    plan(cast)
    with pytest.raises(PictureRefused):
        done(cast, stop_of(), NOW, photo=io.BytesIO(b"%PDF-1.7"))
    assert Patrol.objects.get().done_at is None


def test_a_closed_or_regraded_point_leaves_its_route_and_colours_no_more(cast):
    kept = make_point(cast, "R-01", sources=[source(scores=D_135)])
    closed = make_point(cast, "R-02", sources=[source(scores=D_270)])
    plan(cast)
    close_risk_point(point=closed, reason="完工", actor=cast.manager, now=NOW)
    assert without_plan(cast.site, now=NOW) == (0, 2)
    assert plan(cast, NOW + timedelta(hours=1)) == {"added": 0, "removed": 2, "routes": 2}
    assert without_plan(cast.site, now=NOW) == (0, 0)
    assert Trigger.objects.filter(risk_point=closed, withdrawn=False).count() == 0
    assert list(open_patrols(cast.site).values_list("risk_point", flat=True)) == [kept.pk]
    assert not PatrolRoute.objects.get(level="project").active
    with pytest.raises(PatrolRefused) as refused:
        done(cast, stop_of("project", "R-02"), NOW, actor=cast.officer)
    assert refused.value.code == "withdrawn"


def test_the_walk_follows_the_ground(cast):
    for code, lon in (("R-01", LON + 0.003), ("R-02", LON), ("R-03", LON + 0.001), ("R-04", LON + 0.002)):
        make_point(cast, code, lon=lon, sources=[source(scores=D_135)])
    plan(cast)
    walk = PatrolStop.objects.order_by("position").values_list("risk_point__code", flat=True)
    assert list(walk) in (["R-02", "R-03", "R-04", "R-01"], ["R-01", "R-04", "R-03", "R-02"])
    assert PatrolRoute.objects.get().length_m == pytest.approx(274.6, abs=0.5)


def test_who_may_plan_and_who_may_patrol(cast):
    make_point(cast, sources=[source(scores=D_270)])
    for user in (cast.worker, cast.stranger, cast.town):
        with pytest.raises(PatrolRefused) as refused:
            plan(cast, actor=user)
        assert refused.value.code == "not_yours"
    assert PatrolRoute.objects.count() == 0
    plan(cast, actor=cast.officer)
    project, team = PatrolRoute.objects.get(level="project"), PatrolRoute.objects.get(level="team")
    assert [may_do(user, team) for user in (cast.worker, cast.officer, cast.town, cast.stranger)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert [may_do(user, project) for user in (cast.worker, cast.officer)] == [False, True]
    with pytest.raises(PatrolRefused):
        done(cast, stop_of("project"), NOW)
    with pytest.raises(PatrolRefused) as refused:
        assign_route(route=project, assignee=cast.stranger, actor=cast.officer, now=NOW)
    assert refused.value.code == "stranger"
    assign_route(route=project, assignee=cast.worker, actor=cast.officer, now=NOW)
    assert done(cast, stop_of("project"), NOW).done_by == cast.worker


def test_the_named_person_with_an_account_gets_the_route(cast):
    user = create_user(username="lead", password="a long pass phrase", full_name="负责人team", now=NOW)
    grant_role(user=user, role="worker", site=cast.site, now=NOW)
    make_point(cast, sources=[source(scores=D_135)], responsible=PEOPLE)
    plan(cast)
    assert PatrolRoute.objects.get().assignee == user


def test_an_edition_without_periods_says_what_to_do(cast):
    make_point(cast)
    with pytest.raises(PeriodsMissing, match=r"cn-national 2026\.1 has no patrol periods"):
        plan(cast, datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    assert PatrolRoute.objects.count() == 0


def test_due_late_missed_and_later_at_their_moments(cast):
    make_point(cast, sources=[source(scores=D_135)])
    plan(cast)
    patrol = stop_of().patrols.get()
    moments = (NOW - timedelta(days=1), NOW, MIDNIGHT, MISSED)
    assert [standing(patrol, moment) for moment in moments] == ["later", "due", "late", "missed"]


def test_done_and_due_are_counted_per_place_and_person(cast):
    make_point(cast, "R-01", sources=[source(scores=D_135)])
    make_point(cast, "R-02", sources=[source(scores=D_135)])
    plan(cast)
    done(cast, stop_of(), NOW)  # Tuesday
    done(cast, stop_of(), NOW + timedelta(days=3), outcome="finding", note="护栏松动")  # Friday: two days missed
    since, until = NOW - timedelta(days=1), NOW + timedelta(days=4)  # until Saturday, 10:00
    places, people, total = tallies(cast.site, since=since, until=until)
    assert [(row.name, row.due, row.in_time, row.late, row.findings) for row in places] == [
        ("R-02 基坑临边", 4, 0, 0, 0), ("R-01 基坑临边", 4, 1, 1, 1),
    ]  # fmt: skip
    assert [(row.name, row.due, row.done, row.share) for row in people] == [("负责人team", 8, 2, 0.125)]
    assert (total.due, total.done) == (8, 2)


@pytest.mark.django_db(transaction=True)
def test_two_people_at_one_stop_make_one_record(cast):
    make_point(cast, sources=[source(scores=D_135)])
    plan(cast)
    stop, ready, told = stop_of(), Barrier(2), []

    def check(user) -> None:
        try:
            ready.wait()
            do_patrol(stop=stop, outcome="good", actor=user, now=NOW)
            told.append("done")
        except PatrolRefused as refused:
            told.append(refused.code)
        finally:
            connection.close()

    threads = [Thread(target=check, args=(user,)) for user in (cast.worker, cast.officer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["done", "done_already"]
    assert Patrol.objects.filter(done_at__isnull=False).count() == 1
    assert Patrol.objects.filter(done_at__isnull=True).count() == 1
