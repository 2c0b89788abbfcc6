"""The tile frame: geodetic, geocentric and east-north-up agree with PROJ and with each other."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bim.tiles.frame import EnuFrame, ecef_to_geodetic, geodetic_to_ecef

LON, LAT, HEIGHT = st.floats(73, 136), st.floats(3, 54), st.floats(-500, 9000)


@given(LON, LAT, HEIGHT)
def test_geocentric_coordinates_are_those_of_proj_within_a_micrometre(lon: float, lat: float, height: float) -> None:
    proj = pyproj.Transformer.from_crs(4480, 4479, always_xy=True).transform(lon, lat, height)
    assert geodetic_to_ecef(np.array([[lon, lat, height]]))[0] == pytest.approx(proj, abs=1e-6)


@given(LON, LAT, HEIGHT)
def test_geocentric_and_back_is_the_same_place_within_a_micrometre(lon: float, lat: float, height: float) -> None:
    back = ecef_to_geodetic(geodetic_to_ecef(np.array([[lon, lat, height]])))[0]
    assert back[2] == pytest.approx(height, abs=1e-6)
    assert (back[:2] - [lon, lat]) * 111_320 == pytest.approx([0, 0], abs=1e-6)


@given(st.floats(-800, 800), st.floats(-800, 800), st.floats(-50, 300))
def test_a_point_of_the_frame_comes_back_from_degrees(east: float, north: float, up: float) -> None:
    frame = EnuFrame(113.77, 34.765, 71.3)
    point = np.array([[east, north, up]])
    assert frame.from_geodetic(frame.to_geodetic(point))[0] == pytest.approx(point[0], abs=1e-5)


def test_the_transform_takes_the_frames_origin_and_axes_to_geocentric_metres() -> None:
    frame = EnuFrame(113.625, 34.7466, 110.5)
    matrix = np.array(frame.transform()).reshape(4, 4).T
    assert matrix[:3, 3] == pytest.approx(geodetic_to_ecef(np.array([[113.625, 34.7466, 110.5]]))[0], abs=1e-6)
    assert np.linalg.det(matrix[:3, :3]) == pytest.approx(1.0)
    up = geodetic_to_ecef(np.array([[113.625, 34.7466, 111.5]]))[0] - matrix[:3, 3]
    assert matrix[:3, 2] == pytest.approx(up, abs=1e-8)
