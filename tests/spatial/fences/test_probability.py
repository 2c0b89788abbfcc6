"""P(inside) of a fix with an accuracy, against closed forms and a sample."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.fences.probability import R95_PER_SIGMA, integrate_gaussian, probability_inside, sigma_of

SQUARE = shapely.box(0, 0, 10, 10)


def normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def test_r95_holds_95_percent():
    circle = shapely.Point(0, 0).buffer(3.0, quad_segs=256)
    assert integrate_gaussian(circle, 0, 0, sigma_of(3.0)) == pytest.approx(0.95, abs=1e-4)
    assert pytest.approx(2.4477, abs=1e-4) == R95_PER_SIGMA


@pytest.mark.parametrize(
    ("east", "north", "expected"),
    [(5.0, 0.0, 0.5), (0.0, 0.0, 0.25), (5.0, 5.0, 1.0), (5.0, -30.0, 0.0), (10.0, 5.0, 0.5)],
)
def test_edge_is_a_half_corner_a_quarter_and_far_away_is_certain(east, north, expected):
    assert probability_inside(SQUARE, east, north, 2.0) == pytest.approx(expected, abs=4e-4)


@given(st.floats(-30, 40), st.floats(-30, 40), st.floats(0.05, 60), st.floats(0.5, 40), st.floats(0.5, 40))
def test_a_rectangle_gives_the_product_of_two_normals(east, north, accuracy, width, height):
    sigma = sigma_of(accuracy)
    expected = (normal((width - east) / sigma) - normal(-east / sigma)) * (
        normal((height - north) / sigma) - normal(-north / sigma)
    )
    box = shapely.box(0, 0, width, height)
    assert integrate_gaussian(box, east, north, sigma) == pytest.approx(expected, abs=1e-6)
    assert probability_inside(box, east, north, accuracy) == pytest.approx(expected, abs=4e-4)


def test_a_hole_takes_its_share_and_parts_add_up():
    ring = shapely.box(-6, -6, 6, 6) - shapely.box(-3, -3, 3, 3)
    whole = integrate_gaussian(shapely.box(-6, -6, 6, 6), 1, 1, 2.0)
    hole = integrate_gaussian(shapely.box(-3, -3, 3, 3), 1, 1, 2.0)
    assert integrate_gaussian(ring, 1, 1, 2.0) == pytest.approx(whole - hole, abs=1e-9)
    halves = shapely.MultiPolygon([shapely.box(-6, -6, 0, 6), shapely.box(0.0, -6, 6, 6)])
    assert integrate_gaussian(halves, 1, 1, 2.0) == pytest.approx(whole, abs=1e-9)


def test_a_concave_outline_agrees_with_a_sample_of_four_hundred_thousand_points():
    shape = shapely.Polygon([(0, 0), (12, 0), (12, 3), (4, 3), (4, 9), (12, 9), (12, 12), (0, 12)])
    points = np.random.default_rng(7).normal((5.0, 5.0), 3.0, size=(400_000, 2))
    share = shapely.contains_xy(shape, points[:, 0], points[:, 1]).mean()
    assert integrate_gaussian(shape, 5.0, 5.0, 3.0) == pytest.approx(share, abs=0.003)


def test_the_direction_in_which_a_ring_was_drawn_does_not_matter():
    reverse = shapely.Polygon(list(SQUARE.exterior.coords)[::-1])
    assert integrate_gaussian(reverse, 2, 3, 4.0) == integrate_gaussian(SQUARE, 2, 3, 4.0)
    assert probability_inside(shapely.Polygon(), 2, 3, 4.0) == 0.0
