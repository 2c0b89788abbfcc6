"""States that count on shift, while worn, at a place of work: exact times, and where no alarm may be."""

from datetime import UTC, datetime, time, timedelta

import pytest

from spatial.alarms.catalogue import policy
from spatial.alarms.models import Alarm, DeviceSignal, HazardDraft
from spatial.alarms.operations import SignalRow, follow_batteries, follow_signals
from spatial.alarms.signal_rules import SignalFact, Surroundings, common, state_episodes, without
from spatial.alarms.signals import judge_state
from spatial.alarms.watching import watch
from spatial.commands.models import Command
from spatial.devices.models import Sighting
from spatial.people.models import Shift
from spatial.tracks.models import LatestPosition
from spatial.zones.operations import create_zone
from tests.ingest.cast import START, place, rectangle


def at(seconds):
    return START + timedelta(seconds=seconds)


def say(cast, kind, seconds, ended=False):
    return SignalRow(cast.helmet, kind, at(seconds), at(seconds + 1), ended)


def seconds(spans):
    return [((a - START).total_seconds(), (b - START).total_seconds() if b else None) for a, b in spans]


def stands(cast, when, east, north, height=92.0):
    point = f"SRID=4490;POINT Z ({place(east, north)[0]} {place(east, north)[1]} {height})"
    LatestPosition.objects.update_or_create(
        device=cast.helmet,
        defaults={
            "organisation": cast.organisation, "site": cast.site, "fix_time": at(when), "received_at": at(when),
            "point": point, "accuracy_m": 0.3, "source": "UWB",
        },
    )  # fmt: skip


def record(rule):
    rows = Alarm.objects.filter(rule=rule, disproved_at=None).order_by("raised_at")
    return [
        (row.level, (row.raised_at - START).total_seconds(),
         (row.cleared_at - START).total_seconds() if row.cleared_at else None)
        for row in rows
    ]  # fmt: skip


def test_spans_less_others_and_in_common():
    assert seconds(without([(at(0), None)], [(at(10), at(20)), (at(30), None)])) == [(0, 10), (20, 30)]
    assert seconds(without([(at(0), at(5))], [(at(0), at(5))])) == []
    assert seconds(common([(at(0), None)], [(at(3), at(9)), (at(20), None)])) == [(3, 9), (20, None)]


@pytest.mark.parametrize(
    ("within", "now", "expected"),
    [
        ([(0, None)], 119, []),
        ([(0, None)], 120, [("yellow", 120, None)]),
        ([(100, None)], 219, []),  # the shift began 100 s after the last motion
        ([(100, None)], 220, [("yellow", 220, None)]),
        ([(100, None)], 400, [("red", 220, None)]),
        ([(0, 119)], 600, []),  # the shift ended first
        ([(0, 120)], 299, [("yellow", 120, None)]),
        ([(0, 120)], 300, [("red", 120, None)]),  # what was raised goes on when the shift is over
        ([], 600, []),
    ],
)
def test_no_motion_counts_from_where_somebody_is_on_shift(within, now, expected):
    spans = [(at(a), at(b) if b is not None else None) for a, b in within]
    spec = policy()["signals"]["no_motion"]
    found = state_episodes([SignalFact(at(0), False)], spec, at(now), Surroundings(spans))
    assert [(e.level, (e.started_at - START).total_seconds(), e.ended_at) for e in found] == expected


@pytest.mark.django_db
def test_who_lies_still_after_the_shift_raises_nothing_and_who_does_before_its_end_does(cast):
    """09:00 to 10:00 by the clock of the site, one hour from START, with ten minutes before and after."""
    Shift.objects.create(
        organisation=cast.organisation, site=cast.site, name="白班", starts=time(9), ends=time(10),
        weekdays=[1, 2, 3, 4, 5, 6, 7], early_min=10, late_min=10,
    )  # fmt: skip
    follow_signals(signals=[say(cast, "no_motion", 4081)])  # 10:08:01; the shift is over at 10:10:00
    watch(now=at(4300))
    assert record("P-06") == []
    follow_signals(signals=[say(cast, "no_motion", 4300, ended=True), say(cast, "no_motion", 0)])
    follow_signals(signals=[say(cast, "no_motion", 4000, ended=True)])
    assert record("P-06") == [("red", 120, 4000)]


@pytest.mark.django_db
def test_a_helmet_that_lies_on_a_table_is_not_a_person_without_motion(cast):
    follow_signals(signals=[say(cast, "no_motion", 0), say(cast, "taken_off", 60)])
    watch(now=at(600))
    assert record("P-06") == []
    follow_signals(signals=[say(cast, "put_on", 700)])
    watch(now=at(819))
    assert record("P-06") == []
    watch(now=at(820))
    assert record("P-06") == [("yellow", 820, None)]


@pytest.mark.django_db
def test_the_wearer_is_spoken_to_once_thirty_seconds_before_the_alarm(cast):
    follow_signals(signals=[say(cast, "no_motion", 0)])
    watch(now=at(89))
    assert not Command.objects.exists()
    for when in (90, 95, 119):
        watch(now=at(when))
    command = Command.objects.get()
    assert (command.kind, command.ordered_at, command.source_kind) == ("voice", at(90), "pre_alert")
    follow_signals(signals=[say(cast, "confirmed_safe", 110)])
    watch(now=at(300))
    assert (record("P-06"), Command.objects.count()) == ([], 1)


@pytest.mark.django_db
def test_without_a_helmet_in_the_office_is_no_alarm_and_outside_of_it_is_one_after_thirty_seconds(cast):
    create_zone(
        site=cast.site, code="OFF", name="办公区", kind="office", outline=rectangle(40, 0, 60, 20), bottom_m=None,
        top_m=None, actor=None, now=START,
    )  # fmt: skip
    stands(cast, 0, 50, 10)
    follow_signals(signals=[say(cast, "taken_off", 1)])
    watch(now=at(300))
    assert record("P-09") == []
    stands(cast, 400, 30, 10)
    watch(now=at(429))
    assert record("P-09") == []
    watch(now=at(430))
    assert record("P-09") == [("yellow", 430, None)]
    stands(cast, 500, 50, 10)  # back in the office
    watch(now=at(511))
    assert record("P-09") == [("yellow", 430, 510)]


@pytest.mark.django_db
def test_without_a_helmet_at_an_edge_is_orange_from_when_one_is_there(cast):
    create_zone(site=cast.site, code="EDG", name="临边", kind="edge", outline=rectangle(40, 0, 60, 20), bottom_m=90.0,
                top_m=95.0, actor=None, now=START)  # fmt: skip
    stands(cast, 0, 30, 10)
    follow_signals(signals=[say(cast, "taken_off", 0)])
    watch(now=at(31))
    assert record("P-09") == [("yellow", 30, None)]
    stands(cast, 50, 50, 10, height=110.0)  # far above the edge
    watch(now=at(55))
    assert record("P-09") == [("yellow", 30, None)]
    stands(cast, 60, 50, 10)
    watch(now=at(65))
    assert record("P-09") == [("orange", 30, None)]


@pytest.mark.django_db
def test_outside_of_the_site_nobody_needs_a_helmet(cast):
    cast.site.boundary = rectangle(0, 0, 100, 100)[0]
    cast.site.save()
    stands(cast, 0, -200, 10)
    follow_signals(signals=[say(cast, "taken_off", 1)])
    watch(now=at(100))
    assert record("P-09") == []


@pytest.mark.django_db
def test_three_times_a_day_without_a_helmet_opens_a_hazard_draft(cast):
    for number in range(3):
        begin = 1000 * number
        follow_signals(signals=[say(cast, "taken_off", begin)])
        watch(now=at(begin + 35))
        follow_signals(signals=[say(cast, "put_on", begin + 60)])
        watch(now=at(begin + 75))
        assert HazardDraft.objects.count() == (1 if number == 2 else 0)


@pytest.mark.django_db
def test_an_old_word_of_a_low_battery_says_nothing_once_a_newer_one_is_known(cast):
    Sighting.objects.create(device=cast.helmet, received_at=at(500), event_at=at(500), battery_percent=90)
    follow_batteries(levels={cast.helmet: (at(100), 8.0)}, received_at=at(501))
    assert record("P-11") == []
    follow_batteries(levels={cast.helmet: (at(510), 8.0)}, received_at=at(511))
    assert record("P-11") == [("orange", 510, None)]


@pytest.mark.django_db
def test_signals_of_places_are_kept_once(cast):
    stands(cast, 0, 30, 10)
    follow_signals(signals=[say(cast, "taken_off", 1)])
    for when in (5, 10, 15):
        watch(now=at(when))
    assert set(DeviceSignal.objects.values_list("kind", flat=True)) == {"taken_off"}
    judge_state(device=cast.helmet, kind="taken_off", now=datetime(2026, 3, 1, 1, 0, 32, tzinfo=UTC))
    assert record("P-09") == [("yellow", 31, None)]
