"""Every closed form of a shape against brute force: Monte-Carlo for areas, dense sampling for distances."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.machines.shapes import TURN, Capsule, Disc, Sector, heading_of, lens_area_m2, segment_distances

coordinate = st.floats(-50, 50, allow_nan=False, width=32)
point3 = st.tuples(coordinate, coordinate, coordinate)


def _monte_carlo_area(distances, box: tuple[float, float, float, float], seed: int = 1) -> float:
    random = np.random.default_rng(seed)
    x = random.uniform(box[0], box[2], 400_000)
    y = random.uniform(box[1], box[3], 400_000)
    return float((distances(x, y) == 0).mean() * (box[2] - box[0]) * (box[3] - box[1]))


@given(point3, point3, point3, point3)
@settings(max_examples=200, deadline=None)
def test_the_distance_of_two_segments_is_the_least_over_all_pairs_of_their_points(a0, a1, b0, b1):
    exact = float(segment_distances(a0, a1, b0, b1))
    share = np.linspace(0, 1, 201)[:, None]
    one = np.asarray(a0) + share * (np.asarray(a1) - np.asarray(a0))
    two = np.asarray(b0) + share * (np.asarray(b1) - np.asarray(b0))
    sampled = float(np.linalg.norm(one[:, None] - two[None], axis=-1).min())
    step = (math.dist(a0, a1) + math.dist(b0, b1)) / 400
    assert exact <= sampled + 1e-6
    assert sampled <= exact + step + 1e-6


@pytest.mark.parametrize(
    ("a0", "a1", "b0", "b1", "metres"),
    [
        ((0, 0, 0), (10, 0, 0), (5, -5, 3), (5, 5, 3), 3.0),  # crossing, one above the other
        ((0, 0, 0), (10, 0, 0), (0, 4, 0), (10, 4, 0), 4.0),  # side by side
        ((0, 0, 0), (10, 0, 0), (13, 4, 0), (20, 4, 0), 5.0),  # past the end: 3-4-5
        ((1, 1, 1), (1, 1, 1), (1, 1, 5), (1, 1, 5), 4.0),  # two points
        ((2, 3, 0), (2, 3, 0), (0, 0, 0), (10, 0, 0), 3.0),  # a point and a line
        ((0, 0, 0), (10, 0, 0), (4, 0, 0), (14, 0, 0), 0.0),  # one on the other
    ],
)
def test_distances_of_segments_known_by_hand(a0, a1, b0, b1, metres):
    assert float(segment_distances(a0, a1, b0, b1)) == pytest.approx(metres, abs=1e-12)
    assert float(segment_distances(b0, b1, a0, a1)) == pytest.approx(metres, abs=1e-12)


def test_many_segments_at_once_give_what_each_gives_alone():
    random = np.random.default_rng(7)
    a0, a1, b0, b1 = random.uniform(-50, 50, (4, 500, 3))
    together = segment_distances(a0, a1, b0, b1)
    alone = [float(segment_distances(*rows)) for rows in zip(a0, a1, b0, b1, strict=True)]
    assert together.tolist() == pytest.approx(alone, abs=1e-12)


@given(st.floats(0, 20), st.floats(0.5, 20), st.floats(0, 6.2), st.floats(0.05, 6.2), coordinate, coordinate)
@settings(max_examples=200, deadline=None)
def test_the_distance_to_a_sector_is_the_least_over_its_sampled_points(inner, width, start, sweep, x, y):
    sector = Sector(3.0, -2.0, inner, inner + width, start, sweep)
    angles = sector.start_rad + np.linspace(0, sweep, 721)[:, None]
    radii = np.linspace(inner, inner + width, 41)[None]
    sampled = np.hypot(3.0 + radii * np.cos(angles) - x, -2.0 + radii * np.sin(angles) - y).min()
    exact = float(sector.distance(x, y))
    assert exact <= sampled + 1e-9
    assert sampled <= exact + width / 80 + (inner + width) * sweep / 1440 + 1e-9


def test_areas_by_formula_are_those_by_monte_carlo():
    shapes = {
        Disc(3, 4, 10): (-10, -10, 15, 15),
        Sector(0, 0, 5, 12, 1.0, 2.5): (-13, -13, 13, 13),
        Sector(0, 0, 0, 12, -0.4, TURN): (-13, -13, 13, 13),
        Capsule(-4, 0, 6, 3, 2): (-7, -3, 9, 6),
    }
    for shape, box in shapes.items():
        assert shape.area_m2 == pytest.approx(_monte_carlo_area(shape.distance, box), rel=0.015)
    assert Sector(0, 0, 5, 12, 1.0, 2.5).area_m2 == pytest.approx(148.75)  # (144 - 25) * 2.5 / 2


def test_the_area_that_two_swing_discs_share_is_that_by_monte_carlo():
    one, two = Disc(0, 0, 50), Disc(70, 10, 45)

    def both(x, y):
        return np.maximum(one.distance(x, y), two.distance(x, y))

    assert lens_area_m2(one, two) == pytest.approx(_monte_carlo_area(both, (20, -40, 55, 60)), rel=0.01)
    assert lens_area_m2(one, two) == lens_area_m2(two, one)
    assert lens_area_m2(Disc(0, 0, 10), Disc(20, 0, 10)) == 0.0
    assert lens_area_m2(Disc(0, 0, 10), Disc(1, 0, 3)) == pytest.approx(math.pi * 9)


def test_a_capsule_without_length_is_a_disc():
    assert float(Capsule(1, 1, 1, 1, 2).distance(4, 5)) == pytest.approx(3.0) == float(Disc(1, 1, 2).distance(4, 5))


def test_a_move_below_the_noise_gives_no_heading():
    assert heading_of((0, 0), (0.3, 0.4), least_m=0.7) is None
    assert heading_of((0, 0), (0, 2), least_m=0.7) == pytest.approx(math.pi / 2)
