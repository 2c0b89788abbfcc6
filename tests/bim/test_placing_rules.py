"""Pairs of points: exact places, doubts, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bim.placing_rules import Pair, PairsRefused, fit_pairs, read_pairs

E0, N0, H0 = 465_661.65, 3_846_545.19, 110.5
CORNERS = [(0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (10.0, 6.0, 3.0), (0.0, 6.0, 3.0)]


def on_map(point: tuple[float, float, float], turn_deg: float = 30.0, scale: float = 1.0) -> tuple[float, float, float]:
    c, s = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    x, y, z = point
    return E0 + scale * (c * x - s * y), N0 + scale * (s * x + c * y), H0 + z


def pairs(count: int, turn_deg: float = 30.0, scale: float = 1.0) -> list[Pair]:
    return [Pair(point, on_map(point, turn_deg, scale)) for point in CORNERS[:count]]


def fit(given: list[Pair], free_scale: bool = False, turn: float | None = None, height: float | None = None):
    return fit_pairs(given, free_scale=free_scale, rotation_deg=turn, height_offset_m=height)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_exact_pairs_give_the_exact_place(count: int) -> None:
    found = fit(pairs(count))
    assert found.rotation_deg == pytest.approx(30, abs=1e-8)
    assert (found.scale, found.free_scale) == (1.0, pytest.approx(1.0, abs=1e-9))
    assert found.matrix[3::4][:3] == pytest.approx((E0, N0, H0), abs=1e-6)
    assert max(found.residuals_m) < 1e-6 and found.rms_m < 1e-6 and found.doubts == ()


def test_one_pair_only_shifts_and_keeps_the_turn() -> None:
    found = fit([Pair((10, 0, 3), (E0, N0, 120.0))], turn=90.0)
    assert found.rotation_deg == pytest.approx(90)
    assert found.matrix[3::4][:3] == pytest.approx((E0, N0 - 10, 117.0))
    assert found.free_scale is None and found.residuals_m == (0.0,)


def test_one_pair_of_a_model_without_a_place_is_too_few() -> None:
    with pytest.raises(PairsRefused) as refused:
        fit([Pair((0, 0, 0), (E0, N0, H0))])
    assert (refused.value.code, refused.value.values) == ("too_few", {"count": 1})


def test_heights_are_the_mean_offset_and_are_kept_where_no_pair_has_one() -> None:
    two = [
        Pair((0, 0, 0), (E0, N0, 100.0)),
        Pair((10, 0, 2), (E0 + 10, N0, 102.04)),
    ]
    found = fit(two)
    assert found.matrix[11] == pytest.approx(100.02)
    assert found.residuals_m == pytest.approx((0.02, 0.02), abs=1e-9)
    without = [Pair(pair.model, (*pair.map[:2], None)) for pair in two]
    assert fit(without, height=55.0).matrix[11] == 55.0
    with pytest.raises(PairsRefused, match="no_height"):
        fit(without)


def test_a_known_blunder_gives_its_residuals_and_must_be_confirmed() -> None:
    good = pairs(4, turn_deg=0)
    east, north, height = good[0].map
    found = fit([Pair(good[0].model, (east - 0.4, north, height)), *good[1:]])
    assert found.rms_m == pytest.approx(math.sqrt(sum(r * r for r in found.residuals_m) / 4))
    assert max(found.residuals_m) == found.residuals_m[0] and found.residuals_m[0] > 0.2
    assert [doubt.code for doubt in found.doubts] == ["rms", "scale"]


def test_a_free_scale_is_used_and_reported_and_heights_are_not_stretched() -> None:
    found = fit(pairs(4, scale=1.0002), free_scale=True)
    assert found.scale == pytest.approx(1.0002, abs=1e-9) and found.doubts == ()
    assert found.matrix[8:11] == (0.0, 0.0, 1.0)
    assert math.hypot(found.matrix[0], found.matrix[4]) == pytest.approx(1.0002)


def test_a_scale_of_millimetres_is_doubted() -> None:
    found = fit(pairs(4, scale=1000.0))
    assert {doubt.code: doubt.values for doubt in found.doubts}["scale"] == {"scale": 1000.0}


def test_mirrored_pairs_are_noticed() -> None:
    swapped = [Pair((y, x, z), on_map((x, y, z))) for x, y, z in CORNERS]
    assert "mirrored" in [doubt.code for doubt in fit(swapped).doubts]
    assert "mirrored" not in [doubt.code for doubt in fit(pairs(4)).doubts]


@pytest.mark.parametrize(
    ("given_pairs", "code"),
    [
        ([Pair((0, 0, 0), (E0, N0, H0)), Pair((0.1, 0, 0), (E0 + 9, N0, H0))], "one_place_in_model"),
        ([Pair((0, 0, 0), (E0, N0, H0)), Pair((9, 0, 0), (E0 + 0.1, N0, H0))], "one_place_in_map"),
        ([], "too_few"),
    ],
)
def test_pairs_that_give_no_place_are_refused(given_pairs: list[Pair], code: str) -> None:
    with pytest.raises(PairsRefused, match=code):
        fit(given_pairs)


@pytest.mark.parametrize(
    "data", [[{"model": [1, 2], "map": [1, 2, 3]}], [{"model": [1, 2, "x"], "map": [1, 2, 3]}], [7],
             [{"model": [1, 2, float("nan")], "map": [1, 2, None]}], [{"model": [1, 2, 3]}]],
)  # fmt: skip
def test_what_is_no_pair_is_refused_with_its_number(data: list) -> None:
    with pytest.raises(PairsRefused) as refused:
        read_pairs([{"model": [0, 0, 0], "map": [1, 2, None]}, *data])
    assert (refused.value.code, refused.value.values) == ("no_number", {"number": 2})


@given(
    turn=st.floats(-179, 179),
    points=st.lists(st.tuples(*[st.integers(-500, 500)] * 3), min_size=2, max_size=8, unique_by=lambda p: p[:2]),
    noise=st.lists(st.tuples(*[st.floats(-0.02, 0.02)] * 2), min_size=8, max_size=8),
)
def test_no_turn_near_the_fitted_one_leaves_less(turn: float, points: list, noise: list) -> None:
    given_pairs = []
    for point, (east, north) in zip(points, noise, strict=False):
        e, n, h = on_map(point, turn)
        given_pairs.append(Pair(tuple(map(float, point)), (e + east, n + north, h)))
    found = fit(given_pairs)
    assert abs((found.rotation_deg - turn + 180) % 360 - 180) < 8
    matrix = np.array(found.matrix).reshape(4, 4)

    def left(step_deg: float) -> float:
        c, s = math.cos(math.radians(step_deg)), math.sin(math.radians(step_deg))
        plan = np.array([[c, -s], [s, c]]) @ matrix[:2, :2]
        model = np.array([pair.model[:2] for pair in given_pairs])
        target = np.array([pair.map[:2] for pair in given_pairs])
        return float((((target - target.mean(0)) - (model - model.mean(0)) @ plan.T) ** 2).sum())

    assert left(0) <= min(left(0.01), left(-0.01)) + 1e-9
