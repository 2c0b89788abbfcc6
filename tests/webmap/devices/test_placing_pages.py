"""Grids are placed on a site by pairs of points, with residuals and a way back; barometers say where they read 0."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from spatial import crs
from spatial.ledger.models import Act
from spatial.tracks.grid_rules import GridPlacement
from spatial.tracks.models import BarometerZero, PositioningGrid
from tests.webmap.devices.conftest import client_of
from tests.webmap.field_cast import GROUND_M, LAT, LON, build_cast

pytestmark = pytest.mark.django_db
BASE = "/sites/field/live/devices/placing/"
SRID = 4547
ORIGIN = crs.transform_point(LON, LAT, from_srid=4490, to_srid=SRID)
CORNERS = [(0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (0.0, 30.0)]


@pytest.fixture
def cast() -> Any:
    return build_cast()


def points(count: int = 4, *, wrong_m: float = 0.0, turn_deg: float = 12.5) -> dict[str, list[str]]:
    """Rows of the form: corners of the grid with their longitude and latitude, the last one measured wrong."""
    placement = GridPlacement(*ORIGIN, rotation_deg=turn_deg)
    found: dict[str, list[str]] = {"x": [], "y": [], "lon": [], "lat": []}
    for number, (x, y) in enumerate(CORNERS[:count], start=1):
        east, north = placement.to_plan(x, y)
        east += wrong_m if number == count else 0.0
        lon, lat = crs.transform_point(east, north, from_srid=SRID, to_srid=4490)
        for name, value in zip(found, (x, y, lon, lat), strict=True):
            found[name].append(f"{value:.10f}")
    return found


def place(client: Client, rows: dict[str, list[str]], code: str = "B1", floor: str = "90") -> Any:
    return client.post(BASE, {"code": code, "floor": floor, **rows})


def test_four_points_place_a_grid_and_undo_takes_it_back_step_by_step(cast: Any) -> None:
    client = client_of(cast.safety)
    assert place(client, points()).status_code == 302
    grid = PositioningGrid.objects.get()
    assert (grid.rotation_deg, grid.scale) == (pytest.approx(12.5, abs=1e-4), pytest.approx(1.0, abs=1e-6))
    assert grid.rms_m == pytest.approx(0.0, abs=1e-3) and len(grid.control_points) == 4
    assert place(client, points(turn_deg=80.0), floor="95.5").status_code == 302
    assert PositioningGrid.objects.get().rotation_deg == pytest.approx(80.0, abs=1e-4)
    client.post(f"{BASE}undo/", {"code": "B1"})
    grid.refresh_from_db()
    assert (grid.rotation_deg, grid.floor_height_m) == (pytest.approx(12.5, abs=1e-4), 90.0)
    client.post(f"{BASE}undo/", {"code": "B1"})
    assert not PositioningGrid.objects.exists()
    assert "This site has no grid B1." in client.post(f"{BASE}undo/", {"code": "B1"}, follow=True).content.decode()
    verbs = list(Act.objects.filter(subject_kind="positioninggrid").order_by("id").values_list("verb", flat=True))
    assert verbs == ["place_grid", "place_grid", "undo_grid", "undo_grid"]


def test_how_points_fit_is_shown_with_residuals_before_anything_is_kept(cast: Any) -> None:
    client = client_of(cast.safety)
    assert "They fit: RMS 0.000 m" in client.post(f"{BASE}try/", points()).content.decode()
    bad = client.post(f"{BASE}try/", points(wrong_m=0.8)).content.decode()
    assert "They do not fit" in bad and "← worst" in bad
    assert "check nothing" in client.post(f"{BASE}try/", points(2)).content.decode()
    feet = points()
    feet["x"] = [str(float(x) / 0.3048) for x in feet["x"]]
    feet["y"] = [str(float(y) / 0.3048) for y in feet["y"]]
    assert "stretched by 0.3048" in client.post(f"{BASE}try/", feet).content.decode()
    assert not PositioningGrid.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rows": points(wrong_m=0.8)}, "the worst is point"),
        ({"rows": points(1)}, "at least two control points"),
        ({"rows": {"x": ["1", "a"], "y": ["1", "2"], "lon": ["113", "113"], "lat": ["34", "34"]}}, "Point 2: write a"),
        ({"rows": {"x": ["1"], "y": ["1"], "lon": ["500"], "lat": ["34"]}}, "longitude and latitude are degrees"),
        ({"code": "B 1"}, "cannot be a grid&#x27;s code"),
        ({"floor": "up"}, "The height of the floor: write a number."),
        ({"floor": "1e9"}, "A height lies between -500 and 9000 m"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_do_and_nothing_is_kept(cast: Any, change: Any, words: str) -> None:
    answer = place(client_of(cast.safety), **{"rows": points(), **change})
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not PositioningGrid.objects.exists()


def test_barometers_read_0_at_a_reference_and_a_reading_names_its_storey(cast: Any) -> None:
    client = client_of(cast.safety)
    assert "are refused until it does" in client.get(BASE).content.decode()
    refused = client.post(f"{BASE}barometer/", {"height": "high", "place": "", "device": ""})
    assert refused.status_code == 422 and not BarometerZero.objects.exists()
    assert (
        client.post(f"{BASE}barometer/", {"height": str(GROUND_M), "place": "门卫室", "device": ""}).status_code == 302
    )
    assert (BarometerZero.objects.get().height_m, BarometerZero.objects.get().place) == (GROUND_M, "门卫室")
    page = client.get(f"{BASE}?reading=5.5").content.decode()
    assert "1号楼 2F" in page and "97.50 m" in page and "4.00" in page  # the storey begins 4 m above the reference
    assert client_of(cast.worker).post(f"{BASE}barometer/", {"height": "1"}).status_code == 403
    assert client_of(cast.stranger).get(BASE).status_code == 404
