"""The closest approach by the database is that of a brute-force walk along every track."""

from __future__ import annotations

import itertools
import math
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spatial import crs
from spatial.devices.models import Device
from spatial.tracks.approaches import Approach, Asked, PlaceAsked, approaches, metres_per_degree
from spatial.tracks.operations import store_positions
from spatial.tracks.position_rows import PositionRow, columns_of
from tests.webmap.field_cast import LAT, LON, Cast, build_cast

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
EAST, NORTH = metres_per_degree(LAT)
Fix = tuple[float, float, float, float]  # seconds after NOW, metres east, metres north, metres of height above 97


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


def walked(cast: Cast, code: str, fixes: list[Fix], *, plausible: bool = True) -> Device:
    device = Device.objects.create(
        organisation=cast.site.organisation, site=cast.site, code=code, name=code, kind="helmet"
    )
    rows = [
        PositionRow(
            organisation_id=device.organisation_id, site_id=device.site_id, device_id=device.pk,
            fix_time=NOW + timedelta(seconds=t), received_at=NOW + timedelta(seconds=t), lon=LON + x / EAST,
            lat=LAT + y / NORTH, height_m=97.0 + z, accuracy_m=0.3, source="UWB", plausible=plausible,
        )
        for t, x, y, z in fixes
    ]  # fmt: skip
    store_positions(rows=columns_of(rows))
    return device


def ask(cast: Cast, **change: Any) -> list[Approach]:
    values = {"lon": LON, "lat": LAT, "radius_m": 20.0, "start": NOW, "end": NOW + timedelta(hours=1), **change}
    return approaches(cast.site, Asked(**values))


def second(moment: datetime) -> float:
    return (moment - NOW).total_seconds()


def test_metres_per_degree_are_those_of_the_projection() -> None:
    east, north = crs.transform_point(LON, LAT, from_srid=4490, to_srid=4547)
    further = crs.transform_point(LON + 20 / EAST, LAT, from_srid=4490, to_srid=4547)
    higher = crs.transform_point(LON, LAT + 20 / NORTH, from_srid=4490, to_srid=4547)
    assert math.dist((east, north), further) == pytest.approx(20, abs=0.003)
    assert math.dist((east, north), higher) == pytest.approx(20, abs=0.003)


def test_somebody_who_passes_between_two_fixes_is_found_with_the_moment_and_how_long(cast: Cast) -> None:
    walked(cast, "pass", [(0, -50, 12, 0), (100, 50, 12, 0)])
    (one,) = ask(cast)
    assert (one.distance_m, second(one.at)) == (pytest.approx(12), pytest.approx(50))
    assert one.within_s == pytest.approx(32) and second(one.first_at) == pytest.approx(34)  # 16 m each way at 1 m/s
    assert (one.lon, one.lat) == (pytest.approx(LON), pytest.approx(LAT + 12 / NORTH))
    assert ask(cast, radius_m=11.9) == []


def test_over_a_long_silence_nobody_is_taken_to_have_walked_straight(cast: Cast) -> None:
    walked(cast, "silent", [(0, -50, 5, 0), (121, 50, 5, 0)])
    assert ask(cast) == []
    walked(cast, "there", [(0, 3, 4, 0), (600, 90, 0, 0)])
    (one,) = ask(cast)
    assert (one.distance_m, one.within_s) == (pytest.approx(5), 0)


def test_only_the_part_of_a_walk_within_the_period_counts(cast: Cast) -> None:
    walked(cast, "pass", [(-50, -50, 0, 0), (50, 50, 0, 0)])
    (one,) = ask(cast, start=NOW + timedelta(seconds=5), end=NOW + timedelta(seconds=15))
    assert (one.distance_m, second(one.at), one.within_s) == (pytest.approx(5), pytest.approx(5), pytest.approx(10))
    assert ask(cast, start=NOW + timedelta(seconds=60)) == []


def test_somebody_above_does_not_count_when_heights_do(cast: Cast) -> None:
    walked(cast, "stairs", [(0, 0, 0, 0), (100, 0, 0, 20)])
    (one,) = ask(cast, height_m=97.0, above_below_m=3.0)
    assert (one.distance_m, one.within_s) == (0, pytest.approx(15))
    assert ask(cast, height_m=130.0, above_below_m=3.0) == []
    assert ask(cast)[0].within_s == pytest.approx(100)


def test_fixes_that_failed_the_speed_check_are_left_out(cast: Cast) -> None:
    walked(cast, "leap", [(0, 0, 0, 0)], plausible=False)
    assert ask(cast) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"radius_m": 0}, "radius"),
        ({"lat": 91}, "place"),
        ({"end": NOW}, "period"),
        ({"end": NOW + timedelta(days=2)}, "long_period"),
    ],
)
def test_a_question_without_sense_is_refused(cast: Cast, change: dict[str, Any], word: str) -> None:
    with pytest.raises(PlaceAsked, match=word):
        ask(cast, **change)


def brute_force(fixes: list[Fix], radius: float, height: float | None, start: float, end: float) -> tuple | None:
    """Walk every track in steps of a 2000th of its pieces."""
    best, within = (math.inf, 0.0), 0.0
    for (t1, *a), (t2, *b) in itertools.pairwise(fixes):
        if t2 - t1 > 120:
            continue
        for step in range(2001):
            s = step / 2000
            t = t1 + s * (t2 - t1)
            x, y, z = (p + s * (q - p) for p, q in zip(a, b, strict=True))
            if not start <= t <= end or (height is not None and abs(z) > height):
                continue
            distance = math.hypot(x, y)
            best = min(best, (distance, t))
            within += (t2 - t1) / 2000 if distance <= radius else 0.0
    return (*best, within) if best[0] <= radius else None


@pytest.mark.parametrize("seed", range(4))
def test_random_walks_give_what_brute_force_gives(cast: Cast, seed: int) -> None:
    dice = random.Random(seed)
    height = dice.choice([None, 2.0])
    tracks: dict[Any, list[Fix]] = {}
    for number in range(12):
        t, x, y, z = dice.uniform(0, 60), dice.uniform(-60, 60), dice.uniform(-60, 60), dice.uniform(-4, 4)
        fixes: list[Fix] = []
        for _ in range(25):
            fixes.append((t, x, y, z))
            t += dice.choice([1, 5, 30, 90, 150]) * dice.uniform(0.8, 1.2)
            x, y, z = x + dice.uniform(-30, 30), y + dice.uniform(-30, 30), z + dice.uniform(-2, 2)
        tracks[walked(cast, f"w{number}", fixes).pk] = fixes
    start, end, radius = 100.0, 900.0, 15.0
    heights = {} if height is None else {"height_m": 97.0, "above_below_m": height}
    period = {"start": NOW + timedelta(seconds=start), "end": NOW + timedelta(seconds=end)}
    found = {one.device_id: one for one in ask(cast, radius_m=radius, **heights, **period)}
    wanted = {key: hit for key, fixes in tracks.items() if (hit := brute_force(fixes, radius, height, start, end))}
    clear = {key for key, hit in wanted.items() if hit[0] < radius - 0.05}
    assert clear <= found.keys() and len(found) <= len(wanted) + 1
    for key in clear:
        distance, _at, within = wanted[key]
        assert found[key].distance_m == pytest.approx(distance, abs=0.05)
        assert found[key].within_s == pytest.approx(within, abs=0.2)
