"""Cameras stand in the model's own coordinates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bim.exchange.bcf.cameras import camera_at, model_point
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


@pytest.mark.parametrize(("extent", "distance"), [(1.0, 5.0), (10.0, 15.0), (900.0, 40.0)])
def test_a_camera_stands_near_its_target_and_looks_at_it(extent: float, distance: float) -> None:
    target = (12.0, -7.0, 4.5)
    camera = camera_at(target, extent)
    assert np.array(camera.position) + distance * np.array(camera.direction) == pytest.approx(np.array(target))
    assert np.linalg.norm(camera.direction) == pytest.approx(1)
    assert np.dot(camera.direction, camera.up) == pytest.approx(0, abs=1e-12)
    assert camera.position[2] > target[2]
