"""Spread weights, storeys and hazards of the heat: no weight is lost, and a storey shows only its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.webmap.field_cast import Cast, build_cast
from tests.webmap.live.test_stream import ticket_due_at
from webmap.pages.heat.cells import Cell, WeightedPoint, bin_points, corners, spread_points
from webmap.pages.heat.levels import Heights

NUMBERS = st.floats(-500, 500, allow_nan=False)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, st.floats(0, 50)), max_size=12), st.sampled_from([0, 5, 10, 20]))
def test_spreading_loses_no_weight_and_stays_within_the_radius(rows, radius_m):
    points = [WeightedPoint(*row) for row in rows]
    spread = list(spread_points(points, radius_m))
    assert sum(p.weight for p in spread) == pytest.approx(sum(p.weight for p in points))
    for point in points:
        mine = spread[: 37 if radius_m else 1]
        spread = spread[len(mine) :]
        assert all(
            (p.east_m - point.east_m) ** 2 + (p.north_m - point.north_m) ** 2 <= radius_m**2 + 1e-6 for p in mine
        )


def test_corners_of_cells_span_their_area():
    square = corners(Cell(0, 0, 1, 0), size_m=4, shape="square")
    assert square == [(-2, -2), (2, -2), (2, 2), (-2, 2)]
    hexagon = corners(Cell(0, 0, 1, 0), size_m=4, shape="hexagon")
    area = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(hexagon, hexagon[1:] + hexagon[:1], strict=True)) / 2
    assert area == pytest.approx(4 * 4 * 3**0.5 / 2)


def test_heights_hold_from_the_floor_to_below_the_next():
    second = Heights(95.0, 98.0)
    assert [second.holds(h) for h in (94.9, 95.0, 97.9, 98.0, None)] == [False, True, True, False, False]
    assert Heights().holds(None)
    assert [second.meets(*r) for r in ((90, 95), (90, 95.1), (98, 99), (None, None))] == [False, True, False, True]


@pytest.fixture
def cast(db, settings, tmp_path) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    return build_cast()


def test_hazards_are_counted_where_they_were_found(client, cast: Cast):
    ticket_due_at(cast, timezone.now() + timedelta(hours=2))
    client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/sites/field/heat/cells/", {"quantity": "hazards", "size": "8", "shape": "square"}).json()
    assert [(cell["height_m"], cell["text"][:3]) for cell in answer["cells"]] == [(40.0, "1.0")]
    assert len(answer["cells"][0]["ring"]) == 4
    page = client.get("/sites/field/heat/", {"quantity": "hazards"})
    assert (page.status_code, page.context["total"]) == (200, 1.0)
    storey = client.get("/sites/field/heat/cells/", {"quantity": "hazards", "storey": str(cast.storey.pk)}).json()
    assert storey["floor_m"] == cast.storey.elevation_m
    client.force_login(cast.stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/sites/field/heat/cells/").status_code == 404


def test_binning_a_spread_point_keeps_its_sum():
    cells = bin_points(spread_points([WeightedPoint(1, 1, 6.0, 3)], 10), size_m=4, shape="hexagon")
    assert sum(cell.weight for cell in cells) == pytest.approx(6.0)
    assert {cell.grade for cell in cells} == {3}
