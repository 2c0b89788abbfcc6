"""Volumes hold points in plan and height; outlines are valid or refused."""

from __future__ import annotations

import pytest
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from spatial.geometry import GeometryRefused, check_height_range, covers, covers_height, valid_area

SQUARE = box(0, 0, 10, 10)
HOLED = SQUARE.difference(box(4, 4, 6, 6))


@pytest.mark.parametrize(
    ("x", "y", "height_m", "expected"),
    [
        (5, 5, 5, True),
        (0, 0, 0, True),
        (10, 5, 9, True),
        (10.001, 5, 5, False),
        (5, 5, 9.001, False),
        (5, 5, -0.1, False),
    ],
)
def test_a_volume_holds_its_edges_and_nothing_beyond(x, y, height_m, expected):
    assert covers(SQUARE, 0, 9, x=x, y=y, height_m=height_m) is expected


def test_a_hole_is_outside_and_its_edge_inside():
    assert not covers(HOLED, None, None, x=5, y=5, height_m=1e6)
    assert covers(HOLED, None, None, x=4, y=5, height_m=-1e6)


def test_a_missing_end_is_open():
    assert covers_height(None, 3, -1e9)
    assert covers_height(3, None, 1e9)
    assert not covers_height(3, None, 2.9)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (Polygon(), "is empty"),
        (Point(1, 1), "must be a polygon, not a Point"),
        (LineString([(0, 0), (1, 1)]), "must be a polygon"),
        (Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "Self-intersection"),
        (Polygon([(0, 0), (1, float("nan")), (1, 0)]), "not a number"),
    ],
)
def test_an_outline_that_is_no_area_is_refused(shape, words):
    with pytest.raises(GeometryRefused, match=words):
        valid_area(shape)


def test_a_valid_outline_becomes_a_flat_multipolygon():
    area = valid_area(Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5)]))
    assert isinstance(area, MultiPolygon)
    assert (area.area, area.has_z) == (0.5, False)
    assert valid_area(area).equals(area)


def test_a_bottom_at_or_above_the_top_is_refused():
    check_height_range(None, None)
    check_height_range(1.0, 1.1)
    for pair in ((2.0, 2.0), (3.0, 2.0), (float("inf"), None)):
        with pytest.raises(GeometryRefused):
            check_height_range(*pair)
