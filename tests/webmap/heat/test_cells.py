"""Binning: exact cells, nothing lost."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmap.pages.heat.cells import WeightedPoint, bin_points, hexagon_centre, square_centre
from webmap.pages.heat.deck import people_legend, people_step

metres = st.floats(-1e4, 1e4, allow_nan=False)
points = st.lists(
    st.builds(WeightedPoint, metres, metres, st.floats(0, 100), st.integers(0, 4)), min_size=1, max_size=40
)


def test_a_square_owns_its_lower_left_edge() -> None:
    assert square_centre(0.0, 0.0, 4.0) == (2.0, 2.0)
    assert square_centre(3.999, 4.0, 4.0) == (2.0, 6.0)
    assert square_centre(-0.1, -4.1, 4.0) == (-2.0, -6.0)


def test_hexagon_rows_are_shifted_by_half_a_cell() -> None:
    assert hexagon_centre(0.1, 0.1, 4.0) == (0.0, 0.0)
    east, north = hexagon_centre(2.0, 3.4, 4.0)
    assert (east, round(north, 9)) == (2.0, round(2 * math.sqrt(3), 9))


@given(metres, metres, st.sampled_from([1.0, 2.0, 4.0, 8.0]))
def test_a_point_is_never_farther_from_its_hexagon_than_the_corner(east: float, north: float, size: float) -> None:
    centre = hexagon_centre(east, north, size)
    assert math.dist(centre, (east, north)) <= size / math.sqrt(3) + 1e-6


@given(points, st.sampled_from(["square", "hexagon"]))
def test_no_weight_is_lost_and_the_order_does_not_matter(given_points: list[WeightedPoint], shape: str) -> None:
    cells = bin_points(given_points, size_m=4.0, shape=shape)  # type: ignore[arg-type]
    assert math.isclose(sum(c.weight for c in cells), sum(p.weight for p in given_points), abs_tol=1e-6)
    assert max(c.grade for c in cells) == max(p.grade for p in given_points)
    turned = bin_points(reversed(given_points), size_m=4.0, shape=shape)  # type: ignore[arg-type]
    assert [(c.east_m, c.north_m, c.grade) for c in turned] == [(c.east_m, c.north_m, c.grade) for c in cells]


def test_a_cell_without_size_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0 m"):
        bin_points([], size_m=0.0, shape="square")


def test_the_legend_has_six_equal_steps_and_the_colours_follow_it() -> None:
    assert [step.text for step in people_legend(12.0)][:2] == ["0.0 – 2.0", "2.0 – 4.0"]
    assert [people_step(weight, 12.0) for weight in (0.0, 1.99, 2.0, 11.9, 12.0)] == [0, 0, 1, 5, 5]
    assert people_step(0.0, 0.0) == 0
