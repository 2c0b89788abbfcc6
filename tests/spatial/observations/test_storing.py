"""Readings become observations: datastreams of themselves, newest values, hours, refusals, charts."""

from datetime import UTC, datetime, timedelta

import pytest

from spatial.devices.operations import register_device
from spatial.observations.models import Datastream, LatestObservation, Observation, ObservedHour
from spatial.observations.operations import (
    DatastreamRefused,
    ReadingRow,
    create_datastream,
    make_partitions,
    set_limits,
    store_readings,
)
from spatial.observations.pit_limits import table_limits
from spatial.observations.quantities import all_quantities, reading_fault
from spatial.observations.queries import hours_between, limits_of_stream, series
from tests.ingest.cast import START


@pytest.fixture
def sensor(cast):
    device, _ = register_device(
        site=cast.site,
        code=f"S{cast.site.code}",
        name="监测点1",
        kind="sensor",
        report_interval_s=60,
        actor=None,
        now=START,
    )
    return device


def rows(sensor, values, quantity="pm10", channel="", seconds=60):
    times = [START + timedelta(seconds=seconds * n) for n in range(len(values))]
    return [
        ReadingRow(sensor, channel, quantity, time, value, time + timedelta(seconds=1))
        for time, value in zip(times, values, strict=True)
    ]


def test_a_first_reading_makes_its_datastream_and_the_newest_value_stays(sensor):
    given = rows(sensor, [10.0, 30.0, 20.0])
    stored = store_readings(rows=given[:2])
    assert [list(stored.before.values()), Datastream.objects.count()] == [[None], 1]
    stored = store_readings(rows=[given[2]])
    assert list(stored.before.values()) == [given[1].time]
    newest = LatestObservation.objects.get()
    assert (newest.time, newest.value) == (given[2].time, 20.0)
    store_readings(rows=[given[0]])
    assert LatestObservation.objects.get().time == given[2].time
    assert Observation.objects.count() == 4


def test_channels_and_quantities_are_datastreams_of_their_own(sensor):
    store_readings(
        rows=rows(sensor, [1.0], channel="a") + rows(sensor, [2.0], channel="b") + rows(sensor, [3.0], "pm25")
    )
    found = Datastream.objects.order_by("quantity", "channel").values_list("quantity", "channel")
    assert list(found) == [("pm10", "a"), ("pm10", "b"), ("pm25", "")]


def test_what_cannot_be_is_returned_with_the_reason_and_not_stored(sensor):
    given = rows(sensor, [float("nan"), 9999.0, 50.0]) + rows(sensor, [1.0], "weight")
    stored = store_readings(rows=given)
    assert [reason.split(":")[0] for _, reason in stored.refused] == ["value", "value", "quantity"]
    assert Observation.objects.count() == 1


def test_hours_keep_count_least_greatest_and_sum(sensor):
    store_readings(rows=rows(sensor, [float(n) for n in range(90)]))
    stream = Datastream.objects.get()
    store_readings(rows=[ReadingRow(sensor, "", "pm10", START + timedelta(minutes=5), 500.0, START)])
    first, second = hours_between([stream.pk], START, START + timedelta(hours=3))[stream.pk]
    assert (first.count, first.minimum, first.maximum) == (61, 0.0, 500.0)
    assert (second.count, second.mean) == (30, 74.5)
    assert ObservedHour.objects.count() == 2


def test_a_chart_of_fewer_points_keeps_every_peak_and_leaves_gaps_out(sensor):
    values = [5.0] * 600
    values[301] = 99.0
    given = rows(sensor, values)
    store_readings(rows=given[:100] + given[300:])
    stream = Datastream.objects.get()
    found = series(stream, START, START + timedelta(hours=10), most=60)
    assert max(bucket.maximum for bucket in found) == 99.0
    assert sum(bucket.count for bucket in found) == 400
    starts = [(bucket.start - START).total_seconds() / 600 for bucket in found]
    assert starts == [*range(10), *range(30, 60)]


def test_observations_lie_in_the_partition_of_their_event_day(sensor):
    day = datetime(2031, 5, 1, tzinfo=UTC)
    assert make_partitions(first_day=day.date(), days=2) == 2
    assert make_partitions(first_day=day.date(), days=2) == 0
    store_readings(rows=[ReadingRow(sensor, "", "pm10", day + timedelta(hours=30), 1.0, START)])
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM observations_observation")
        assert cursor.fetchall() == [("observations_observation_20310502",)]


def test_the_limits_of_a_pit_are_the_smaller_of_absolute_and_relative_and_the_design_wins(cast, sensor):
    wall = "灌注桩、地下连续墙"
    limits = {"monitoring_class": 1, "wall": wall, "depth_m": 8.0}
    stream = create_datastream(
        device=sensor, quantity="deep_displacement", channel="CX1", name="CX1", limits=limits, actor=None, now=START
    )
    found = limits_of_stream(stream)
    assert (found.accumulated, found.rate_per_day) == (24.0, 2.0)  # 0.3 per cent of 8 m, not 30 mm
    stream = set_limits(stream=stream, limits={"design_limit": 20.0}, actor=cast.officer, now=START)
    assert limits_of_stream(stream).accumulated == 20.0
    assert table_limits("ground_settlement", monitoring_class=2, wall="", depth_m=None).accumulated == 35.0
    assert table_limits("main_road_settlement", monitoring_class=None, wall="", depth_m=None).rate_per_day == 3.0


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"design_limit": 0}, "design_limit"),
        ({"monitoring_class": 4}, "monitoring_class"),
        ({"wall": "木板"}, "wall"),
        ({"colour": 1}, "colour"),
    ],
)
def test_limits_that_make_no_sense_are_refused(sensor, limits, words):
    with pytest.raises(DatastreamRefused, match=words):
        create_datastream(device=sensor, quantity="deep_displacement", limits=limits, actor=None, now=START)
    assert Datastream.objects.count() == 0


def test_every_quantity_has_both_names_a_unit_and_bounds():
    found = all_quantities()
    assert len(found) == 78
    assert all(row.zh and row.en and row.unit and row.low < row.high for row in found.values())
    assert reading_fault("oxygen", 20.9) == ""
    assert "is not a quantity" in reading_fault("colour", 1.0)
