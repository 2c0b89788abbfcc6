"""A certificate or a briefing that runs out while its holder stays inside: P-12 and P-13 by the clock, once."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from spatial.alarms.ended_papers import follow_ended_papers
from spatial.alarms.models import Alarm
from spatial.alarms.operations import clear_alarm
from spatial.alarms.watching import watch
from spatial.devices.operations import register_device
from spatial.fences.models import Presence
from spatial.fences.operations import revise_fence
from spatial.people.models import Briefing, BriefingSignature, Certificate, Education
from spatial.people.operations import create_person
from tests.ingest.cast import START

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 3, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
"""The end of the first of March on the site, 15 h after the cast begins."""
LAST_DAY = date(2026, 3, 1)


def at(minutes):
    return MIDNIGHT + timedelta(minutes=minutes)


def record(rule):
    return [
        (row.level, (row.raised_at - MIDNIGHT).total_seconds() / 60, row.cleared_at is None, row.condition)
        for row in Alarm.objects.filter(rule=rule).order_by("raised_at")
    ]


def certificate(cast, until=LAST_DAY, kind="welder", number="H1", **more):
    return Certificate.objects.create(
        organisation=cast.organisation, site=cast.site, person=cast.worker, kind=kind, number=number,
        valid_from=date(2025, 1, 1), valid_until=until, **more,
    )  # fmt: skip


def brief(cast, first=LAST_DAY, last=LAST_DAY):
    row = Briefing.objects.create(
        organisation=cast.organisation, site=cast.site, work="焊接", given_by="李安全", held_at=START,
        valid_from=first, valid_until=last,
    )  # fmt: skip
    BriefingSignature.objects.create(
        organisation=cast.organisation, site=cast.site, briefing=row, person=cast.worker, signed_at=START
    )


def educate(cast, levels=("company", "project", "team")):
    for level in levels:
        Education.objects.create(
            organisation=cast.organisation, site=cast.site, person=cast.worker, level=level, held_on=date(2026, 1, 5)
        )


def inside(cast, minutes):
    Presence.objects.update_or_create(
        device=cast.helmet, zone=cast.pit, defaults={"inside": True, "since": at(minutes), "state": {"run": 0}}
    )


@pytest.fixture
def pit(cast):
    """A pit that is open to whoever has a welder's certificate and a briefing; the worker went in at 23:30."""
    changes = {"admission": "anybody", "certificates": ["welder"], "needs_briefing": True}
    revise_fence(fence=cast.fence, changes=changes, reason="焊接", actor=None, now=START)
    educate(cast)
    brief(cast, last=date(2026, 3, 5))
    inside(cast, -30)
    return cast


def test_a_certificate_that_ends_at_midnight_is_p12_at_midnight_and_once_over_many_rounds(pit):
    certificate(pit)
    watch(now=at(-0.1))
    assert record("P-12") == []
    for seconds in range(0, 300, 5):
        watch(now=at(seconds / 60))
    assert record("P-12") == [("orange", 0, True, "fence/entered")]
    alarm = Alarm.objects.get(rule="P-12")
    assert (alarm.title, alarm.repeats, alarm.received_at) == ("无证进入：张三 · 基坑", 0, at(0))
    assert alarm.title_en == "No certificate: 张三 · 基坑"


def test_a_briefing_that_ends_is_p13_and_touches_no_other_rule(pit):
    certificate(pit, until=date(2026, 12, 31))
    Briefing.objects.update(valid_until=LAST_DAY)
    watch(now=at(0))
    watch(now=at(1))
    assert record("P-13") == [("yellow", 0, True, "fence/entered")]
    assert list(Alarm.objects.values_list("rule", flat=True)) == ["P-13"]


def test_twenty_people_inside_cost_as_many_questions_as_one(pit):
    certificate(pit, until=date(2026, 12, 31))
    costs = []
    for more in (0, 20):
        for number in range(more):
            person = create_person(site=pit.site, full_name=f"工人{number}", trade="焊工", now=START)
            device, _ = register_device(
                site=pit.site, code=f"W-{number}", name="帽", kind="helmet", report_interval_s=5, person=person,
                actor=None, now=START,
            )  # fmt: skip
            Presence.objects.create(device=device, zone=pit.pit, inside=True, since=at(-30), state={"run": 0})
        follow_ended_papers(now=at(1))  # compiles the fences
        with CaptureQueriesContext(connection) as asked:
            assert follow_ended_papers(now=at(2)) == 0
        costs.append(len(asked))
    assert costs[1] == costs[0]


def test_who_left_before_or_came_after_is_not_told_of(pit):
    certificate(pit)
    Presence.objects.update(inside=False)
    watch(now=at(1))
    inside(pit, 2)  # that entry is the fence's own to judge
    watch(now=at(3))
    assert Alarm.objects.count() == 0


def test_what_was_cleared_is_not_raised_a_second_time_for_the_same_end(pit):
    certificate(pit)
    watch(now=at(0))
    alarm = Alarm.objects.get(rule="P-12")
    clear_alarm(alarm=alarm, cleared_at=at(5), received_at=at(5), actor=pit.officer, reason="已核对新证原件")
    for minutes in (6, 60, 600):
        watch(now=at(minutes))
    assert record("P-12") == [("orange", 0, False, "fence/entered")]
    Briefing.objects.update(valid_until=date(2026, 3, 2))  # another end, another rule: that one is news
    watch(now=at(24 * 60))
    assert (record("P-12")[1:], record("P-13")) == ([], [("yellow", 24 * 60, True, "fence/entered")])


def test_a_paper_that_follows_without_a_gap_leaves_nothing_to_raise(pit):
    certificate(pit)
    certificate(pit, until=date(2027, 3, 1), number="H2")
    Briefing.objects.update(valid_until=LAST_DAY)
    brief(pit, first=date(2026, 3, 2), last=date(2026, 3, 9))
    watch(now=at(0))
    watch(now=at(10))
    assert Alarm.objects.count() == 0


def test_a_certificate_that_is_withdrawn_ends_then(pit):
    certificate(pit, until=date(2026, 12, 31), withdrawn_at=at(-10))
    watch(now=at(-9))
    assert record("P-12") == [("orange", -10, True, "fence/entered")]


def test_a_certificate_that_the_fence_does_not_ask_for_ends_without_an_alarm(pit):
    certificate(pit, until=date(2026, 12, 31))
    certificate(pit, kind="electrician", number="E1")
    watch(now=at(1))
    assert Alarm.objects.count() == 0


def test_who_lacked_a_level_of_education_broke_p13_at_the_entry_and_not_again_at_the_end(pit):
    certificate(pit, until=date(2026, 12, 31))
    Education.objects.filter(level="team").delete()
    Briefing.objects.update(valid_until=LAST_DAY)
    watch(now=at(1))
    assert Alarm.objects.count() == 0


def test_who_is_named_in_the_fence_needs_no_paper(pit):
    certificate(pit)
    revise_fence(fence=pit.fence, changes={"allowed": [pit.worker]}, reason="班长", actor=None, now=START)
    watch(now=at(1))
    assert Alarm.objects.count() == 0
