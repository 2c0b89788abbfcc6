"""Circles, corridors and storeys from the form to the event: drawn on the page, compiled, entered over the pipeline."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from ingest.arrivals import Arrival, read_arrivals
from ingest.batches import Work
from ingest.directory import Directory
from ingest.pipeline import store
from spatial.alarms.models import Alarm
from spatial.fences.models import FenceEvent
from tests.ingest.cast import Cast, build_cast, place, rectangle

from .test_fence_page import address, client_of, settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return build_cast()


def words(*places: tuple[float, float]) -> str:
    return "\n".join("{:.8f}, {:.8f}".format(*place(*one)) for one in places)


def walk(cast: Cast, *steps: tuple[float, float, float]) -> list[tuple[str, int]]:
    """Send fixes (east, north, height) two seconds apart through the pipeline; return the events by step."""
    start = timezone.now()
    for number, (east, north, height) in enumerate(steps):
        at = start + timedelta(seconds=2 * number)
        fixes = [cast.fix(at, east, north, h=height)]
        body = json.dumps({"v": 1, "boot": "b1b1b1b1", "seq": number, "fixes": fixes}).encode()
        arrival = Arrival(f"tw/v1/{cast.site.code}/{cast.helmet.code}/messages", body, at)
        received, refused = read_arrivals([arrival], Directory(time.monotonic))
        assert not refused, [refusal.reason for refusal in refused]
        store([Work(item) for item in received], at)
    rows = FenceEvent.objects.filter(zone=cast.pit, kind__in=("entered", "left")).order_by("fix_time")
    return [(row.kind, round((row.fix_time - start).total_seconds() / 2)) for row in rows]


def set_fence(cast: Cast, **changes) -> None:
    answer = client_of(cast.officer).post(address(cast), settings(**changes))
    assert answer.status_code == 302, answer.content.decode()[:3000]
    cast.pit.refresh_from_db()


def test_a_circle_is_entered_where_it_is_and_not_in_the_corner_of_its_box(cast: Cast):
    set_fence(cast, shape="circle", centre=words((10, 10)), radius_m=8)
    assert walk(cast, (4, 4, 92), (3.5, 4, 92), (10, 4, 92), (10, 4.5, 92), (10, 10, 92), (4, 4, 92), (3, 4, 92)) == [
        ("entered", 3), ("left", 6),
    ]  # fmt: skip
    assert Alarm.objects.get(rule="P-01").zone_id == cast.pit.pk


def test_a_corridor_bends_with_its_line_and_is_as_wide_as_it_says(cast: Cast):
    set_fence(cast, shape="corridor", path=words((0, 0), (20, 0), (20, 20)), width_m=3)
    assert walk(cast, (10, 8, 92), (12, 6, 92), (12, 1, 92), (14, 0, 92), (20, 4, 92), (16, 8, 92), (14, 9, 92)) == [
        ("entered", 3), ("left", 6),
    ]  # fmt: skip
    assert cast.pit.outline.num_points > 5


def test_a_storey_is_its_building_between_its_floor_and_its_top(cast: Cast):
    building = cast.basement.building
    building.outline = rectangle(2, 2, 18, 18)
    building.save()
    cast.pit.bottom_m = cast.pit.top_m = None
    cast.pit.save()
    set_fence(cast, shape="storey", storey=str(cast.basement.pk))
    assert walk(
        cast, (10, 10, 97), (10, 11, 97), (10, 10, 91), (11, 10, 91), (1, 10, 91), (0, 10, 91), (10, 10, 96)
    ) == [("entered", 3), ("left", 5)]
