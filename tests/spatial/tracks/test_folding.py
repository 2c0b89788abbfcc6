"""Positions folded into segments: every fix comes back within the stated tolerance, from a twelfth of the bytes."""

import math
import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from spatial.tracks.folding import Folded, drop_empty_partitions, fold_positions, forget_tracks
from spatial.tracks.models import Position, TrackSegment
from spatial.tracks.operations import (
    MessageKey,
    forget_messages,
    make_partitions,
    store_positions,
    take_messages,
    taken_before,
)
from spatial.tracks.position_rows import UNKNOWN_HEIGHT_ACCURACY, PositionRow, columns_of
from spatial.tracks.queries import fixes_between, folded_fixes
from tests.ingest.cast import START, Cast

pytestmark = pytest.mark.django_db
LATER = START + timedelta(hours=2)


def walk(cast: Cast, count: int, seed: int = 1, **changes) -> list[PositionRow]:
    """A worker's fixes of one second each, with the noise of a UWB tag."""
    rng = random.Random(seed)
    lon, lat, height_m = 113.77, 34.765, 96.0
    rows = []
    for number in range(count):
        lon, lat = lon + rng.gauss(0, 8e-6), lat + rng.gauss(0, 8e-6)
        height_m += rng.gauss(0, 0.1)
        at = START + timedelta(seconds=number, milliseconds=rng.randrange(900))
        facts = {
            "organisation_id": cast.organisation.pk, "site_id": cast.site.pk, "device_id": cast.helmet.pk,
            "fix_time": at, "received_at": at + timedelta(seconds=1), "lon": lon, "lat": lat, "height_m": height_m,
            "accuracy_m": rng.choice([0.3, 0.45, 2.0]), "source": "UWB",
        }  # fmt: skip
        rows.append(PositionRow(**{**facts, **changes}))
    return rows


def _key(fix):
    return fix.source, fix.plausible, fix.fix_time


def test_every_fix_comes_back_within_the_stated_tolerance(cast):
    given = walk(cast, 4000) + walk(cast, 50, seed=2, source="GNSS") + walk(cast, 5, seed=3, plausible=False)
    store_positions(rows=columns_of(given))
    before = fixes_between(cast.site, START, LATER)
    folded = fold_positions(now=LATER)
    assert (folded.fixes, Position.objects.count()) == (4055, 0)
    assert TrackSegment.objects.count() == folded.segments == 4  # two hours of UWB, GNSS, implausible ones
    after = fixes_between(cast.site, START, LATER)
    for old, new in zip(sorted(before, key=_key), sorted(after, key=_key), strict=True):
        assert abs(new.fix_time - old.fix_time) < timedelta(milliseconds=1)
        assert (new.lon, new.lat) == pytest.approx((old.lon, old.lat), abs=0.51e-7)
        assert new.height_m == pytest.approx(old.height_m, abs=0.0051)
        assert new.accuracy_m == pytest.approx(old.accuracy_m, rel=0.026)
        assert (new.device_id, new.source, new.plausible) == (old.device_id, old.source, old.plausible)


def test_nothing_that_is_old_enough_stays_a_row_so_the_next_fold_begins_where_this_one_ended(
    cast, django_assert_num_queries
):
    alone = walk(cast, 1, source="GNSS")
    without_height = walk(cast, 3, seed=2, height_accuracy_m=UNKNOWN_HEIGHT_ACCURACY)
    store_positions(rows=columns_of(alone + without_height))
    assert fold_positions(now=LATER) == Folded(4, 2)
    assert Position.objects.count() == 0
    fixes = folded_fixes(cast.helmet.pk, START - timedelta(hours=1))
    assert sorted(math.isnan(fix.height_m) for fix in fixes) == [False, True, True, True]
    assert fixes_between(cast.site, START, LATER)[0].lon == pytest.approx(alone[0].lon, abs=1e-7)
    with django_assert_num_queries(1):
        fold_positions(now=LATER + timedelta(days=30))


def test_messages_that_nobody_can_send_again_are_forgotten(cast):
    keys = [MessageKey(cast.helmet.pk, "b", number) for number in range(3)]
    take_messages(keys=keys[:2], received_at=START)
    take_messages(keys=keys[2:], received_at=START + timedelta(days=2))
    assert forget_messages(now=START + timedelta(days=32)) == 2
    assert taken_before(keys=keys) == {keys[2]}


def total_bytes(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0) FROM pg_inherits "
                       "WHERE inhparent = %s::regclass", [table])  # fmt: skip
        parts = int(cursor.fetchone()[0])
        cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [table])
        return parts + int(cursor.fetchone()[0])


def test_a_folded_fix_costs_at_most_a_twelfth_of_a_row(cast):
    empty = total_bytes("tracks_position"), total_bytes("tracks_tracksegment")
    store_positions(rows=columns_of(walk(cast, 20_000)))
    rows = total_bytes("tracks_position") - empty[0]
    fold_positions(now=START + timedelta(days=1))
    segments = total_bytes("tracks_tracksegment") - empty[1]
    assert rows / segments >= 12, (rows / 20_000, segments / 20_000)


def test_fresh_fixes_stay_rows(cast):
    store_positions(rows=columns_of(walk(cast, 3, seed=5, received_at=LATER - timedelta(minutes=9), source="GNSS")))
    assert fold_positions(now=LATER).fixes == 0
    assert Position.objects.count() == 3


def test_one_device_and_a_span_are_read_from_rows_and_segments_alike(cast):
    store_positions(rows=columns_of(walk(cast, 100)))
    fold_positions(now=LATER)
    store_positions(rows=columns_of(walk(cast, 10, seed=9, source="BLE")))
    found = fixes_between(cast.site, START + timedelta(seconds=5), START + timedelta(seconds=8), device=cast.helmet)
    assert {(fix.source, fix.fix_time.second) for fix in found} == {(s, n) for s in ("UWB", "BLE") for n in (5, 6, 7)}
    assert [fix.fix_time for fix in found] == sorted(fix.fix_time for fix in found)
    assert fixes_between(cast.site, START, LATER, device=cast.site) == []


def test_old_tracks_are_forgotten_and_empty_days_dropped(cast):
    day = date(2031, 5, 1)
    make_partitions(first_day=day, days=2)
    at = datetime(2031, 5, 1, 12, tzinfo=UTC)
    store_positions(rows=columns_of(walk(cast, 10, received_at=at)))
    assert drop_empty_partitions(before=day + timedelta(days=1)) >= 0
    assert Position.objects.count() == 10
    fold_positions(now=at + timedelta(hours=1))
    assert forget_tracks(site=cast.site, since=START - timedelta(days=1), until=START + timedelta(days=1)) == 10
    assert (TrackSegment.objects.count(), Position.objects.count()) == (0, 0)
    assert drop_empty_partitions(before=day + timedelta(days=2)) >= 1
