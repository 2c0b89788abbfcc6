"""Positions past their time become counts and are gone; what is younger stays, and nothing is counted twice."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import connection

from spatial.devices.models import RefusedMessage
from spatial.ledger.models import Act
from spatial.privacy.models import HourCount
from spatial.privacy.operations import publish_policy
from spatial.privacy.retention import age_out, age_out_all, forget_refused
from spatial.privacy.tasks import age_out_positions
from spatial.tracks.folding import fold_positions
from spatial.tracks.models import LatestPosition, Position, TrackSegment
from spatial.tracks.operations import make_partitions
from tests.ingest.cast import Cast, build_cast, place

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 15, 8, 20, tzinfo=UTC)
CUT = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)  # 90 days before, whole hours
HOUR = timedelta(hours=1)


@pytest.fixture
def cast() -> Cast:
    return build_cast(NOW - timedelta(days=120))


def put(cast: Cast, at: datetime, east_m: float, height_m: float = 92.0, plausible: bool = True) -> None:
    point = Point(*place(east_m, 10.0), height_m, srid=4490)
    Position.objects.create(organisation=cast.organisation, site=cast.site, device=cast.helmet, fix_time=at,
                            received_at=at, point=point, accuracy_m=0.3, source="UWB", plausible=plausible)  # fmt: skip


def counts() -> list[tuple]:
    rows = HourCount.objects.order_by("hour", "zone__code")
    return [(row.hour, row.zone.code if row.zone else None, row.devices, row.positions) for row in rows]


def test_old_positions_become_counts_by_zone_and_hour_and_young_ones_stay(cast: Cast):
    put(cast, CUT - 2 * HOUR, 10.0)
    put(cast, CUT - 2 * HOUR + timedelta(minutes=59), 10.0)
    put(cast, CUT - HOUR, 10.0, height_m=99.0)  # above the pit
    put(cast, CUT - HOUR, 50.0)
    put(cast, CUT - HOUR, 10.0, plausible=False)
    put(cast, CUT, 10.0)
    assert age_out(site=cast.site, now=NOW) == 5
    assert counts() == [
        (CUT - 2 * HOUR, "PIT", 1, 2),
        (CUT - 2 * HOUR, None, 1, 2),
        (CUT - HOUR, None, 1, 2),
    ]
    assert [row.fix_time for row in Position.objects.all()] == [CUT]
    act = Act.objects.get(verb="age_out_positions")
    assert (act.details["positions"], act.details["days"]) == (5, 90)


def test_running_again_changes_nothing_and_a_later_find_is_added(cast: Cast):
    put(cast, CUT - HOUR, 10.0)
    assert age_out_all(now=NOW) == 1
    assert age_out_all(now=NOW) == 0
    assert Act.objects.filter(verb="age_out_positions").count() == 1
    put(cast, CUT - HOUR, 10.0)
    assert age_out_all(now=NOW) == 1
    assert counts() == [(CUT - HOUR, "PIT", 1, 2), (CUT - HOUR, None, 1, 2)]


def test_a_tenants_own_time_decides_and_the_last_place_goes_too(cast: Cast):
    publish_policy(organisation=cast.organisation, notice="告知", retention_days=1, only_on_shift=True,
                   only_inside=True, actor=None, now=NOW)  # fmt: skip
    put(cast, NOW - timedelta(hours=30), 10.0)
    LatestPosition.objects.create(device=cast.helmet, organisation=cast.organisation, site=cast.site,
                                  fix_time=NOW - timedelta(hours=30), received_at=NOW, accuracy_m=0.3, source="UWB",
                                  point=Point(*place(10.0, 10.0), 92.0, srid=4490))  # fmt: skip
    put(cast, NOW - timedelta(hours=20), 10.0)
    assert age_out(site=cast.site, now=NOW) == 1
    assert Position.objects.count() == 1
    assert LatestPosition.objects.count() == 0


def test_folded_tracks_go_by_the_hour_and_the_emptied_day_with_them(cast: Cast):
    day = (CUT - 2 * HOUR).date()
    make_partitions(first_day=day, days=1)
    for second in range(30):
        put(cast, CUT - 2 * HOUR + timedelta(seconds=second), 10.0)
        put(cast, CUT + timedelta(seconds=second), 10.0)
    assert fold_positions(now=CUT + HOUR).segments == 2
    assert age_out_all(now=NOW) == 30
    assert [(row.fixes, row.starts_at) for row in TrackSegment.objects.all()] == [(30, CUT)]
    assert counts() == [(CUT - 2 * HOUR, "PIT", 1, 30), (CUT - 2 * HOUR, None, 1, 30)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"tracks_position_{day:%Y%m%d}"])
        assert cursor.fetchone() == (None,)


def test_the_task_is_on_the_daily_schedule():
    row = settings.CELERY_BEAT_SCHEDULE["positions past their time"]
    assert (row["task"], row["schedule"]) == (age_out_positions.name, 86_400.0)


def test_the_task_runs_it_by_the_clock(cast: Cast):
    put(cast, datetime.now(UTC) - timedelta(days=91), 10.0)
    assert age_out_positions() == 1
    assert Position.objects.count() == 0


def test_refused_messages_go_with_the_days_of_their_tenant(cast: Cast):
    publish_policy(organisation=cast.organisation, notice="保留十天", retention_days=10, only_on_shift=True,
                   only_inside=True, actor=None, now=NOW - timedelta(days=100))  # fmt: skip
    for site, days in ((cast.site, 9), (cast.site, 11), (None, 11), (None, 91)):
        RefusedMessage.objects.create(topic="t", site=site, payload=b"", reason="x",
                                      received_at=NOW - timedelta(days=days))  # fmt: skip
    assert forget_refused(now=NOW) == 2
    left = RefusedMessage.objects.order_by("id").values_list("site", "received_at")
    assert list(left) == [(cast.site.pk, NOW - timedelta(days=9)), (None, NOW - timedelta(days=11))]
