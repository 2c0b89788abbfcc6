"""Findings of the fence engine become alarms, end them, and take them back when late fixes disprove them."""

from datetime import timedelta

import pytest

from spatial.alarms.models import Alarm
from spatial.alarms.operations import follow_fence_events
from spatial.fences.queries import site_fences
from spatial.fences.recording import DeviceFinding
from spatial.fences.rules import Finding
from spatial.fences.zone_index import PlanFix
from tests.ingest.cast import PIT_EAST, PIT_NORTH, START


def at(seconds):
    return START + timedelta(seconds=seconds)


def found(cast, kind, seconds, rule="P-01", delay=1, **more):
    fix = PlanFix(at(seconds), PIT_EAST + 5, PIT_NORTH + 5, 92.0, 0.3)
    value, possible = more.pop("value", None), more.pop("possible", False)
    finding = Finding(kind, cast.pit.pk, fix, value=value, possible=possible)
    breaches = (rule,) if kind == "entered" and rule else ()
    return DeviceFinding(cast.helmet, finding, at(seconds + delay), rule=rule, breaches=breaches, **more)


def follow(cast, *findings, inside=()):
    follow_fence_events(findings=findings, fences=site_fences(cast.site), inside_now=set(inside))


def record():
    rows = Alarm.objects.filter(disproved_at__isnull=True).order_by("raised_at", "rule")
    return [
        (
            row.rule,
            row.level,
            (row.raised_at - START).total_seconds(),
            (row.cleared_at - START).total_seconds() if row.cleared_at else None,
        )
        for row in rows
    ]


def test_entering_staying_and_leaving_raise_and_clear_their_own_alarms(cast):
    follow(cast, found(cast, "approaching", 0, "P-02", value=2.5))
    follow(cast, found(cast, "entered", 10))
    follow(cast, found(cast, "dwelling", 310, "P-03", value=300.0))
    follow(cast, found(cast, "left", 400, ""))
    assert record() == [("P-02", "yellow", 0, 10), ("P-01", "orange", 10, 400), ("P-03", "orange", 310, 400)]


def test_a_crowd_is_an_alarm_of_the_zone_and_red_from_one_and_a_half_times_its_limit(cast):
    cast.fence.person_limit = 4
    cast.fence.save()
    follow(cast, found(cast, "crowded", 0, "P-04", value=6.0))
    alarm = Alarm.objects.get()
    assert (alarm.level, alarm.person_name, alarm.title) == ("red", "", "区域超员：基坑（B1） 6 / 4")
    assert alarm.title_en == "Headcount over limit: 基坑 (B1) 6 / 4"
    follow(cast, found(cast, "uncrowded", 60, ""))
    assert record() == [("P-04", "red", 0, 60)]


def test_where_the_height_is_unknown_the_alarm_is_one_level_lower(cast):
    follow(cast, found(cast, "entered", 0, possible=True))
    assert record() == [("P-01", "yellow", 0, None)]


def test_an_entry_that_a_late_fix_disproves_is_closed_as_disproved_and_kept(cast):
    follow(cast, found(cast, "entered", 0))
    follow(cast, found(cast, "entered", 0, withdrawn=True, delay=30))
    assert record() == []
    assert Alarm.objects.get().disproved_at == at(30)


def test_an_exit_that_a_late_fix_disproves_lets_the_alarm_go_on_to_the_true_one(cast):
    follow(cast, found(cast, "entered", 0), found(cast, "left", 20, ""))
    follow(cast, found(cast, "left", 20, "", withdrawn=True, delay=30), found(cast, "left", 40, "", late=True))
    assert record() == [("P-01", "orange", 0, 40)]


@pytest.mark.parametrize("inside", [False, True])
def test_a_visit_that_is_found_late_stands_beside_the_one_that_is_going_on(cast, inside):
    follow(cast, found(cast, "entered", 500))
    late = [found(cast, "entered", 100, late=True, delay=450), found(cast, "left", 160, "", late=True, delay=450)]
    follow(cast, *late, inside=[cast.helmet.pk] if inside else [])
    assert record() == [("P-01", "orange", 100, 160), ("P-01", "orange", 500, None)]
