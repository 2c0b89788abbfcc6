"""Alarms from stored readings: raised, changed, cleared; and the same record whatever order messages come in."""

from datetime import timedelta
from random import Random

import pytest

from spatial.alarms.models import Alarm, ConditionMemory
from spatial.alarms.operations import clear_alarm, follow_readings
from spatial.alarms.queries import active_alarms
from spatial.devices.operations import register_device
from spatial.ledger.models import Act
from spatial.observations.models import Datastream, LatestObservation, Observation
from spatial.observations.operations import ReadingRow, create_datastream, store_readings
from spatial.zones.models import Trigger
from tests.ingest.cast import START


@pytest.fixture
def crane(cast):
    device, _ = register_device(
        site=cast.site,
        code=f"C{cast.site.code}",
        name="1号塔吊",
        kind="crane",
        report_interval_s=1,
        actor=None,
        now=START,
    )
    return device


def at(seconds):
    return START + timedelta(seconds=seconds)


def take(device, quantity, rows, received=None):
    """Store and follow readings (seconds, value), received a second after the last one."""
    received_at = at(received if received is not None else max(second for second, _ in rows) + 1)
    given = [ReadingRow(device, "", quantity, at(second), value, received_at) for second, value in rows]
    follow_readings(stored=store_readings(rows=given))


def record():
    """What stands in the record, without what was disproved: level, start and end in seconds."""
    rows = Alarm.objects.filter(disproved_at__isnull=True).order_by("raised_at", "condition")
    return [
        (
            row.level,
            (row.raised_at - START).total_seconds(),
            (row.cleared_at - START).total_seconds() if row.cleared_at else None,
        )
        for row in rows
    ]


def test_a_crane_that_lifts_too_much_raises_changes_and_clears_one_alarm(crane):
    take(crane, "load_ratio", [(0, 80.0), (1, 92.0), (2, 92.0)])
    alarm = Alarm.objects.get()
    assert (alarm.level, alarm.rule, alarm.condition, alarm.value) == ("yellow", "TC-02", "TC-02/ratio", 92.0)
    assert alarm.title == "起重量超限：1号塔吊 起重量百分比 92.0 %（>= 90 %）"
    assert alarm.title_en == "Load: 1号塔吊 Load ratio 92.0 % (>= 90 %)"
    take(crane, "load_ratio", [(3, 112.0), (4, 112.0)])
    take(crane, "load_ratio", [(5, 84.0)])
    assert record() == [("red", 2, 5)]
    verbs = list(Act.objects.filter(subject_kind="alarm").order_by("sequence").values_list("verb", flat=True))
    assert verbs == ["raise_alarm", "change_alarm_level", "clear_alarm"]
    assert ConditionMemory.objects.count() == 0


def test_an_alarm_of_a_reading_colours_the_zone_of_its_datastream(cast, crane):
    create_datastream(device=crane, quantity="load_ratio", zone=cast.pit, actor=None, now=START)
    take(crane, "load_ratio", [(0, 112.0), (1, 112.0)])
    assert Trigger.objects.get(ends_at__isnull=True).kind == "ALARM_RED"
    take(crane, "load_ratio", [(2, 10.0)])
    assert not Trigger.objects.filter(ends_at__isnull=True).exists()


def test_what_needs_time_is_remembered_between_messages(crane):
    for second in range(0, 70, 10):
        take(crane, "wind_speed", [(second, 11.0)])
        assert len(record()) == (1 if second >= 60 else 0)


def test_late_readings_raise_a_late_alarm_that_makes_no_sound_and_no_colour(cast, crane):
    create_datastream(device=crane, quantity="load_ratio", zone=cast.pit, actor=None, now=START)
    take(crane, "load_ratio", [(0, 10.0), (600, 10.0)])
    take(crane, "load_ratio", [(300, 120.0), (301, 120.0), (302, 20.0)], received=601)
    assert record() == [("red", 301, 302)]
    alarm = Alarm.objects.get()
    assert (alarm.late, alarm.remind_at, Trigger.objects.count(), list(active_alarms(cast.site))) == (True, None, 0, [])


def test_a_late_reading_that_disproves_an_alarm_closes_it_as_disproved(crane):
    take(crane, "wind_speed", [(second, 11.0) for second in range(0, 70, 10)])
    assert record() == [("orange", 60, None)]
    take(crane, "wind_speed", [(55, 3.0)], received=71)
    assert record() == []
    alarm = Alarm.objects.get()
    assert alarm.disproved_at is not None and alarm.cleared_at is not None


def test_a_late_reading_corrects_when_an_alarm_began(crane):
    take(crane, "load_ratio", [(0, 10.0), (3, 95.0), (4, 95.0)])
    assert record() == [("yellow", 4, None)]
    take(crane, "load_ratio", [(2, 95.0)], received=5)
    assert record() == [("yellow", 3, None)]
    assert Act.objects.filter(verb="correct_alarm").count() == 1


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_messages_leaves_the_same_record(crane, seed):
    random = Random(seed)
    rows = [(second, random.choice([10.0, 86.0, 92.0, 103.0, 115.0])) for second in range(40)]
    take(crane, "load_ratio", rows, received=41)
    expected = record()
    for model in (Alarm, ConditionMemory, Observation, LatestObservation, Datastream):
        model.objects.all().delete()
    random.shuffle(rows)
    while rows:
        part = [rows.pop() for _ in range(min(len(rows), random.randint(1, 6)))]
        take(crane, "load_ratio", part, received=41)
    assert record() == expected


def test_who_clears_by_hand_is_not_contradicted_by_the_next_reading(cast, crane):
    take(crane, "load_ratio", [(0, 92.0), (1, 92.0)])
    clear_alarm(alarm=Alarm.objects.get(), cleared_at=at(2), received_at=at(2), actor=cast.officer, reason="试吊")
    take(crane, "load_ratio", [(3, 92.0), (4, 92.0)])
    assert record() == [("yellow", 1, 2)]
    take(crane, "load_ratio", [(5, 10.0), (6, 92.0), (7, 92.0)])
    assert record() == [("yellow", 1, 2), ("yellow", 7, None)]


def test_a_hundred_and_fifty_alarms_a_day_of_two_cranes_do_not_swallow_each_other(cast, crane):
    other, _ = register_device(
        site=cast.site,
        code=f"D{cast.site.code}",
        name="2号塔吊",
        kind="crane",
        report_interval_s=1,
        actor=None,
        now=START,
    )
    for device in (crane, other):
        take(device, "load_ratio", [(0, 92.0), (1, 92.0)])
        take(device, "wind_speed", [(second, 11.0) for second in range(0, 70, 10)])
    assert sorted(Alarm.objects.values_list("rule", flat=True)) == ["TC-02", "TC-02", "TC-03", "TC-03"]
