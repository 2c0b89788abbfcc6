"""Through the whole pipeline: any order of the same messages leaves the same events, late ones marked, disproved ones
kept and withdrawn."""

from __future__ import annotations

import json
import math
import random
import time
from datetime import datetime, timedelta
from datetime import time as clock
from typing import Any

import pytest

from ingest.arrivals import Arrival, read_arrivals
from ingest.batches import Batch, Work
from ingest.directory import Directory
from ingest.pipeline import decide_now, store
from spatial.devices.operations import register_device
from spatial.fences.counting import follow_counts
from spatial.fences.models import FenceCheckpoint, FenceEvent, FenceTrace, Presence
from spatial.fences.operations import create_fence
from spatial.fences.queries import site_fences
from spatial.fences.recording import forget_traces
from spatial.people.models import Shift
from spatial.people.operations import create_person
from spatial.tracks.models import LatestPosition
from spatial.zones.operations import create_zone
from tests.ingest.cast import START, Cast, build_cast, rectangle

pytestmark = pytest.mark.django_db


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def send(cast: Cast, number: int, *fixes: dict, device: str = "", heard: float = 600.0, now: bool = False) -> Batch:
    payload = json.dumps({"v": 1, "boot": "b1b1b1b1", "seq": number, "fixes": list(fixes)}).encode()
    topic = f"tw/v1/{cast.site.code}/{device or cast.helmet.code}/positions"
    received, refused = read_arrivals([Arrival(topic, payload, at(heard))], Directory(time.monotonic))
    assert not refused, refused
    works = [Work(item) for item in received]
    return decide_now(works, at(heard)) if now else store(works, at(heard))


def events() -> list[tuple[str, float]]:
    rows = FenceEvent.objects.filter(withdrawn_at__isnull=True).order_by("fix_time", "kind")
    return [(row.kind, (row.fix_time - START).total_seconds()) for row in rows]


def test_a_late_fix_completes_an_entry_and_a_later_one_disproves_it(cast: Cast):
    send(cast, 1, cast.fix(at(0), -6), cast.fix(at(1), 2))
    send(cast, 2, cast.fix(at(3), -6), cast.fix(at(4), -9))
    assert events() == []
    send(cast, 3, cast.fix(at(2), 3))
    assert events() == [("entered", 2.0), ("left", 4.0)]
    assert set(FenceEvent.objects.values_list("late", flat=True)) == {True}
    send(cast, 4, cast.fix(at(1.5), -4))
    assert events() == []
    assert FenceEvent.objects.filter(withdrawn_at=at(600)).count() == 2
    assert not Presence.objects.filter(inside=True).exists()


def test_every_order_of_the_same_messages_ends_in_the_same_events(cast: Cast):
    rng = random.Random(4)
    walk = [
        (second, 6.0 - 14.0 * math.cos(second / 3.0) + rng.gauss(0, 1), rng.choice([0.3, 3.0])) for second in range(40)
    ]
    pieces = [walk[first : first + 3] for first in range(0, len(walk), 3)]
    wanted = None
    for shuffle in range(3):
        other = build_cast()
        FenceEvent.objects.all().delete()
        order = list(enumerate(pieces))
        if shuffle:
            rng.shuffle(order)
        for number, piece in order:
            fixes = [other.fix(at(second), east, acc=accuracy) for second, east, accuracy in piece]
            if shuffle == 2:
                send(other, number, *fixes, now=True)
            send(other, number, *fixes)
        wanted = wanted or events()
        assert len(wanted) > 3
        assert events() == wanted


def test_what_is_far_from_every_zone_leaves_no_trace_and_a_day_later_nothing_is_left(cast: Cast):
    send(cast, 1, cast.fix(at(0), -200), cast.fix(at(1), -201))
    send(cast, 2, cast.fix(at(0.5), -200))
    assert (FenceTrace.objects.count(), FenceCheckpoint.objects.count()) == (0, 0)
    send(cast, 3, cast.fix(at(60), 3), cast.fix(at(61), 4))
    assert FenceTrace.objects.count() == 2
    assert forget_traces(before=at(60) + timedelta(hours=47)) == 0
    assert forget_traces(before=at(62) + timedelta(hours=48)) >= 3
    assert FenceTrace.objects.count() == 0


def test_a_fix_before_a_fence_changed_is_not_judged_by_the_new_one(cast: Cast):
    send(cast, 1, cast.fix(at(0), 2), cast.fix(at(1), 3))
    assert events() == [("entered", 1.0)]
    type(cast.pit).objects.filter(pk=cast.pit.pk).update(outline=rectangle(100, 0, 120, 20), known_from=at(10))
    send(cast, 2, cast.fix(at(20), 4), cast.fix(at(21), 4), heard=601)
    assert events() == [("entered", 1.0), ("left", 21.0)]
    send(cast, 3, cast.fix(at(5), 110), cast.fix(at(6), 110), heard=602)
    assert events() == [("entered", 1.0), ("left", 21.0)]


def test_two_persons_where_one_is_the_limit_and_one_where_none_may_be_alone(cast: Cast):
    room = create_zone(site=cast.site, code="R", name="井道", kind="edge", outline=rectangle(40, 0, 50, 20),
                       bottom_m=None, top_m=None, actor=None, now=START)  # fmt: skip
    create_fence(zone=room, actor=None, now=START, person_limit=1, lone_forbidden=True)
    other = create_person(site=cast.site, full_name="李四", trade="木工")
    second, _ = register_device(site=cast.site, code=f"{cast.helmet.code}-2", name="2", kind="helmet",
                                report_interval_s=5, person=other, actor=None, now=START)  # fmt: skip
    for number in range(20):
        send(cast, number, cast.fix(at(10 * number), 45))
        if number >= 8:
            send(cast, number, cast.fix(at(10 * number + 1), 46), device=second.code)
    told = [
        (row.kind, (row.fix_time - START).total_seconds(), row.rule, row.value)
        for row in FenceEvent.objects.filter(zone=room, kind__in=("crowded", "alone", "accompanied")).order_by(
            "fix_time"
        )
    ]
    assert told == [("alone", 70.0, "P-05", 1.0), ("accompanied", 91.0, "", 2.0), ("crowded", 121.0, "P-04", 2.0)]


@pytest.fixture
def room(cast: Cast) -> Any:
    """A shaft for one person where nobody may be alone, on a site whose only shift is from 8 to 12 in Shanghai."""
    zone = create_zone(site=cast.site, code="R", name="井道", kind="edge", outline=rectangle(40, 0, 50, 20),
                       bottom_m=None, top_m=None, actor=None, now=START)  # fmt: skip
    create_fence(zone=zone, actor=None, now=START, person_limit=1, lone_forbidden=True)
    Shift.objects.create(organisation=cast.organisation, site=cast.site, name="白班", starts=clock(8), ends=clock(12),
                         early_min=0, late_min=0)  # fmt: skip
    return zone


NIGHT = 12 * 3600


def counted(room: Any) -> list[tuple[str, float]]:
    rows = FenceEvent.objects.filter(zone=room, kind__in=("crowded", "alone", "accompanied")).order_by("fix_time")
    return [(row.kind, (row.fix_time - START).total_seconds() - NIGHT) for row in rows]


def test_who_is_off_shift_is_counted_alone_and_no_more_once_silent(cast: Cast, room: Any):
    for number in range(12):
        second = NIGHT + 10 * number
        send(cast, number, cast.fix(at(second), 45), heard=second)
    assert LatestPosition.objects.count() == 0
    assert counted(room) == [("alone", 70.0)]
    other, _ = register_device(site=cast.site, code=f"{cast.helmet.code}-3", name="3", kind="helmet",
                               report_interval_s=5, actor=None, now=START)  # fmt: skip
    send(cast, 90, cast.fix(at(NIGHT + 400), -200), device=other.code, heard=NIGHT + 400)
    assert counted(room) == [("alone", 70.0), ("accompanied", 230.0)]


def test_a_batch_in_which_nobody_comes_or_goes_costs_one_question(
    cast: Cast, room: Any, django_assert_num_queries: Any
):
    for number in range(9):
        send(cast, number, cast.fix(at(10 * number), 45), heard=10 * number)
    fences = site_fences(cast.site)
    with django_assert_num_queries(1):
        assert follow_counts(site=cast.site, fences=fences, findings=[], received_at=at(90), newest=at(90)) == []
    assert [kind for kind, _ in counted(room)] == ["alone"]
