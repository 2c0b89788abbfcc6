"""C-01, permits that end while somebody is inside, and X-02: by the watch alone, without any message."""

from datetime import date, timedelta

import pytest
from django.contrib.gis.geos import Point

from spatial.alarms.models import Alarm
from spatial.alarms.operations import clear_alarm, raise_alarm
from spatial.alarms.titles import Words
from spatial.alarms.watching import watch
from spatial.devices.operations import register_device
from spatial.fences.models import FenceProfile, Presence
from spatial.people.models import Certificate
from spatial.people.operations import create_person, create_user, grant_role
from spatial.permits.operations import close_permit, decide_permit, note_passage, request_permit, start_work
from spatial.permits.operations import test_gas as write_gas_test
from spatial.permits.rules import permit_kinds
from spatial.tracks.models import LatestPosition
from spatial.wearing.operations import issue_device
from tests.ingest.cast import START, place

pytestmark = pytest.mark.django_db
GOOD = {"o2": 20.9, "lel": 0.0, "h2s": 0.0, "co": 3.0}


def at(minutes):
    return START + timedelta(minutes=minutes)


def record(rule="C-01"):
    return [
        (row.level, (row.raised_at - START).total_seconds() / 60, row.cleared_at is None, row.condition)
        for row in Alarm.objects.filter(rule=rule).order_by("raised_at")
    ]


@pytest.fixture
def space(cast):
    """A confined-space permit of four hours that runs, the worker counted in, the watcher at the edge."""
    cast.watcher = create_person(site=cast.site, full_name="王守望", trade="普工", now=at(-60))
    cast.tag, _ = register_device(
        site=cast.site,
        code=f"T{cast.site.code[-6:]}",
        name="卡",
        kind="tag",
        report_interval_s=5,
        actor=None,
        now=at(-60),
    )
    issue_device(device=cast.tag, person=cast.watcher, actor=None, now=at(-50))
    manager = create_user(username=f"m-{cast.site.code}", password="Correct-horse-9", full_name="郑经理")
    grant_role(user=manager, role="project_manager", site=cast.site)
    Certificate.objects.create(
        organisation=cast.organisation, site=cast.site, person=cast.worker, kind="confined_space", number="Y1",
        valid_from=date(2025, 1, 1), valid_until=date(2028, 1, 1),
    )  # fmt: skip
    cast.permit = request_permit(
        site=cast.site, kind="confined_space", work="清淤", zone=cast.pit, starts_at=at(0), ends_at=at(240),
        entrants=[cast.worker], attendant=cast.watcher, actor=cast.officer, now=at(0),
        measures=[one.code for one in permit_kinds()["confined_space"].measures],
    )  # fmt: skip
    decide_permit(permit=cast.permit, approve=True, actor=manager, now=at(0))
    write_gas_test(permit=cast.permit, values=GOOD, tested_by="安", actor=None, now=at(1))
    start_work(permit=cast.permit, actor=None, now=at(2))
    note_passage(entrant=cast.permit.entrants.get(), inwards=True, actor=None, now=at(3))
    return cast


def watcher_at(cast, minutes, east):
    LatestPosition.objects.update_or_create(
        device=cast.tag,
        defaults={
            "organisation": cast.organisation, "site": cast.site, "fix_time": at(minutes), "received_at": at(minutes),
            "point": Point(*place(east, 10), 95.0, srid=4490), "accuracy_m": 0.0, "source": "UWB",
        },
    )  # fmt: skip


def test_all_is_well_with_permit_test_and_attendant(space):
    watcher_at(space, 5, 29.9)  # the pit ends at 20 m
    watch(now=at(5))
    assert record() == []


def test_an_attendant_who_walks_away_is_an_alarm_that_ends_when_they_are_back(space):
    watcher_at(space, 5, 30.2)
    watch(now=at(5))
    assert record() == [("red", 5, True, "confined/attendant_away")]
    alarm = Alarm.objects.get()
    assert alarm.title == "未检测进入：张三 · 基坑（监护人不在入口 10 m 内）"
    assert alarm.title_en == "Entry without test: 张三 · 基坑 (attendant not within 10 m of the entrance)"
    watch(now=at(5.1))
    assert (len(record()), Alarm.objects.get().repeats) == (1, 0)
    watcher_at(space, 6, 25)
    watch(now=at(6))
    assert [row[2] for row in record()] == [False]


def test_a_silent_tag_of_the_attendant_tells_no_place(space):
    watcher_at(space, 5, 22)
    watch(now=at(7))  # 120 s
    assert record() == []
    watch(now=at(7.1))
    assert [row[3] for row in record()] == ["confined/attendant_away"]


def test_a_test_that_grows_old_is_an_alarm_two_hours_after_it_and_a_new_one_ends_it(space):
    watcher_at(space, 121, 22)
    watch(now=at(121))
    assert record() == []
    watcher_at(space, 121.1, 22)
    watch(now=at(121.1))
    assert record() == [("red", 121, True, "confined/old")]
    write_gas_test(permit=space.permit, values=GOOD, tested_by="安", actor=None, now=at(122))
    watcher_at(space, 122, 22)
    watch(now=at(122))
    assert [row[2] for row in record()] == [False]


def test_a_permit_that_ends_with_somebody_inside_is_an_alarm_without_any_message(space):
    write_gas_test(permit=space.permit, values=GOOD, tested_by="安", actor=None, now=at(200))
    watcher_at(space, 239.9, 22)
    watch(now=at(239.9))
    assert record() == []
    watch(now=at(240.05))
    watch(now=at(240.2))
    assert record() == [("red", 240, True, "confined/no_permit")]
    note_passage(entrant=space.permit.entrants.get(), inwards=False, actor=None, now=at(241))
    watch(now=at(241))
    assert [row[2] for row in record()] == [False]


def test_what_somebody_cleared_by_hand_is_not_raised_again_for_the_same_reason(space):
    watch(now=at(5))  # the watcher's tag never told a place
    alarm = Alarm.objects.get()
    clear_alarm(alarm=alarm, cleared_at=at(6), received_at=at(6), actor=space.officer, reason="监护人手持对讲机在场")
    watch(now=at(7))
    assert [row[2] for row in record()] == [False]
    watch(now=at(241))
    assert [(row[2], row[3]) for row in record()] == [(False, "confined/attendant_away"), (True, "confined/no_permit")]


def inside(cast, minutes):
    Presence.objects.update_or_create(
        device=cast.helmet, zone=cast.pit, defaults={"inside": True, "since": at(minutes), "state": {"run": 0}}
    )


def test_a_fence_of_a_confined_space_knows_who_is_inside_without_counting(cast):
    inside(cast, 10)
    watch(now=at(11))
    assert record() == []  # a pit is no confined space
    FenceProfile.objects.filter(zone=cast.pit).update(rule="C-01")
    watch(now=at(12))
    assert record() == [("red", 10, True, "confined/no_permit")]
    Presence.objects.update(inside=False)
    watch(now=at(13))
    assert [row[2] for row in record()] == [False]


@pytest.fixture
def hot_work(cast):
    """A hot-work permit in the pit from 0 to 60 min, and a fence that lets in by permit only."""
    cast.watcher = create_person(site=cast.site, full_name="王守望", trade="普工", now=at(-60))
    Certificate.objects.create(organisation=cast.organisation, site=cast.site, person=cast.worker, kind="welder",
                               number="H1", valid_from=date(2025, 1, 1), valid_until=date(2028, 1, 1))  # fmt: skip
    cast.permit = request_permit(
        site=cast.site, kind="hot_work", work="焊接", zone=cast.pit, starts_at=at(0), ends_at=at(60),
        entrants=[cast.worker], attendant=cast.watcher, actor=cast.officer, now=at(0),
        measures=[one.code for one in permit_kinds()["hot_work"].measures],
    )  # fmt: skip
    decide_permit(permit=cast.permit, approve=True, actor=None, now=at(0))
    return cast


def test_who_is_still_inside_when_the_permit_ends_breaks_the_rule_of_the_fence(hot_work):
    inside(hot_work, 30)
    watch(now=at(59.9))
    assert record("P-01") == []
    watch(now=at(60))
    watch(now=at(60.1))
    assert record("P-01") == [("orange", 60, True, "fence/entered")]


def test_who_left_before_or_has_another_permit_breaks_nothing(hot_work):
    inside(hot_work, 30)
    Presence.objects.update(inside=False)
    watch(now=at(61))
    assert record("P-01") == []
    inside(hot_work, 62)  # came after the end: that entry is the fence's own to judge
    watch(now=at(63))
    assert record("P-01") == []


def test_closing_a_permit_ends_it_too(hot_work):
    inside(hot_work, 10)
    start_work(permit=hot_work.permit, actor=None, now=at(5))
    close_permit(permit=hot_work.permit, actor=None, now=at(20))
    watch(now=at(20.1))
    assert record("P-01") == [("orange", 20, True, "fence/entered")]


def fire(cast, minutes):
    return raise_alarm(
        site=cast.site, rule="X-01", level="red", title=Words("烟火识别", "Smoke or fire"), zone=None, device=None,
        person_name="", storey=None,
        location=Point(*place(10, 10), 92.0, srid=4490), raised_at=at(minutes), received_at=at(minutes),
    )  # fmt: skip


def test_a_fire_without_a_hot_work_permit_is_an_alarm_after_ten_seconds(cast):
    burning = fire(cast, 0)
    watch(now=at(0) + timedelta(seconds=9))
    assert record("X-02") == []
    watch(now=at(0) + timedelta(seconds=10))
    watch(now=at(1))
    assert record("X-02") == [("orange", 10 / 60, True, "hot_work")]
    alarm = Alarm.objects.get(rule="X-02")
    assert (alarm.title, alarm.title_en) == ("无证动火", "Hot work without permit")
    clear_alarm(alarm=burning, cleared_at=at(5), received_at=at(5), actor=cast.officer, reason="已扑灭")
    watch(now=at(5))
    assert [row[2] for row in record("X-02")] == [False]


def test_a_fire_where_a_hot_work_permit_holds_is_none_until_it_ends(hot_work):
    fire(hot_work, 10)
    watch(now=at(11))
    assert record("X-02") == []
    watch(now=at(60))
    assert [row[0] for row in record("X-02")] == ["orange"]
