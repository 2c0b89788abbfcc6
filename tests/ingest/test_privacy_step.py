"""Positions of people off shift or outside the site are counted and not kept; danger zones see them all the same."""

import json
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock

import pytest
from django.contrib.gis.geos import Polygon

from ingest.arrivals import Arrival, read_arrivals
from ingest.batches import Batch, Work
from ingest.directory import Directory
from ingest.pipeline import moved, store
from spatial.alarms.models import Alarm
from spatial.alarms.operations import clear_alarm
from spatial.fences.models import FenceEvent
from spatial.musters.operations import end_muster, start_muster
from spatial.people.models import Shift
from spatial.privacy.models import Untracked
from spatial.privacy.operations import publish_policy
from spatial.tracks.models import LatestPosition, Position
from tests.ingest.cast import START, Cast, rectangle

pytestmark = pytest.mark.django_db
HOUR = START.replace(minute=0)


@pytest.fixture
def fenced(cast: Cast) -> Cast:
    """The cast on a site of 100 m by 60 m around the pit, with a day shift from 8 to 12 in Shanghai."""
    ground = rectangle(-40, -20, 60, 40)[0]
    cast.site.boundary = Polygon(*ground.coords, srid=4490)
    cast.site.save()
    cast.helmet.site = cast.site
    Shift.objects.create(organisation=cast.organisation, site=cast.site, name="白班", starts=clock(8), ends=clock(12),
                         early_min=0, late_min=0)  # fmt: skip
    return cast


def send(cast: Cast, *fixes: dict, number: int = 1, at: datetime | None = None, signal: str = "") -> Batch:
    moment = at or datetime.fromtimestamp(max(fix["t"] for fix in fixes) / 1000, tz=UTC)
    said = {"signals": [{"kind": signal, "t": fixes[-1]["t"]}]} if signal else {}
    payload = json.dumps({"v": 1, "boot": "b1b1b1b1", "seq": number, "fixes": list(fixes), **said}).encode()
    topic = f"tw/v1/{cast.site.code}/{cast.helmet.code}/positions"
    received, refused = read_arrivals([Arrival(topic, payload, moment)], Directory(time.monotonic))
    assert not refused
    return store([Work(item) for item in received], moment)


def counts() -> list[tuple[int, int]]:
    return list(Untracked.objects.values_list("outside", "off_shift"))


def test_on_shift_and_inside_is_kept_and_published(fenced: Cast):
    batch = send(fenced, fenced.fix(START, 30.0))
    assert Position.objects.count() == 1
    assert LatestPosition.objects.count() == 1
    assert moved(batch) == {fenced.site.pk: 1}
    assert counts() == []


def test_outside_the_site_is_counted_and_leaves_no_place(fenced: Cast):
    send(fenced, fenced.fix(START, 30.0))
    batch = send(fenced, fenced.fix(START + timedelta(seconds=60), 90.0), number=2)
    assert Position.objects.count() == 1
    assert LatestPosition.objects.get().fix_time == START
    assert moved(batch) == {}
    assert counts() == [(1, 0)]
    assert Untracked.objects.get().hour == HOUR


def test_an_error_that_reaches_the_site_counts_as_inside_but_never_beyond_ten_metres(fenced: Cast):
    send(fenced, fenced.fix(START, 64.0, acc=5.0), fenced.fix(START + timedelta(seconds=9), 71.0, acc=50.0))
    assert Position.objects.count() == 1
    assert counts() == [(1, 0)]


def test_off_shift_is_counted_and_not_kept_but_danger_still_raises_its_event(fenced: Cast):
    night = START + timedelta(hours=12)  # 21:00 in Shanghai
    send(fenced, fenced.fix(night, 10.0), fenced.fix(night + timedelta(seconds=2), 10.0))
    assert Position.objects.count() == 0
    assert counts() == [(0, 2)]
    assert FenceEvent.objects.filter(kind="entered").count() == 1


def test_who_leaves_the_site_is_let_out_of_the_zone_they_were_in(fenced: Cast):
    send(fenced, fenced.fix(START, 10.0), fenced.fix(START + timedelta(seconds=2), 10.0))
    later = START + timedelta(seconds=90)
    send(fenced, fenced.fix(later, 90.0), fenced.fix(later + timedelta(seconds=5), 95.0), number=2)
    kinds = [event.kind for event in FenceEvent.objects.order_by("fix_time")]
    assert [kind for kind in kinds if kind in ("entered", "left")] == ["entered", "left"]
    assert counts() == [(2, 0)]


def test_a_tenant_may_keep_more_by_publishing_it(fenced: Cast):
    publish_policy(organisation=fenced.organisation, notice="全程记录", retention_days=30, only_on_shift=False,
                   only_inside=False, actor=None, now=START)  # fmt: skip
    send(fenced, fenced.fix(START + timedelta(hours=12), 90.0))
    assert Position.objects.count() == 1
    assert counts() == []


def test_a_device_that_nobody_wears_is_nobodys_track(fenced: Cast):
    fenced.helmet.person = None
    fenced.helmet.save()
    send(fenced, fenced.fix(START + timedelta(hours=12), 90.0))
    assert Position.objects.count() == 1


def test_a_message_sent_twice_is_counted_once(fenced: Cast):
    fix = fenced.fix(START, 90.0)
    send(fenced, fix)
    send(fenced, fix)
    assert counts() == [(1, 0)]


def test_who_called_for_help_is_followed_off_shift_and_outside_until_the_alarm_is_over(fenced: Cast):
    night = START + timedelta(hours=12)
    send(fenced, fenced.fix(night, 30.0), signal="sos")
    send(fenced, fenced.fix(night + timedelta(seconds=60), 90.0), number=2)
    assert LatestPosition.objects.get().fix_time == night + timedelta(seconds=60)
    assert (Position.objects.count(), counts()) == (2, [])
    clear_alarm(alarm=Alarm.objects.get(), cleared_at=night + timedelta(seconds=90), actor=fenced.officer,
                received_at=night + timedelta(seconds=90), reason="已获救")  # fmt: skip
    send(fenced, fenced.fix(night + timedelta(seconds=120), 90.0), number=3)
    assert (Position.objects.count(), counts()) == (2, [(1, 0)])


def test_fixes_of_before_a_call_for_help_that_come_after_it_are_not_kept(fenced: Cast):
    night = START + timedelta(hours=12)
    send(fenced, fenced.fix(night, 30.0), signal="sos")
    send(fenced, fenced.fix(night - timedelta(minutes=10), 30.0), number=2, at=night)
    assert (Position.objects.count(), counts()) == (1, [(0, 1)])


def test_in_a_muster_who_is_off_shift_can_be_seen_at_the_assembly_area(fenced: Cast):
    night = START + timedelta(hours=12)
    send(fenced, fenced.fix(night - timedelta(minutes=1), 30.0))
    muster = start_muster(site=fenced.site, drill=False, reason="火灾", actor=fenced.officer, now=night)
    assert [entry.person for entry in muster.entries.all()] == [fenced.worker]
    send(fenced, fenced.fix(night + timedelta(seconds=60), 90.0), number=2)
    assert LatestPosition.objects.get().fix_time == night + timedelta(seconds=60)
    end_muster(muster=muster, note="都已点名", actor=fenced.officer, now=night + timedelta(seconds=90))
    send(fenced, fenced.fix(night + timedelta(seconds=120), 30.0), number=3)
    assert (Position.objects.count(), counts()) == (1, [(0, 1), (0, 1)])


def test_a_muster_does_not_follow_people_who_are_off_its_roll_and_away(fenced: Cast):
    night = START + timedelta(hours=12)
    start_muster(site=fenced.site, drill=True, reason="", actor=fenced.officer, now=night)
    send(fenced, fenced.fix(night + timedelta(seconds=60), 90.0))
    send(fenced, fenced.fix(night + timedelta(seconds=120), 30.0), number=2)
    assert (Position.objects.count(), counts()) == (1, [(1, 0)])
