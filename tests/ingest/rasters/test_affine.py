"""Placing a picture by control points: exact on exact points, refused with a reason on bad ones."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.rasters.affine import ControlPoint, FitRefused, fit_affine, read_control_points

E0, N0 = 478_900.0, 3_848_700.0


def ground(x, y, pixel_m=0.1, angle_deg=0.0, mirrored=False):
    cos, sin = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    right, up = x * pixel_m, (y if mirrored else -y) * pixel_m
    return ControlPoint(x, y, E0 + right * cos - up * sin, N0 + right * sin + up * cos)


CORNERS = [(0, 0), (4000, 0), (4000, 3000), (0, 3000)]


def test_exact_points_give_the_exact_map_and_no_residual():
    fit = fit_affine([ground(x, y) for x, y in CORNERS])
    assert fit.coefficients == pytest.approx((0.1, 0.0, E0, 0.0, -0.1, N0), abs=1e-6)
    assert fit.rms_m == pytest.approx(0.0, abs=1e-6)
    assert fit.to_map(1000, 500) == pytest.approx((E0 + 100, N0 - 50), abs=1e-6)


@given(st.floats(-180, 180), st.floats(0.01, 2.0), st.floats(0, 5000), st.floats(0, 5000))
def test_any_turn_and_scale_is_found_again(angle, pixel_m, x, y):
    fit = fit_affine([ground(*corner, pixel_m, angle) for corner in CORNERS])
    wanted = ground(x, y, pixel_m, angle)
    assert fit.to_map(x, y) == pytest.approx((wanted.east_m, wanted.north_m), abs=1e-4)


def test_residuals_are_those_of_the_least_squares_fit():
    points = [ground(x, y) for x, y in CORNERS]
    points[2] = ControlPoint(4000, 3000, points[2].east_m + 0.4, points[2].north_m)
    fit = fit_affine(points)
    assert fit.residuals_m == pytest.approx((0.1, 0.1, 0.1, 0.1), abs=1e-6)
    assert fit.rms_m == pytest.approx(0.1, abs=1e-6)


def test_residuals_above_the_limit_name_the_worst_point_and_pass_under_a_wider_limit():
    points = [ground(x, y) for x, y in [*CORNERS, (2000, 1500)]]
    points[4] = ControlPoint(2000, 1500, points[4].east_m + 5, points[4].north_m)
    with pytest.raises(FitRefused, match=r"RMS 2\.00 m, more than 0\.5 m\. The worst is point 5 with 4\.00 m"):
        fit_affine(points)
    assert fit_affine(points, limit_m=2.1).rms_m == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([ground(0, 0), ground(9, 9)], "at least 3 control points, not 2"),
        ([ground(0, 0), ground(100, 100), ground(900, 900), ground(2000, 2000)], "in one line"),
        ([ground(5, 5)] * 4, "in one line"),
        ([ground(x, y, mirrored=True) for x, y in CORNERS], "mirrored"),
        ([ControlPoint(p.x, p.y / 2, p.east_m, p.north_m) for p in (ground(*c) for c in CORNERS)], "wide and"),
        ([ControlPoint(p.x, p.y, p.east_m + 0.02 * p.y, p.north_m) for p in (ground(*c) for c in CORNERS)], "skewed"),
    ],
)
def test_points_that_cannot_place_a_picture_are_refused_with_the_reason(points, reason):
    with pytest.raises(FitRefused, match=reason):
        fit_affine(points)


@pytest.mark.parametrize("row", [{}, {"pixel": [1], "map": [1, 2]}, {"pixel": [1, "x"], "map": [1, 2]}, 5])
def test_a_control_point_of_another_form_is_named(row):
    good = {"pixel": [1, 2], "map": [3, 4]}
    with pytest.raises(FitRefused, match="Control point 2 must be"):
        read_control_points([good, row])
