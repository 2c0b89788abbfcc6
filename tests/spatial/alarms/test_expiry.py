"""Papers that end: of devices, people and machines, by the day of the site; V-01 and H-05."""

from datetime import UTC, date, datetime, timedelta

import pytest

from spatial.alarms.catalogue import conditions_of_rules
from spatial.alarms.expiry import follow_papers
from spatial.alarms.expiry_rules import due_level
from spatial.alarms.models import Alarm, HazardDraft
from spatial.alarms.operations import clear_alarm
from spatial.alarms.rule_operations import change_rule
from spatial.alarms.rule_queries import site_conditions
from spatial.alarms.watching import watch
from spatial.devices.equipment import record_paper, withdraw
from spatial.machines.models import MachineDocument
from spatial.machines.operations import file_document, register_machine, retire_machine
from spatial.machines.papers import follow_all_machine_papers, last_day_of
from spatial.notices.models import Event
from spatial.people.models import Certificate
from spatial.people.reminders import remind_of_all
from spatial.zones.models import Trigger

V01 = conditions_of_rules(["V-01"])["V-01/due"]
H05 = conditions_of_rules(["H-05"])["H-05/overdue"]
LAST = date(2026, 3, 31)


def midnight(day):
    """When a day begins in Zhengzhou."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)


def days(count):
    return LAST + timedelta(days=count)


@pytest.mark.parametrize(
    ("condition", "day", "expected"),
    [
        (V01, -31, None), (V01, -30, ("blue", -30)), (V01, -16, ("blue", -30)), (V01, -15, ("yellow", -15)),
        (V01, -8, ("yellow", -15)), (V01, -7, ("orange", -7)), (V01, 0, ("orange", -7)), (V01, 1, ("red", 1)),
        (V01, 90, ("red", 1)), (H05, -15, None), (H05, -14, ("orange", -14)), (H05, 0, ("orange", -14)),
        (H05, 1, ("red", 1)),
    ],
)  # fmt: skip
def test_levels_by_days_left_and_days_over(condition, day, expected):
    found = due_level(condition, LAST, days(day))
    assert (None if found is None else (found.level, (found.since - LAST).days)) == expected


def test_a_fall_arrester_holds_a_year_and_a_drop_test_three_months_at_most():
    done = date(2025, 12, 1)
    assert last_day_of("fall_arrester", done, date(2027, 6, 1)) == date(2026, 12, 1)
    assert last_day_of("fall_arrester", done, date(2026, 6, 1)) == date(2026, 6, 1)
    assert last_day_of("drop_test", done, None) == date(2026, 3, 1)
    assert last_day_of("insurance", done, None) is None
    assert last_day_of("insurance", None, LAST) == LAST


def record(**wanted):
    rows = Alarm.objects.filter(**wanted).order_by("raised_at")
    return [(row.rule, row.level, row.raised_at, row.cleared_at) for row in rows]


@pytest.fixture
def paper(cast):
    return record_paper(device=cast.helmet, kind="inspection", number="J1", issued_on=date(2025, 4, 1), expires_on=LAST,
                        actor=None, now=midnight(days(-60)))  # fmt: skip


@pytest.mark.django_db
def test_a_paper_of_a_device_is_an_alarm_that_rises_with_the_days_and_ends_when_it_is_renewed(cast, paper):
    follow_papers(now=midnight(days(-30)) - timedelta(seconds=1))
    assert record() == []
    for minutes in (1, 6):
        follow_papers(now=midnight(days(-30)) + timedelta(minutes=minutes))
    assert record() == [("V-01", "blue", midnight(days(-30)), None)]
    alarm = Alarm.objects.get()
    assert (alarm.title, alarm.repeats, alarm.late) == (
        f"设备到期：{cast.helmet.name} 检测报告（有效期至 2026-03-31）",
        0,
        False,
    )
    assert alarm.title_en == f"Device or certificate due: {cast.helmet.name} test report (valid until 2026-03-31)"
    follow_papers(now=midnight(days(-7)) + timedelta(hours=3))
    assert [row[1] for row in record()] == ["orange"]
    follow_papers(now=midnight(days(1)))
    assert record() == [("V-01", "red", midnight(days(-30)), None)]
    watch(now=midnight(days(1)) + timedelta(hours=8, seconds=30))
    alarm.refresh_from_db()
    assert (alarm.remind_at, alarm.escalate_at, alarm.reminders) == (None, None, 0)
    assert not Trigger.objects.exists() and not HazardDraft.objects.exists()  # a paper is no place
    record_paper(device=cast.helmet, kind="inspection", number="J2", issued_on=LAST, expires_on=date(2027, 3, 31),
                 actor=None, now=midnight(days(1)))  # fmt: skip
    follow_papers(now=midnight(days(1)) + timedelta(hours=9))
    assert record()[0][3] == midnight(days(1)) + timedelta(hours=9)


@pytest.mark.django_db
def test_what_somebody_cleared_is_not_raised_again_until_it_gets_worse(cast, paper):
    follow_papers(now=midnight(days(-7)))
    clear_alarm(alarm=Alarm.objects.get(), cleared_at=midnight(days(-6)), received_at=midnight(days(-6)),
                actor=cast.officer, reason="已送检")  # fmt: skip
    follow_papers(now=midnight(days(-5)))
    assert len(record(cleared_at=None)) == 0
    follow_papers(now=midnight(days(2)))
    assert [row[1] for row in record(cleared_at=None)] == ["red"]


@pytest.mark.django_db
def test_one_found_long_after_begins_when_it_is_found_and_one_withdrawn_ends(cast, paper):
    found = midnight(days(40)) + timedelta(hours=2)
    follow_papers(now=found)
    assert record() == [("V-01", "red", found, None)]
    withdraw(row=paper, actor=None, now=found)
    follow_papers(now=found + timedelta(minutes=5))
    assert record()[0][3] == found + timedelta(minutes=5)


@pytest.mark.django_db
def test_a_site_that_sets_other_days_is_alarmed_by_them(cast, paper):
    from dataclasses import replace

    given = site_conditions(cast.site, at=midnight(days(-40))).edition["V-01/due"]
    steps = (replace(given.steps[0], limit=45), *given.steps[1:])
    change_rule(site=cast.site, condition=replace(given, steps=steps, clear_limit=45), reason="提前送检",
                actor=cast.officer, now=midnight(days(-40)))  # fmt: skip
    follow_papers(now=midnight(days(-40)) + timedelta(minutes=1))
    assert [row[1] for row in record()] == ["blue"]


def certify(cast, until, kind="electrician"):
    return Certificate.objects.create(
        organisation=cast.organisation, site=cast.site, person=cast.worker, kind=kind, number=f"{kind}{until}",
        valid_from=date(2024, 4, 1), valid_until=until,
    )  # fmt: skip


@pytest.mark.django_db
def test_certificates_of_people_are_reminded_of_once_a_level_and_alarmed_by_the_watch(cast):
    certify(cast, LAST)
    for day, count in ((-31, 0), (-30, 1), (-29, 1), (-15, 2), (-7, 3), (0, 3), (1, 4), (2, 4)):
        remind_of_all(now=midnight(days(day)) + timedelta(hours=1))
        assert Event.objects.filter(kind="certificate.expiry").count() == count
    payload = Event.objects.filter(kind="certificate.expiry").latest("id").payload
    assert (payload["level"], payload["days_left"], "张三" in str(payload)) == ("red", -1, False)
    watch(now=midnight(days(1)) + timedelta(minutes=5, seconds=2))
    alarm = Alarm.objects.get(rule="V-01")
    assert (alarm.level, alarm.person_name) == ("red", "张三")
    assert alarm.title == f"设备到期：张三 建筑电工（有效期至 {LAST}）"
    assert alarm.title_en == f"Device or certificate due: 张三 Construction electrician (valid until {LAST})"
    certify(cast, date(2028, 3, 31))
    watch(now=midnight(days(1)) + timedelta(minutes=10, seconds=2))
    assert not Alarm.objects.filter(rule="V-01", cleared_at=None).exists()


@pytest.mark.django_db
def test_who_left_the_site_is_not_alarmed_for(cast):
    certify(cast, LAST)
    cast.worker.left_on = days(-40)
    cast.worker.save()
    assert (follow_papers(now=midnight(days(5))), record()) == (0, [])


@pytest.mark.django_db
def test_machines_are_alarmed_at_once_when_filed_and_by_the_clock(cast):
    now = midnight(date(2026, 3, 2))
    hoist = register_machine(site=cast.site, code="SJ1", name="1号升降机", kind="hoist", actor=None, now=now)
    file_document(machine=hoist, kind="drop_test", done_on=date(2025, 12, 1), actor=None, now=now)
    assert record() == [("H-05", "red", now, None)]
    file_document(machine=hoist, kind="drop_test", done_on=date(2026, 3, 1), actor=None, now=now)
    assert record(cleared_at=None) == []
    MachineDocument.objects.create(machine=hoist, kind="insurance", valid_until=date(2026, 3, 5))
    follow_all_machine_papers(now=now + timedelta(minutes=5))
    assert [(rule, level) for rule, level, *_ in record(cleared_at=None)] == [("V-01", "orange")]
    retire_machine(machine=hoist, actor=None, now=now + timedelta(minutes=6))
    assert record(cleared_at=None) == []
