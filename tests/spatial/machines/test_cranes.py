"""Cranes as segments: distance, time to contact and the check of a pair, with numbers worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.machines.cranes import (
    PARTS,
    Crane,
    Pose,
    contact_s,
    nearness,
    parts,
    slew_overrun_rad,
    static_check,
    turned,
    with_speeds,
)
from spatial.machines.limits import limits

LIMITS = limits()
HIGH = Crane(UUID(int=1), "T1", 0, 0, 100, 50, 15, 60, 67, counterweight_drop_m=3, hook_gap_m=2.5)
LOW = Crane(UUID(int=2), "T2", 80, 0, 100, 40, 12, 40, 47, counterweight_drop_m=2, hook_gap_m=2.5)
angle = st.floats(0, 2 * math.pi)
speed = st.floats(-0.07, 0.07)


def test_two_jibs_that_cross_are_as_far_apart_as_their_heights():
    near = nearness(HIGH, Pose(0.0, 5, 50), LOW, Pose(math.pi, 5, 20), LIMITS)
    assert near.distance_m == pytest.approx(20.0)  # jib at 160, jib at 140
    assert near.parts == ("jib", "jib")
    assert near.gap_m == pytest.approx(20.0)
    assert near.contact_s is None  # neither moves


def test_the_rope_of_the_high_crane_meets_the_low_jib_first():
    near = nearness(HIGH, Pose(0.0, 48, 38), LOW, Pose(math.pi - 0.1, 5, 20), LIMITS)
    across = (80 - 48) * math.tan(0.1) * math.cos(0.1)  # from the rope to the low jib in plan
    assert near.parts == ("rope", "jib")
    assert near.distance_m == pytest.approx(across, abs=1e-9)


def test_a_jib_is_measured_to_the_face_of_a_mast_not_to_its_axis():
    long = replace(LOW, jib_m=60)
    near = nearness(replace(HIGH, jib_m=10), Pose(math.pi / 2, 5, 55), long, Pose(math.pi, 5, 35), LIMITS)
    assert near.parts == ("mast", "jib")
    assert near.distance_m == pytest.approx(20 - 0.9)  # the tip is 20 m from the high mast's axis


def test_time_to_contact_is_distance_over_speed_in_half_seconds():
    level = replace(LOW, jib_height_m=60, top_height_m=67)
    turning = Pose(math.radians(60), 5, 55, slew_rad_s=-math.radians(3))
    waiting = Pose(math.pi, 5, 55)
    sharp = replace(HIGH, slew_brake_rad_s2=1e9)  # stops at once
    found = contact_s(sharp, turning, level, waiting, LIMITS)
    # the low jib's tip is at (40, 0); the turning jib is 40·sin(angle) away from it: 2 m at 2.866 degrees
    exact = (60 - math.degrees(math.asin(2 / 40))) / 3
    assert exact == pytest.approx(19.04, abs=0.01)
    assert found is None  # beyond 15 s
    found = contact_s(sharp, replace(turning, slew_rad=math.radians(30)), level, waiting, LIMITS)
    assert found == 9.5  # exactly 9.04 s, the next half second


def test_braking_makes_contact_earlier():
    level = replace(LOW, jib_height_m=60, top_height_m=67)
    turning = Pose(math.radians(30), 5, 55, slew_rad_s=-math.radians(3))
    overrun = math.degrees(abs(slew_overrun_rad(turning.slew_rad_s, HIGH.slew_brake_rad_s2)))
    assert overrun == pytest.approx(3.927, abs=0.001)  # 0.05236² / (2 · 0.02) rad
    assert contact_s(HIGH, turning, level, Pose(math.pi, 5, 55), LIMITS) == 8.0  # 9.04 s less 1.31 s: 7.73 s


@given(angle, angle, speed, speed, st.floats(10, 45), st.floats(10, 35))
@settings(max_examples=60, deadline=None)
def test_the_prediction_finds_what_a_hundred_times_finer_walk_finds(a, b, wa, wb, ra, rb):
    one, two = Pose(a, ra, 30, slew_rad_s=wa), Pose(b, rb, 20, slew_rad_s=wb)
    rough = contact_s(HIGH, one, LOW, two, LIMITS)
    fine = contact_s(HIGH, one, LOW, two, replace(LIMITS, step_s=0.005))
    if rough is None:
        # what half seconds miss lasts less than half a second: never nearer than the way of half a second
        if fine is not None:
            wider = replace(LIMITS, contact_m=LIMITS.contact_m + (abs(wa) * 50 + abs(wb) * 40) * 0.5)
            assert contact_s(HIGH, one, LOW, two, wider) is not None
    else:
        assert fine is not None
        assert fine <= rough + 1e-9


@given(angle, angle, speed, speed, st.floats(10, 45), st.floats(10, 35))
@settings(max_examples=100, deadline=None)
def test_pairs_that_are_too_far_to_meet_are_left_out_of_the_prediction_and_no_others(a, b, wa, wb, ra, rb):
    one, two = Pose(a, ra, 30, slew_rad_s=wa, trolley_m_s=0.4), Pose(b, rb, 20, slew_rad_s=wb, hook_m_s=-0.7)
    assert nearness(HIGH, one, LOW, two, LIMITS).contact_s == contact_s(HIGH, one, LOW, two, LIMITS)


@given(angle, st.floats(2, 50), st.floats(0, 57))
@settings(max_examples=60, deadline=None)
def test_parts_keep_their_lengths_whatever_way_the_crane_turns(slew, trolley, hook):
    starts, ends = parts(HIGH, np.array([slew]), np.array([trolley]), np.array([hook]))
    lengths = dict(zip(PARTS, np.linalg.norm(ends - starts, axis=-1)[:, 0], strict=True))
    assert lengths["jib"] == pytest.approx(50)
    assert lengths["counter-jib"] == pytest.approx(15)
    assert lengths["counterweight"] == pytest.approx(3)
    assert lengths["mast"] == pytest.approx(67)
    assert lengths["rope"] == pytest.approx(60 - hook)


def test_speeds_come_from_two_states_the_short_way_round_and_not_over_a_silence():
    before = (100.0, Pose(math.radians(359), 10, 20))
    pose = with_speeds(before, 102.0, Pose(math.radians(3), 11, 18), longest_s=10)
    assert math.degrees(pose.slew_rad_s) == pytest.approx(2.0)
    assert (pose.trolley_m_s, pose.hook_m_s) == (0.5, -1.0)
    assert with_speeds(before, 130.0, Pose(0, 11, 18), longest_s=10).slew_rad_s == 0.0
    assert turned(0.1, 6.2) == pytest.approx(6.1 - 2 * math.pi)


def test_a_good_pair_meets_all_that_is_asked():
    check = static_check(HIGH, LOW, LIMITS)
    assert check.overlaps
    assert check.high == "T1"
    assert check.apart_m == 80.0
    assert check.tip_clearance_m == pytest.approx(80 - 40 - 0.9)
    assert check.height_gap_m == pytest.approx((160 - 3) - 147)  # counterweight bottom over the low crane's top
    assert check.met


@pytest.mark.parametrize(
    ("low", "tip_met", "height_met"),
    [
        (replace(LOW, x=42.8), False, True),  # 42.8 - 40 - 0.9 = 1.9 m: the low jib reaches the high mast
        (replace(LOW, x=43.0), True, True),  # 2.1 m
        (replace(LOW, top_height_m=55.5), True, False),  # 157 - 155.5 = 1.5 m
        (replace(LOW, top_height_m=55.0), True, True),  # 2.0 m exactly
        (replace(LOW, jib_height_m=60, top_height_m=67), True, False),  # at one height
    ],
)
def test_a_pair_fails_by_the_number_that_is_not_met(low, tip_met, height_met):
    check = static_check(HIGH, low, LIMITS)
    assert (check.tip_met, check.height_met) == (tip_met, height_met)


def test_cranes_that_do_not_reach_each_other_need_no_difference_of_height():
    far = replace(LOW, x=95, jib_height_m=60, top_height_m=67)
    check = static_check(HIGH, far, LIMITS)
    assert not check.overlaps
    assert check.shared_m2 == 0.0
    assert check.height_met


@given(angle, angle)
@settings(max_examples=60, deadline=None)
def test_a_pair_that_passes_on_paper_never_comes_nearer_than_two_metres(a, b):
    """Whatever way both turn, with hooks at their tops: the reason for the check."""
    hook_high, hook_low = 60 - 2.5, 40 - 2.5
    near = nearness(HIGH, Pose(a, 48, hook_high), LOW, Pose(b, 38, hook_low), LIMITS)
    assert near.distance_m >= LIMITS.static_gap_m
