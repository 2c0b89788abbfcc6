"""Messages taken once, positions by binary COPY, and the newest fix of each device."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from spatial.tracks.models import LatestPosition, Message, Position
from spatial.tracks.operations import (
    MessageKey,
    NewestFixes,
    keep_newest,
    make_partitions,
    store_positions,
    take_messages,
)
from spatial.tracks.position_rows import COLUMNS, PositionRow, columns_of, pack_rows
from tests.ingest.cast import START


def row(cast, seconds=0.0, **changes):
    given = {
        "organisation_id": cast.organisation.pk,
        "site_id": cast.site.pk,
        "device_id": cast.helmet.pk,
        "fix_time": START + timedelta(seconds=seconds),
        "received_at": START + timedelta(seconds=seconds + 0.25),
        "lon": 113.7701234567,
        "lat": 34.7651234567,
        "height_m": 96.125,
        "accuracy_m": 0.3,
        "source": "UWB",
    }
    return PositionRow(**{**given, **changes})


def newest(cast, seconds, **changes):
    return NewestFixes(columns_of([row(cast, seconds, **changes)]), [80], [True], [None], [None])


def test_what_is_packed_is_what_is_read_back_to_the_last_bit(cast):
    rows = [row(cast), row(cast, 0.000001, source="GNSS", lon=-0.0, plausible=False), row(cast, -1e9)]
    assert store_positions(rows=columns_of(rows)) == 3
    stored = Position.objects.order_by("fix_time")
    names = ("organisation_id", "site_id", "device_id", "fix_time", "received_at", "accuracy_m", "source", "plausible")
    for held, packed in zip(stored, sorted(rows, key=lambda row: row.fix_time), strict=True):
        assert [getattr(held, name) for name in names] == [getattr(packed, name) for name in names]
        assert held.point.coords == (packed.lon, packed.lat, packed.height_m)
    assert {p.point.srid for p in stored} == {4490}


@given(st.lists(st.sampled_from(["GNSS", "UWB", "BLE"]), max_size=9))
def test_every_row_is_packed_once_with_its_fields(sources):
    from uuid import UUID

    one = UUID(int=1)
    rows = [PositionRow(one, one, one, START, START, 1.0, 2.0, 3.0, 4.0, source) for source in sources]
    body = b"".join(pack_rows(columns_of(rows)))
    assert body.startswith(b"PGCOPY\n\xff\r\n\0" + bytes(8))
    assert body.endswith(b"\xff\xff")
    assert body.count(len(COLUMNS).to_bytes(2, "big") + (16).to_bytes(4, "big") + one.bytes) == len(rows)


def test_nothing_to_store_is_no_statement(cast, django_assert_num_queries):
    with django_assert_num_queries(2):  # the savepoint
        assert store_positions(rows=columns_of([])) == 0


def test_a_message_is_taken_once_per_device_boot_and_number(cast):
    keys = [
        MessageKey(cast.helmet.pk, "aa", 1),
        MessageKey(cast.helmet.pk, "aa", 2),
        MessageKey(cast.helmet.pk, "bb", 1),
    ]
    assert take_messages(keys=[*keys[:2], keys[0]], received_at=START) == set(keys[:2])
    assert take_messages(keys=keys, received_at=START) == {keys[2]}
    assert take_messages(keys=[], received_at=START) == set()
    assert Message.objects.count() == 3


def test_only_a_newer_fix_replaces_the_newest_one(cast):
    keep_newest(fixes=newest(cast, 10, lon=113.1))
    keep_newest(fixes=newest(cast, 5, lon=113.2))
    keep_newest(fixes=newest(cast, 10, lon=113.3))
    assert LatestPosition.objects.get().point.x == 113.1
    LatestPosition.objects.update(doubted={"x": 1})
    later = columns_of([row(cast, 11, lon=113.4)])
    keep_newest(fixes=NewestFixes(later, [None], [None], [cast.basement.pk], [0.9]))
    latest = LatestPosition.objects.get()
    assert (latest.point.x, latest.battery_percent, latest.worn, latest.storey, latest.doubted) == (
        113.4,
        80,
        True,
        cast.basement,
        None,
    )


def partition_of_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableoid::regclass::text FROM tracks_position")
        return [name for (name,) in cursor.fetchall()]


def test_days_get_partitions_once_and_rows_go_to_their_receive_day(cast):
    day = date(2031, 5, 1)
    assert make_partitions(first_day=day, days=3) == 3
    assert make_partitions(first_day=day, days=4) == 1
    store_positions(rows=columns_of([row(cast, received_at=datetime(2031, 5, 2, 23, 59, 59, tzinfo=UTC))]))
    assert partition_of_rows() == ["tracks_position_20310502"]


def test_a_day_without_a_partition_loses_nothing_and_is_left_as_it_is(cast):
    store_positions(rows=columns_of([row(cast, received_at=datetime(2032, 5, 2, 12, tzinfo=UTC))]))
    assert partition_of_rows() == ["tracks_position_other"]
    assert make_partitions(first_day=date(2032, 5, 1), days=3) == 2
    assert Position.objects.count() == 1


@pytest.mark.parametrize("days", [-1, 401])
def test_an_absurd_number_of_partitions_is_refused(cast, days):
    from django.db import DatabaseError

    with pytest.raises(DatabaseError, match="0 to 400 days"):
        make_partitions(first_day=date(2031, 1, 1), days=days)
