"""Distances of the compiled index are those of Shapely, for any zones; whoever is at 0 is in the zone."""

import math
from uuid import UUID

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.fences.compiled_index import REACH_M, CompiledIndex
from spatial.fences.zone_index import FenceZone

from .test_engine import heights, shapes

spots = st.tuples(
    st.one_of(st.floats(-45, 50), st.integers(-21, 31).map(float)),
    st.one_of(st.floats(-35, 35), st.integers(-14, 14).map(float)),
    st.one_of(st.floats(80, 105), st.integers(86, 97).map(float), st.just(math.nan)),
)


def star(rng: np.random.Generator, corners: int) -> shapely.Geometry:
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = rng.uniform(5, 15) * rng.uniform(0.5, 1.0, corners)
    centre = rng.uniform(0, 120, 2)
    return shapely.Polygon(centre + np.column_stack([reach * np.cos(angles), reach * np.sin(angles)]))


def compare(zones: list[FenceZone], east: np.ndarray, north: np.ndarray, height: np.ndarray) -> int:
    """Compare all answers with Shapely's, and return how many there are."""
    index = CompiledIndex(zones)
    points, found, metres = index.distances(east, north, height)
    ours = {(int(p), int(z)): float(m) for p, z, m in zip(points, found, metres, strict=True)}
    for z, zone in enumerate(index.zones):
        away = shapely.distance(zone.outline, shapely.points(east, north))
        for p in range(east.size):
            spans = not math.isnan(height[p]) and zone.spans(height[p])
            if spans and away[p] <= REACH_M - 1e-6:
                assert ours.pop((p, z)) == pytest.approx(away[p], abs=1e-6)
            elif spans and away[p] <= REACH_M + 1e-6:
                ours.pop((p, z), None)
    assert ours == {}
    inside = {(int(p), int(z)) for p, z, m in zip(points, found, metres, strict=True) if m == 0.0}
    covering = set(zip(*(each.tolist() for each in index.covering(east, north, height)), strict=True))
    assert covering <= inside
    for p, z in inside - covering:  # so near to an edge that only GEOS can tell on which side
        assert shapely.distance(index.zones[z].outline.boundary, shapely.Point(east[p], north[p])) < 2e-9
    return len(points)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(shapes, heights), max_size=5), st.lists(spots, min_size=1, max_size=25))
def test_distances_are_those_of_shapely(outlines, places):
    zones = [
        FenceZone(UUID(int=n + 1), outline, low, None if low is None else low + 4.0)
        for n, (outline, low) in enumerate(outlines)
    ]
    compare(zones, *np.array(places).T.copy())


@pytest.mark.parametrize("corners", [3, 5, 12, 60, 200])
def test_distances_to_stars_of_few_and_many_corners(corners):
    rng = np.random.default_rng(corners)
    zones = [FenceZone(UUID(int=n + 1), star(rng, corners), 90.0, 96.0) for n in range(25)]
    places = rng.uniform(-20, 140, (2, 4000))
    assert compare(zones, *places, np.full(4000, 92.0)) > 1000
