"""Cameras stand in the model's own coordinates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bim.exchange.bcf.cameras import camera_at, middle_of, model_point, reach_of
from bim.ifc.placements import Candidate, flat
from bim.pipeline.placing import to_geodetic


def turned(east: float, north: float, height: float, degrees: float) -> tuple[float, ...]:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return flat(np.array([[cos, -sin, 0, east], [sin, cos, 0, north], [0, 0, 1, height], [0, 0, 0, 1]]))


PROJECTED = Candidate(50, "map conversion", "projected", "EPSG:4547", turned(468_000.0, 3_847_000.0, 100.0, 12.3))
GEOGRAPHIC = Candidate(20, "site", "geographic", "", turned(0, 0, 90.0, 30.0), lon_deg=113.65, lat_deg=34.75)
metres = st.floats(-300, 300)


@pytest.mark.parametrize("candidate", [PROJECTED, GEOGRAPHIC], ids=["projected", "geographic"])
@given(x=metres, y=metres, z=st.floats(-30, 300))
def test_a_place_on_the_map_comes_back_to_its_place_in_the_model(candidate, x, y, z) -> None:
    lon, lat, height = to_geodetic(candidate, np.array([[x, y, z]]))[0]
    assert model_point(candidate, lon, lat, height) == pytest.approx((x, y, z), abs=1e-4)


@pytest.mark.parametrize(("reach", "distance"), [(0.5, 5.0), (5.0, 15.0), (450.0, 1_350.0)])
def test_a_camera_stands_near_its_target_and_looks_at_it(reach: float, distance: float) -> None:
    target = (12.0, -7.0, 4.5)
    camera = camera_at(target, reach)
    assert np.array(camera.position) + distance * np.array(camera.direction) == pytest.approx(np.array(target))
    assert np.linalg.norm(camera.direction) == pytest.approx(1)
    assert np.dot(camera.direction, camera.up) == pytest.approx(0, abs=1e-12)
    assert camera.position[2] > target[2]


@pytest.mark.parametrize(
    ("box", "target"),
    [
        ((0, 0, 0, 60, 40, 0.2), (30, 20, 0.1)),  # a slab of the size of a storey, from its middle
        ((0, 0, 0, 60, 40, 0.2), (60, 40, 0.2)),  # the same, from a place on its corner
        ((-1, -1, -30, 1, 1, 150), (0, 0, 0)),  # a tower
    ],
)
def test_a_large_element_is_whole_in_the_picture(box: tuple[float, ...], target: tuple[float, float, float]) -> None:
    camera = camera_at(target, reach_of(target, box))
    ahead, up = np.array(camera.direction), np.array(camera.up)
    half_height = np.tan(np.radians(camera.field_of_view_deg / 2))
    half_width = half_height * (camera.aspect_ratio or 1)
    for x in box[::3]:
        for y in box[1::3]:
            for z in box[2::3]:
                seen = np.array([x, y, z]) - camera.position
                depth = seen @ ahead
                assert depth > 0
                assert abs(seen @ up) < half_height * depth
                assert abs(seen @ np.cross(ahead, up)) < half_width * depth


def test_the_middle_and_the_reach_of_a_box() -> None:
    assert middle_of((0, 0, 0, 4, 2, 6)) == (2, 1, 3)
    assert reach_of((0, 0, 0), (-1, 0, 0, 2, 3, 6)) == pytest.approx(7)
