"""Failures that users of other systems have published, as tests of ours (beyond.md 50 to 55)."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
import shapely

from spatial.fences.compiled_index import CompiledIndex
from spatial.fences.engine import EngineStates, FixColumns, Limits, evaluate
from spatial.fences.rules import DeviceState, Finding, decide
from spatial.fences.zone_index import FenceZone, PlanFix, ZoneIndex

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SQUARE = shapely.box(0, 0, 20, 20)


def fix(second: float, east: float, north: float = 10.0, height: float = 91.0, accuracy: float = 3.0) -> PlanFix:
    return PlanFix(T0 + timedelta(seconds=second), east, north, height, accuracy)


@pytest.fixture(params=["readable", "compiled"])
def found(request: pytest.FixtureRequest):
    """Runs batches of fixes of one device through either engine and returns what was found."""

    def readable(zones: list[FenceZone], *batches: list[PlanFix]) -> list[Finding]:
        state, index, findings = DeviceState(), ZoneIndex(zones), []
        for batch in batches:
            decision = decide(state, batch, index, max_speed_m_s=12.0)
            state = decision.state
            findings += decision.findings
        return findings

    def compiled(zones: list[FenceZone], *batches: list[PlanFix]) -> list[Finding]:
        index = CompiledIndex(zones)
        states, findings, limits = EngineStates.of([DeviceState()], index), [], Limits.of([(12.0, None)])
        for batch in batches:
            got = evaluate(FixColumns.of([(0, one) for one in batch]), states, index, limits)
            states = got.states
            findings += [got.findings.finding(n) for n in range(len(got.findings))]
        return findings

    return readable if request.param == "readable" else compiled


def zone(number: int = 1, outline: shapely.Geometry = SQUARE, **settings) -> FenceZone:
    return FenceZone(UUID(int=number), outline, **settings)


def test_traccar_2189_and_3609_a_device_at_the_edge_flaps_less_than_an_eighth_as_often(found):
    rng = random.Random(2189)
    standing = [fix(n, rng.gauss(0.0, 1.2), 10 + rng.gauss(0, 1.2)) for n in range(1000)]
    strict = sum((a.east_m >= 0) != (b.east_m >= 0) for a, b in itertools.pairwise(standing))
    kinds = [event.kind for event in found([zone()], standing)]
    assert strict > 300
    assert 8 * len(kinds) < strict


def test_traccar_2189_with_a_still_more_patient_fence_there_is_no_flap_at_all(found):
    rng = random.Random(2189)
    standing = [fix(n, rng.gauss(0.0, 1.2), 10 + rng.gauss(0, 1.2)) for n in range(1000)]
    assert len(found([zone(enter_fixes=6, leave_fixes=6, leave_probability=0.05)], standing)) <= 1


def test_traccar_3779_every_one_of_five_passes_is_an_entry_and_an_exit(found):
    walk, second = [], 0
    for _ in range(5):
        for east in (-25, -15, -5, 5, 10, 15, 25, 35, 25, 15, 10, 5, -5, -15):
            walk.append(fix(second, east, accuracy=0.5))
            second += 2
    kinds = [event.kind for event in found([zone()], *[[one] for one in walk])]
    assert kinds == ["entered", "left"] * 10


def test_traccar_5089_one_entry_is_told_once_however_often_its_messages_come(found):
    inside = [fix(n, 8) for n in range(6)]
    events = found([zone()], inside[:3], inside[:3], inside[1:4], inside, inside)
    assert [event.kind for event in events] == ["entered"]


def test_tile38_522_several_fixes_at_once_do_not_hide_an_entry(found):
    assert [event.kind for event in found([zone()], [fix(0, -9), fix(1, 8), fix(2, 8), fix(3, -8), fix(4, -9)])] == [
        "entered",
        "left",
    ]


def test_tile38_415_only_the_fence_that_was_entered_is_told(found):
    zones = [zone(number, shapely.box(30 * number, 0, 30 * number + 20, 20)) for number in range(8)]
    events = found(zones, [fix(n, 95, accuracy=0.5) for n in range(3)])
    assert [(event.kind, event.zone_id.int) for event in events] == [("entered", 3)]


def test_gps_tracker_119_of_880_fences_one_alarm_rings(found):
    zones = [
        zone(
            number + 1,
            shapely.box(25 * (number % 40), 25 * (number // 40), 25 * (number % 40) + 20, 25 * (number // 40) + 20),
        )
        for number in range(880)
    ]
    events = found(zones, [fix(n, 260, 260, accuracy=0.5) for n in range(4)])
    assert [(event.kind, event.zone_id.int) for event in events] == [("entered", 10 * 40 + 10 + 1)]


def test_thingsboard_11566_overlapping_zones_each_have_their_own_entry_and_exit(found):
    zones = [zone(number, shapely.box(0, 0, 10 * number, 20)) for number in (1, 2, 3)]
    walk = [fix(n, east, accuracy=0.3) for n, east in enumerate((5, 5, 15, 15, 25, 25, 35, 35))]
    told = [(event.kind, event.zone_id.int) for event in found(zones, walk)]
    assert told == [("entered", 1), ("entered", 2), ("entered", 3), ("left", 1), ("left", 2), ("left", 3)]


def test_traccar_5739_heights_bound_a_fence(found):
    pit = zone(bottom_m=85.0, top_m=90.0)
    assert found([pit], [fix(n, 10, height=93.0) for n in range(4)]) == []
    assert [event.kind for event in found([pit], [fix(n, 10, height=88.0) for n in range(4)])] == ["entered"]
    unknown = found([pit], [fix(n, 10, height=float("nan")) for n in range(4)])
    assert [(event.kind, event.possible) for event in unknown] == [("entered", True)]


def test_a_coarse_height_is_weighed_with_the_plan(found):
    def with_accuracy(height: float, accuracy: float) -> list[PlanFix]:
        return [PlanFix(T0 + timedelta(seconds=n), 10, 10, height, 0.3, accuracy) for n in range(3)]

    floor = zone(bottom_m=90.0, top_m=93.0)
    assert [event.kind for event in found([floor], with_accuracy(91.0, 2.0))] == ["entered"]
    assert found([floor], with_accuracy(93.5, 2.0)) == []
    assert found([floor], with_accuracy(91.0, 12.0)) == []


def test_approaching_needs_two_steps_nearer_and_is_over_a_metre_farther_out(found):
    ahead = zone(approach_m=3.0)
    walk = [fix(n, east, accuracy=0.3) for n, east in enumerate((-9, -6, -3.5, -2.5, -2.9, -3.8, -4.2))]
    events = found([ahead], walk)
    assert [(event.kind, (event.fix.fix_time - T0).total_seconds()) for event in events] == [
        ("approaching", 3.0),
        ("receded", 6.0),
    ]
    assert events[0].value == pytest.approx(2.5)
    passing = [fix(n, -2.0, 10 + 3 * n, accuracy=0.3) for n in range(4)]
    assert found([ahead], passing) == []


def test_a_stay_longer_than_allowed_is_told_once_and_ends_with_the_exit(found):
    patient = zone(dwell_s=10)
    walk = [fix(2 * n, 10, accuracy=0.3) for n in range(9)] + [fix(18 + n, -9, accuracy=0.3) for n in range(2)]
    events = found([patient], walk)
    assert [(event.kind, (event.fix.fix_time - T0).total_seconds()) for event in events] == [
        ("entered", 2.0),
        ("dwelling", 14.0),
        ("dwelling_ended", 19.0),
        ("left", 19.0),
    ]


def test_memberships_of_the_compiled_index_are_those_of_geos_on_integer_grids_where_points_lie_on_edges():
    rng = np.random.default_rng(8)
    zones = []
    for number in range(60):
        corners = rng.integers(0, 40, (rng.integers(3, 9), 2))
        hull = shapely.convex_hull(shapely.multipoints(corners))
        if hull.geom_type == "Polygon":
            zones.append(zone(number, hull))
    index = CompiledIndex(zones)
    east, north = (axis.ravel().astype(float) for axis in np.meshgrid(np.arange(-1, 42), np.arange(-1, 42)))
    points, numbers = index.covering(east, north, np.full(east.size, 90.0))
    ours = set(zip(points.tolist(), numbers.tolist(), strict=True))
    truth = {
        (p, z)
        for z, each in enumerate(index.zones)
        for p in np.flatnonzero(shapely.covers(each.outline, shapely.points(east, north))).tolist()
    }
    assert ours == truth
    assert len(truth) > 5000
