"""All vectors of the specification within 1 mm, and the laws of the shifts."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import crs

VECTORS = json.loads((Path(__file__).parent / "data" / "coordinates.json").read_text(encoding="utf-8"))
MM_DEG = 0.001 / 111_320


def by_name(rows: list[dict]) -> list:
    return [pytest.param(row, id=row["name"]) for row in rows]


@pytest.mark.parametrize("row", by_name(VECTORS["crs"]))
def test_every_gauss_kruger_code_is_found_by_its_meridian(row):
    width, prefix = int(row["kind"][0]), "prefixed" in row["kind"]
    srid = crs.gauss_kruger_srid(meridian=row["cm"], width_deg=width, zone_prefix=prefix)
    assert srid == row["epsg"]
    assert crs.crs_of(srid).name == row["name"]
    parameters = {p.name: p.value for p in crs.crs_of(srid).coordinate_operation.params}
    assert parameters["False easting"] == row["false_easting"]
    assert crs.is_metric(srid)


@pytest.mark.parametrize("row", by_name(VECTORS["vectors"]))
def test_grid_coordinates_agree_within_a_millimetre(row):
    for srid, east in ((row["epsg"], row["E"]), (row["epsg_zone_prefixed"], row["E_zone_prefixed"])):
        found = crs.transform_point(row["lon"], row["lat"], from_srid=4490, to_srid=srid)
        assert found == pytest.approx((east, row["N"]), abs=0.001)
        back = crs.transform_point(east, row["N"], from_srid=srid, to_srid=4490)
        assert back == pytest.approx((row["lon"], row["lat"]), abs=MM_DEG)
        crs.check_east_north(east, row["N"], srid)
    if row["name"] != "Dongying":  # its vector lies outside its own zone, which ends at 118.5
        assert crs.projected_srid_at(row["lon"]) == row["epsg"]
    factors = crs.grid_factors(row["lon"], row["lat"], row["epsg"])
    assert factors.convergence_deg == pytest.approx(row["convergence_deg"], abs=1e-6)
    assert factors.point_scale == pytest.approx(row["point_scale"], abs=1e-9)


@pytest.mark.parametrize("row", by_name(VECTORS["gcj02_vectors"]))
def test_gcj02_and_bd09_agree_within_a_millimetre_both_ways(row):
    assert crs.to_gcj02(*row["wgs84"]) == pytest.approx(row["gcj02"], abs=MM_DEG)
    assert crs.to_bd09(*row["wgs84"]) == pytest.approx(row["bd09"], abs=MM_DEG)
    assert crs.to_cgcs2000(*row["gcj02"], "GCJ-02") == pytest.approx(row["wgs84"], abs=MM_DEG)
    assert crs.to_cgcs2000(*row["bd09"], "BD-09") == pytest.approx(row["wgs84"], abs=MM_DEG)
    assert crs.to_cgcs2000(*row["wgs84"], "CGCS2000") == tuple(row["wgs84"])


@given(st.floats(75, 134), st.floats(18, 53))
@settings(max_examples=200, deadline=None)
def test_the_round_trips_of_both_shifts_are_under_a_millimetre(lon, lat):
    for there, back in ((crs.to_gcj02, crs.from_gcj02), (crs.to_bd09, crs.from_bd09)):
        assert back(*there(lon, lat)) == pytest.approx((lon, lat), abs=MM_DEG)


def test_outside_the_box_nothing_is_shifted():
    assert crs.to_gcj02(2.35, 48.85) == (2.35, 48.85)
    assert crs.from_gcj02(2.35, 48.85) == (2.35, 48.85)


@pytest.mark.parametrize("row", by_name(VECTORS["ifc_vectors"]))
def test_map_conversions_agree_within_a_millimetre(row):
    names = {
        "E": "eastings",
        "N": "northings",
        "H": "height",
        "xa": "x_axis_abscissa",
        "xo": "x_axis_ordinate",
        "S": "scale",
        "fx": "factor_x",
        "fy": "factor_y",
        "fz": "factor_z",
    }
    conversion = crs.MapConversion(**{names[key]: value for key, value in row["op"].items()})
    assert conversion.to_map(*row["local"]) == pytest.approx(row["map"], abs=0.001)


@pytest.mark.parametrize("change", [{"scale": 0.0}, {"scale": -1.0}, {"x_axis_abscissa": 0.0}])
def test_a_map_conversion_without_direction_or_scale_is_refused(change):
    with pytest.raises(crs.CrsRefused):
        crs.MapConversion(0.0, 0.0, 0.0, **change).to_map(1, 2, 3)


@pytest.mark.parametrize(
    ("east", "north", "srid", "words"),
    [
        (3846545.194, 465661.6505, 4547, "look swapped"),
        (38465661.6505, 3846545.194, 4547, "carries a zone number"),
        (465661.6505, 3846545.194, 4526, "wants a zone number"),
        (465661.6505, 46545.194, 4547, "not in China"),
    ],
)
def test_swapped_or_wrongly_prefixed_coordinates_are_refused(east, north, srid, words):
    with pytest.raises(crs.CrsRefused, match=words):
        crs.check_east_north(east, north, srid)


def test_heights_pass_through_the_geoid_offset():
    assert crs.ellipsoid_height_m(110.5, -15.2) == pytest.approx(95.3)
    assert crs.yellow_sea_height_m(95.3, -15.2) == pytest.approx(110.5)


def test_a_place_on_the_equator_has_the_semi_major_axis_as_geocentric_x():
    assert crs.geocentric(0, 0, 10) == pytest.approx((6378147.0, 0, 0), abs=1e-6)


def test_a_shape_keeps_its_heights_when_it_is_transformed():
    line = shapely.LineString([(113.625, 34.7466, 110.5), (113.626, 34.7466, 112.0)])
    moved = crs.transform_shape(line, from_srid=4490, to_srid=4547)
    assert moved.coords[0] == pytest.approx((465661.6505, 3846545.194, 110.5), abs=0.001)
    assert moved.coords[1][2] == 112.0


def test_what_is_not_known_or_not_metric_is_refused():
    assert not crs.is_metric(4490)
    assert not crs.is_metric(2277)  # US survey feet
    assert not crs.is_metric(99999)
    with pytest.raises(crs.CrsRefused):
        crs.gauss_kruger_srid(meridian=115)
    with pytest.raises(crs.CrsRefused):
        crs.transform_point(math.inf, 0, from_srid=4490, to_srid=4547)
