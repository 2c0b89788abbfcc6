"""Moving zones: falling shadow, load path, vehicles, and what is not known."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.machines.clearances import (
    PowerLine,
    Structure,
    SwingBan,
    ban_distance_m,
    power_line_shortfall_m,
    structure_distance_m,
)
from spatial.machines.cranes import Crane, Pose, parts
from spatial.machines.geometry import (
    MachineState,
    Vehicle,
    Whereabouts,
    braking_m,
    fall_radius_m,
    load_path,
    moving_zones,
    under_load,
    vehicle_body,
    vehicle_zone,
)
from spatial.machines.limits import limits
from spatial.machines.pit_edges import edge_distance_m, edge_rings, needs_guard, no_vehicle_m
from spatial.machines.shapes import Capsule, Disc, Sector

LIMITS = limits()
NOW = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)
CRANE = Crane(UUID(int=1), "T1", 0, 0, 100, 50, 15, 60, 67)
TRUCK = Vehicle(UUID(int=2), "V1", length_m=8, width_m=2.5)
DIGGER = Vehicle(UUID(int=3), "E1", length_m=6, width_m=3, work_radius_m=9)


@pytest.mark.parametrize(
    ("fall", "radius"), [(0, 0), (1.99, 0), (2, 3), (4.99, 3), (5, 4), (14.9, 4), (15, 5), (29.9, 5), (30, 6), (200, 6)]
)
def test_the_falling_radius_by_height(fall, radius):
    assert float(fall_radius_m(fall, LIMITS)) == radius


def test_the_shadow_depends_on_how_deep_below_the_load_each_person_stands():
    pose = Pose(0.0, 30, 40, load_t=2.0)  # hook at 140 m over (30, 0), load bottom at 138 m
    heights = [100, 100, 100, 130, 137, 150]
    outside, radius = under_load(CRANE, pose, [30, 36.9, 37.1, 36.9, 30, 30], [0] * 6, heights, LIMITS)
    assert radius.tolist() == [6, 6, 6, 4, 0, 0]
    assert outside[:2].tolist() == [0, 0]
    assert outside[2] == pytest.approx(0.1)
    assert outside[3] == pytest.approx(6.9 - 5)  # 8 m below: 4 m, and the load's own half size of 1 m
    assert np.isinf(outside[4:]).all()  # beside the load, or above it


def test_an_empty_hook_threatens_nobody():
    outside, _ = under_load(CRANE, Pose(0.0, 30, 40, load_t=0.02), [30], [0], [100], LIMITS)
    assert np.isinf(outside).all()


@given(st.floats(0, 6.28), st.floats(5, 48), st.floats(-0.07, 0.07), st.floats(0, 1))
@settings(max_examples=100, deadline=None)
def test_the_load_path_holds_every_place_that_the_load_passes(slew, trolley, turn, share):
    pose = Pose(slew, trolley, 40, load_t=1.0, slew_rad_s=turn)
    path = load_path(CRANE, pose, 100.0, LIMITS)
    stop = math.copysign(turn**2 / 0.04, turn)
    angle = slew + share * (turn * LIMITS.shadow_ahead_s + stop)
    for reach in (trolley, max(0.0, trolley - 6.9), trolley + 6.9):
        assert float(path.distance(reach * math.cos(angle), reach * math.sin(angle))) == pytest.approx(0, abs=1e-6)


def test_braking_adds_reaction_and_half_the_square_of_the_speed():
    assert braking_m(5.0, LIMITS) == pytest.approx(5 + 25 / 6)
    assert braking_m(-5.0, LIMITS) == braking_m(5.0, LIMITS)
    assert braking_m(0.0, LIMITS) == 0.0


def test_a_vehicle_needs_its_body_and_its_braking_way():
    body = vehicle_body(TRUCK, Whereabouts(10, 20, 100, heading_rad=0.0, speed_m_s=5.0), LIMITS)
    assert body == Capsule(10 - 2.75, 20, 10 + 2.75 + 5 + 25 / 6, 20, 1.25)
    zone = vehicle_zone(TRUCK, Whereabouts(10, 20, 100, heading_rad=0.0, speed_m_s=5.0), LIMITS)
    assert float(zone.distance(10 + 2.75 + 5 + 25 / 6 + 2.25, 20)) == pytest.approx(0.0, abs=1e-9)
    assert float(zone.distance(10, 23)) == pytest.approx(0.75)


def test_a_vehicle_without_a_direction_is_dangerous_all_around():
    assert vehicle_body(TRUCK, Whereabouts(0, 0, 100), LIMITS) == Disc(0, 0, 5.25)


def test_an_excavator_is_dangerous_in_its_work_radius_and_a_metre_more():
    assert vehicle_zone(DIGGER, Whereabouts(0, 0, 100, works=True), LIMITS) == Disc(0, 0, 10)
    assert vehicle_zone(DIGGER, Whereabouts(0, 0, 100, works=None), LIMITS) == Disc(0, 0, 10)  # not known: it may work
    assert vehicle_zone(DIGGER, Whereabouts(0, 0, 100, works=False), LIMITS) is None


def test_a_silent_crane_could_be_anywhere_in_its_swing():
    pose = Pose(0.0, 30, 40, load_t=2.0, slew_rad_s=0.03)
    fresh = MachineState(CRANE, NOW - timedelta(seconds=14), pose)
    silent = MachineState(CRANE, NOW - timedelta(seconds=16), pose)
    never = MachineState(CRANE, None)
    kinds = [zone.kind for zone in moving_zones([fresh], NOW, LIMITS)]
    assert kinds == ["swing", "load", "load_path"]
    for state in (silent, never):
        (zone,) = moving_zones([state], NOW, LIMITS)
        assert (zone.kind, zone.known, zone.shape) == ("swing", False, Disc(0, 0, 50))


def test_a_silent_vehicle_is_shown_where_it_was_and_as_unknown():
    state = MachineState(TRUCK, NOW - timedelta(seconds=60), place=Whereabouts(1, 2, 100, 0.0, 3.0))
    (zone,) = moving_zones([state], NOW, LIMITS)
    assert not zone.known


def test_the_load_zone_reaches_from_the_ground_to_the_load():
    state = MachineState(CRANE, NOW, Pose(math.pi / 2, 30, 40, load_t=2.0))
    zone = moving_zones([state], NOW, LIMITS)[1]
    assert (zone.bottom_m, zone.top_m) == (100, 138)
    assert zone.shape == Disc(pytest.approx(0.0, abs=1e-9), pytest.approx(30.0), 7.0)


SQUARE = shapely.box(0, 0, 20, 10)


def test_rings_of_a_pit_have_the_areas_of_their_formula():
    nothing, low, depth = edge_rings(SQUARE, LIMITS, depth_m=6.0, supported=False)
    assert (nothing.inner_m, nothing.outer_m) == (0, 1.5)
    assert (low.inner_m, low.outer_m) == (1.5, 3.0)
    assert (depth.inner_m, depth.outer_m) == (0, 6.0)
    assert nothing.shape.area == pytest.approx(60 * 1.5 + math.pi * 1.5**2, rel=2e-3)  # P·d + pi·d²
    assert low.shape.area == pytest.approx(60 * 1.5 + math.pi * (9 - 2.25), rel=2e-3)
    assert depth.shape.area == pytest.approx(60 * 6 + math.pi * 36, rel=2e-3)
    assert len(edge_rings(SQUARE, LIMITS, depth_m=6.0, supported=True)) == 2


def test_how_near_to_the_edge_a_vehicle_may_come():
    assert no_vehicle_m(LIMITS, depth_m=6.0, supported=True) == 1.5
    assert no_vehicle_m(LIMITS, depth_m=6.0, supported=False) == 6.0
    assert no_vehicle_m(LIMITS, depth_m=1.0, supported=False) == 1.5
    assert edge_distance_m(SQUARE, shapely.Point(21.4, 5)) == pytest.approx(1.4)
    assert edge_distance_m(SQUARE, shapely.box(19, 4, 22, 6)) == 0.0
    assert math.isinf(edge_distance_m(SQUARE, shapely.Point(5, 5)))  # a digger at work in the pit
    assert needs_guard(LIMITS, 2.0)
    assert not needs_guard(LIMITS, 1.9)


TOWER = Structure(UUID(int=7), "tower", shapely.box(20, -10, 40, 10), 100.0, 150.0)


def test_the_distance_of_a_crane_to_a_building_is_vertical_where_the_jib_is_above_it():
    away = Pose(math.pi / 2, 10, 57)
    assert structure_distance_m(CRANE, Pose(0.0, 10, 57), TOWER, LIMITS) == pytest.approx(10.0)  # jib 160, roof 150
    assert structure_distance_m(CRANE, away, TOWER, LIMITS) > 10.0
    low = Pose(0.0, 18, 30, load_t=1.0)
    assert structure_distance_m(CRANE, low, TOWER, LIMITS) == pytest.approx(2.0)  # rope beside the wall


@given(st.floats(0, 6.28), st.floats(3, 50), st.floats(2, 57))
@settings(max_examples=60, deadline=None)
def test_the_distance_to_a_prism_is_the_least_over_sampled_points(slew, trolley, hook):
    pose = Pose(slew, trolley, hook)
    exact = structure_distance_m(CRANE, pose, TOWER, LIMITS)
    starts, ends = parts(CRANE, np.array([slew]), np.array([trolley]), np.array([hook]))
    share = np.linspace(0, 1, 401)[:, None]
    least = math.inf
    for start, end in zip(starts[:4, 0], ends[:4, 0], strict=True):
        points = start + share * (end - start)
        flat = shapely.distance(shapely.points(points[:, :2]), TOWER.outline)
        gap = np.maximum(0, np.maximum(points[:, 2] - 150.0, 100.0 - points[:, 2]))
        least = min(least, float(np.hypot(flat, gap).min()))
    assert exact <= least + 1e-6
    assert least <= exact + 0.15


def test_a_power_line_asks_for_more_above_than_beside():
    line = PowerLine(UUID(int=8), "10 kV", ((-100.0, 55.0, 160.0), (100.0, 55.0, 160.0)), 10)
    tip_beside = Pose(math.pi / 2, 10, 57)  # the tip is at (0, 50), 5 m beside the wire
    assert power_line_shortfall_m(CRANE, tip_beside, line, LIMITS) == (pytest.approx(3.0), 2.0)
    above = PowerLine(UUID(int=8), "10 kV", ((-100.0, 20.0, 162.9), (100.0, 20.0, 162.9)), 10)
    assert power_line_shortfall_m(CRANE, tip_beside, above, LIMITS)[0] == 0.0  # 2.9 m above the jib: 3 m are asked
    higher = PowerLine(UUID(int=8), "10 kV", ((-100.0, 20.0, 163.3), (100.0, 20.0, 163.3)), 10)
    assert power_line_shortfall_m(CRANE, tip_beside, higher, LIMITS)[0] == pytest.approx(0.2)
    assert LIMITS.power_line_m(0.4) == (1.5, 1.5)
    assert LIMITS.power_line_m(66) == (5.0, 4.0)  # between two rows: the higher
    assert LIMITS.power_line_m(800) == (8.5, 8.5)


def test_a_forbidden_place_counts_only_with_a_load():
    school = SwingBan(UUID(int=9), "school", shapely.box(30, -10, 60, 10))
    loaded = Pose(math.radians(60), 20, 40, load_t=1.0)
    assert math.isinf(ban_distance_m(CRANE, Pose(0.0, 20, 40), school, LIMITS))
    assert ban_distance_m(CRANE, Pose(0.0, 20, 40, load_t=1.0), school, LIMITS) == 0.0
    tip = (50 * math.cos(math.radians(60)), 50 * math.sin(math.radians(60)))
    assert ban_distance_m(CRANE, loaded, school, LIMITS) == pytest.approx(
        shapely.distance(shapely.LineString([(0, 0), tip]), school.outline)
    )


def test_a_sector_round_the_whole_turn_is_a_ring():
    ring = Sector(0, 0, 5, 10, 1.0, 2 * math.pi)
    assert float(ring.distance(0, 0)) == 5.0
    assert float(ring.distance(-12, 0)) == 2.0
