"""What must be heard again: a second call for help, a level that late facts raise, an alarm that they reopen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point

from spatial.alarms.conditions import Change, Episode
from spatial.alarms.episodes import put_right
from spatial.alarms.handling import handle_alarm
from spatial.alarms.models import Alarm, AlarmNotice
from spatial.alarms.operations import SignalRow, acknowledge_alarm, clear_alarm, follow_signals, raise_alarm
from spatial.alarms.titles import Words
from spatial.alarms.watching import watch
from spatial.commands.models import Delivery
from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.people.operations import create_user, grant_role
from spatial.tracks.models import LatestPosition
from spatial.zones.models import Trigger
from tests.ingest.cast import START, Cast, place


def at(seconds: float):
    return START + timedelta(seconds=seconds)


def press(cast: Cast, seconds: float, delay: float = 1) -> Alarm:
    follow_signals(signals=[SignalRow(cast.helmet, "sos", at(seconds), at(seconds + delay), False)])
    return Alarm.objects.get()


def stand(cast: Cast, east_m: float, seconds: float) -> Point:
    point = Point(*place(east_m, 5), 92.0, srid=4490)
    LatestPosition.objects.update_or_create(
        device=cast.helmet,
        defaults={"organisation": cast.organisation, "site": cast.site, "fix_time": at(seconds), "point": point,
                  "received_at": at(seconds), "accuracy_m": 1.0, "source": "UWB"},
    )  # fmt: skip
    return point


def heard() -> list[str]:
    return list(Event.objects.filter(kind__startswith="alarm").order_by("id").values_list("kind", flat=True))


@pytest.fixture
def manager(cast: Cast):
    user = create_user(username=f"m-{cast.site.code}", password="Correct-horse-9", full_name="周经理")
    grant_role(user=user, role="project_manager", site=cast.site)
    return user


def test_pressing_sos_again_after_it_was_noted_must_be_noted_anew_and_shows_where_they_are_now(cast, manager):
    stand(cast, 5, 0)
    press(cast, 0)
    watch(now=at(61))
    acknowledge_alarm(alarm=Alarm.objects.get(), actor=manager, now=at(70))
    handle_alarm(alarm=Alarm.objects.get(), text="已派人", actor=manager, now=at(80))
    now_here = stand(cast, 15, 299)
    alarm = press(cast, 300)
    assert (alarm.acknowledged_at, alarm.handled_at, alarm.repeats) == (None, None, 1)
    assert (alarm.remind_at, alarm.escalate_at, alarm.escalated_to) == (at(331), at(361), 0)
    assert alarm.location.coords == pytest.approx(now_here.coords)
    assert heard()[-1] == "alarm_raised"
    assert Act.objects.filter(verb="call_again").count() == 1
    open_triggers = Trigger.objects.filter(source_id=str(alarm.pk), ends_at__isnull=True, withdrawn=False)
    assert [trigger.location.coords for trigger in open_triggers] == [pytest.approx(now_here.coords)]
    watch(now=at(362))
    assert [(notice.sent_at, notice.seen_at) for notice in AlarmNotice.objects.all()] == [(at(362), None)]


def test_pressing_again_and_again_does_not_put_the_escalation_off(cast, manager):
    for seconds in range(0, 60, 10):
        alarm = press(cast, seconds)
    assert (alarm.escalate_at, alarm.repeats, heard()) == (at(61), 5, ["alarm_raised"] * 6)


def test_a_press_that_came_late_is_counted_and_not_sounded_and_a_fresh_one_makes_a_late_alarm_live(cast):
    alarm = press(cast, 0, delay=90)
    assert (alarm.late, alarm.remind_at) == (True, None)
    alarm = press(cast, 5, delay=90)
    assert (alarm.late, alarm.remind_at, alarm.repeats) == (True, None, 1)
    alarm = press(cast, 100)
    assert (alarm.late, alarm.remind_at, alarm.repeats) == (False, at(131), 2)


def test_handling_a_call_for_help_answers_the_wearer_as_noting_it_does_once(cast):
    alarm = press(cast, 0)
    for seconds in (10, 20):
        handle_alarm(alarm=alarm, text="已派人", actor=cast.officer, now=at(seconds))
    acknowledge_alarm(alarm=alarm, actor=cast.officer, now=at(30))
    assert Delivery.objects.count() == 1


def raised(cast: Cast, level: str) -> Alarm:
    return raise_alarm(
        site=cast.site, rule="TC-03", level=level, title=Words("风速超限", "Wind"), zone=cast.pit, device=None,
        person_name="", storey=None, location=None, raised_at=at(0), received_at=at(1),
    )  # fmt: skip


def bring_in_line(alarm: Alarm, episode: Episode, seconds: float) -> Alarm:
    put_right([episode], [alarm], raise_new=lambda *_: pytest.fail("raised anew"), received_at=at(seconds), live=True)
    return Alarm.objects.get()


def test_a_level_that_late_readings_raise_must_be_noted_anew_and_has_the_clocks_of_its_level(cast):
    alarm = raised(cast, "yellow")
    acknowledge_alarm(alarm=alarm, actor=cast.officer, now=at(30))
    risen = Episode((Change(at(0), "yellow", 9.5), Change(at(100), "red", 21.0)))
    alarm = bring_in_line(alarm, risen, 120)
    assert (alarm.level, alarm.acknowledged_at) == ("red", None)
    assert (alarm.remind_at, alarm.escalate_at) == (at(150), at(180))
    kinds = Trigger.objects.filter(source_id=str(alarm.pk), ends_at__isnull=True).values_list("kind", flat=True)
    assert list(kinds) == ["ALARM_RED"]


def test_an_alarm_that_late_readings_reopen_is_repeated_and_escalated_like_a_new_one(cast):
    alarm = raised(cast, "orange")
    clear_alarm(alarm=alarm, cleared_at=at(60), received_at=at(61))
    alarm = bring_in_line(alarm, Episode((Change(at(0), "orange", 12.5),)), 90)
    assert (alarm.cleared_at, alarm.remind_at, alarm.escalate_at) == (None, at(210), at(390))


def test_a_lower_level_by_late_readings_stays_noted(cast):
    alarm = raised(cast, "red")
    acknowledge_alarm(alarm=alarm, actor=cast.officer, now=at(30))
    alarm = bring_in_line(alarm, Episode((Change(at(0), "yellow", 9.5),)), 90)
    assert (alarm.level, alarm.acknowledged_at, alarm.remind_at) == ("yellow", at(30), None)
