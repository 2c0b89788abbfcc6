"""SOS, fall, no motion, taken off, low battery: at once, after a time, and in whatever order they come."""

from datetime import timedelta
from itertools import permutations

import pytest

from spatial.alarms.models import Alarm, DeviceSignal
from spatial.alarms.operations import SignalRow, follow_batteries, follow_signals
from spatial.alarms.signals import judge_state
from tests.ingest.cast import START


def at(seconds):
    return START + timedelta(seconds=seconds)


def say(cast, kind, seconds, ended=False, delay=1):
    return SignalRow(cast.helmet, kind, at(seconds), at(seconds + delay), ended)


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


def test_an_sos_is_a_red_alarm_at_once_and_only_people_end_it(cast):
    follow_signals(signals=[say(cast, "sos", 0)])
    follow_signals(signals=[say(cast, "sos", 5, ended=True)])
    assert record() == [("P-08", "red", 0, None)]
    alarm = Alarm.objects.get()
    assert (alarm.title, alarm.person_name) == (f"SOS求救：张三（{cast.helmet.code}）", "张三")
    assert alarm.title_en == f"SOS: 张三 ({cast.helmet.code})"


def test_pressing_again_counts_and_the_same_message_twice_does_not(cast):
    for _ in range(2):
        follow_signals(signals=[say(cast, "sos", 0), say(cast, "sos", 20)])
    assert (Alarm.objects.get().repeats, DeviceSignal.objects.count()) == (1, 2)


def test_a_helmet_off_the_head_is_an_alarm_after_30_s_also_when_nothing_more_is_heard(cast):
    follow_signals(signals=[say(cast, "taken_off", 0)])
    judge_state(device=cast.helmet, kind="taken_off", now=at(29))
    assert record() == []
    judge_state(device=cast.helmet, kind="taken_off", now=at(33))
    judge_state(device=cast.helmet, kind="taken_off", now=at(38))
    assert record() == [("P-09", "yellow", 30, None)]
    follow_signals(signals=[say(cast, "put_on", 60)])
    assert record() == [("P-09", "yellow", 30, None)]
    judge_state(device=cast.helmet, kind="taken_off", now=at(70))
    assert record() == [("P-09", "yellow", 30, 70)]


def test_no_motion_is_yellow_after_two_minutes_and_red_after_five_and_must_be_noted_anew(cast):
    follow_signals(signals=[say(cast, "no_motion", 0)])
    judge_state(device=cast.helmet, kind="no_motion", now=at(121))
    alarm = Alarm.objects.get()
    Alarm.objects.update(acknowledged_at=at(130), acknowledged_by=cast.officer)
    judge_state(device=cast.helmet, kind="no_motion", now=at(301))
    alarm.refresh_from_db()
    assert (alarm.level, alarm.acknowledged_at) == ("red", None)
    follow_signals(signals=[say(cast, "confirmed_safe", 310)])
    assert record() == [("P-06", "red", 120, 310)]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_signals_in_any_order_leave_the_same_record(cast, order):
    signals = [
        say(cast, "taken_off", 0), say(cast, "put_on", 100), say(cast, "taken_off", 200), say(cast, "put_on", 205),
    ]  # fmt: skip
    for index in order:
        row = signals[index]
        follow_signals(signals=[SignalRow(row.device, row.kind, row.time, at(230), row.ended)])
    judge_state(device=cast.helmet, kind="taken_off", now=at(400))
    assert record() == [("P-09", "yellow", 30, 110)]


def test_a_battery_is_yellow_at_20_orange_at_10_and_clear_above_25(cast):
    def level(seconds, percent):
        follow_batteries(levels={cast.helmet: (at(seconds), percent)}, received_at=at(seconds))
        return [(row[1], row[3]) for row in record()]

    assert level(0, 21) == []
    assert level(1, 20) == [("yellow", None)]
    assert level(2, 10) == [("orange", None)]
    assert level(3, 24) == [("orange", None)]
    assert level(4, 26) == [("orange", 4)]
