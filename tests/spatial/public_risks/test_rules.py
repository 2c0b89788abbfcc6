"""What is wrong with a public risk point, its grade, and coordinates at the door; pure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import spatial.rulebook
from spatial import crs
from spatial.public_risks.rules import CrsUnknown, GradingTables, grade_of, problems_of, read_crs, to_storage
from tests.spatial.public_risks.conftest import given

DATA = Path(spatial.rulebook.__file__).parent / "data"
TABLES = GradingTables(
    *(json.loads((DATA / name).read_text()) for name in ("lec_tables.json", "ls_matrix.json", "direct_judgement.json"))
)
KINDS = ("flooding", "road")


@pytest.mark.parametrize(
    ("changes", "value", "grade"),
    [
        ({}, 135, 2),
        ({"scores": {"L": 10, "E": 6, "C": 15}}, 900, 4),
        ({"method": "LS", "scores": {"L": 3, "S": 5}}, 15, 3),
        ({"method": "LS", "scores": {"L": 1, "S": 5}}, 5, 1),
        ({"method": "direct", "scores": {}, "direct_reason": "DJ-02"}, None, 4),
    ],
)
def test_the_grade_comes_from_the_tables(changes, value, grade):
    graded = grade_of(given(**changes), TABLES)
    assert (graded.value, graded.grade) == (value, grade)
    assert problems_of(given(**changes), TABLES, KINDS) == []


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"code": " "}, "code", "is missing"),
        ({"name": "名" * 161}, "name", "longer than 160"),
        ({"kind": "lake"}, "kind", "possible are flooding, road"),
        ({"method": "HAZOP", "scores": {}}, "method", "possible are LEC, LS, direct"),
        ({"scores": {"L": 4, "E": 3, "C": 15}}, "L", "4 is no value of the table; possible are 10, 6, 3, 1, 0.5"),
        ({"scores": {"L": 3, "E": 3}}, "C", "— is no value"),
        ({"scores": {"L": 3, "E": 3, "C": 15, "S": 2}}, "S", "is not a score of the method LEC"),
        ({"method": "direct", "scores": {}, "direct_reason": "DJ-05"}, "direct_reason", "DJ-05 is no direct judgement"),
        ({"responsible_unit": ""}, "responsible_unit", "is missing"),
        ({"measures": ""}, "measures", "is missing"),
    ],
)
def test_each_wrong_field_is_named_once(changes, field, words):
    (problem,) = problems_of(given(**changes), TABLES, KINDS)
    assert problem.field == field
    assert words in str(problem)


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("", "EPSG:4490"),
        ("国家2000", "EPSG:4490"),
        ("wgs84", "EPSG:4326"),
        ("gcj-02", "GCJ-02"),
        ("epsg:4547", "EPSG:4547"),
    ],
)
def test_a_declared_crs_is_read(declared, code):
    assert read_crs(declared) == code


@pytest.mark.parametrize("declared", ["EPSG:99999", "EPSG:3857x", "北京54", "EPSG:4214"])
def test_an_unknown_crs_is_refused(declared):
    with pytest.raises(CrsUnknown):
        read_crs(declared)


def test_coordinates_of_every_door_meet_at_the_same_place():
    lon, lat = 113.77, 34.765
    east, north = crs.transform_point(lon, lat, from_srid=4490, to_srid=4547)
    doors = {"EPSG:4490": (lon, lat), "GCJ-02": crs.to_gcj02(lon, lat), "BD-09": crs.to_bd09(lon, lat)}
    for declared, (x, y) in {**doors, "EPSG:4547": (east, north)}.items():
        assert to_storage(x, y, declared) == pytest.approx((lon, lat), abs=1e-8), declared
    with pytest.raises(crs.CrsRefused, match="swapped"):
        to_storage(north, east, "EPSG:4547")
