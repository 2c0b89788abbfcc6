"""W-01 and W-02: a person clears after the weather, and not before the readings show that it is over."""

from datetime import timedelta

import pytest

from spatial.alarms.hand_clearing import AlarmNotOver
from spatial.alarms.handling import handle_alarm, mark_false
from spatial.alarms.models import Alarm
from spatial.alarms.operations import clear_alarm, follow_readings
from spatial.devices.operations import register_device
from spatial.ledger.models import Act
from spatial.observations.operations import ReadingRow, store_readings
from tests.ingest.cast import START

pytestmark = pytest.mark.django_db


def at(minutes):
    return START + timedelta(minutes=minutes)


@pytest.fixture
def station(cast):
    cast.station, _ = register_device(
        site=cast.site, code=f"W{cast.site.code}", name="气象站", kind="sensor", report_interval_s=60, actor=None,
        now=START,
    )  # fmt: skip
    return cast


def take(cast, quantity, rows):
    """Store and follow readings (minute, value), each received when it was measured."""
    for minute, value in rows:
        row = ReadingRow(cast.station, "", quantity, at(minute), value, at(minute))
        follow_readings(stored=store_readings(rows=[row]))


def clear(cast, minutes, **changes):
    alarm = Alarm.objects.filter(cleared_at=None).get()
    given = {"cleared_at": at(minutes), "received_at": at(minutes), "actor": cast.officer, "reason": "风已停"}
    return clear_alarm(alarm=alarm, **{**given, **changes})


def storm(cast):
    """Wind of 9 m/s for 20 min, then 4 m/s: the ten-minute mean is below 8 m/s from minute 22 on."""
    take(cast, "wind_speed", [(minute, 9.0) for minute in range(20)])
    handle_alarm(alarm=Alarm.objects.get(), text="已复查脚手架", actor=cast.officer, now=at(20))
    take(cast, "wind_speed", [(minute, 4.0) for minute in range(20, 52)])


def test_wind_is_cleared_once_the_mean_was_below_force_5_for_thirty_minutes(station):
    storm(station)
    with pytest.raises(AlarmNotOver, match=r"below 8 for 30 min; they have since 09:22\.") as refused:
        clear(station, 51.9)
    assert (refused.value.hold_s, refused.value.limit, refused.value.since) == (1800, 8, at(22))
    assert Alarm.objects.get().cleared_at is None
    take(station, "wind_speed", [(52, 4.0)])
    assert clear(station, 52).cleared_by == station.officer
    assert "not_measured" not in Act.objects.get(verb="clear_alarm").details


def test_wind_that_rises_again_begins_the_thirty_minutes_anew(station):
    storm(station)
    take(station, "wind_speed", [(minute, 14.0) for minute in range(52, 60)])
    with pytest.raises(AlarmNotOver, match="they do not yet"):
        clear(station, 60)


def test_a_line_that_was_broken_meanwhile_shows_no_thirty_minutes(station):
    storm(station)
    take(station, "wind_speed", [(minute, 4.0) for minute in range(60, 75)])  # silent for 9 min
    with pytest.raises(AlarmNotOver):
        clear(station, 75)


def test_where_nothing_was_measured_who_clears_answers_and_the_ledger_says_so(station):
    storm(station)
    with pytest.raises(AlarmNotOver):
        clear(station, 70)  # the station fell silent at minute 51
    clear(station, 82)
    details = Act.objects.get(verb="clear_alarm").details
    assert (details["reason"], details["not_measured"]) == ("风已停", True)


def test_a_false_alarm_and_the_system_need_not_wait(station):
    take(station, "wind_speed", [(minute, 9.0) for minute in range(20)])
    alarm = mark_false(alarm=Alarm.objects.get(), reason="sensor_fault", actor=station.officer, now=at(20))
    assert alarm.cleared_at == at(20)


def test_a_weather_warning_is_cleared_once_it_is_lifted(station):
    take(station, "weather_warning", [(0, 3.0), (1, 3.0)])
    handle_alarm(alarm=Alarm.objects.get(), text="已复查", actor=station.officer, now=at(1))
    with pytest.raises(AlarmNotOver):
        clear(station, 2)
    take(station, "weather_warning", [(3, 0.0)])
    assert clear(station, 4).cleared_at == at(4)
