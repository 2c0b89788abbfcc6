"""Fall edges of authored IFC files through the whole import."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bim.fall_edges.models import FallEdge, Survey
from bim.fall_edges.stage import read_fall_edges, write_fall_edges
from bim.ifc.meshing_types import Mesh
from bim.ifc.records import ElementRecord
from bim.models import Revision
from bim.operations import import_file
from bim.pipeline.placing import Placement
from tests.bim.authoring import Author

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_root")]


def write_building(path: Path, *, prefix: str | None = "MILLI", placed: bool = True, railing: bool = False) -> Path:
    """Write a slab of 10 x 6 m at 4.5 m over one on the ground, with a hole of 2 x 1 m and a wall on its west side."""
    unit = 1000.0 if prefix else 1.0
    author = Author(prefix=prefix)
    ground, upper = author.storey("首层", 0), author.storey("二层", 4.5 * unit)

    def box(ifc_class: str, at: tuple[float, ...], size: tuple[float, ...], storey: Any, name: str) -> Any:
        x, y, z = (value * unit for value in at)
        dx, dy, dz = (value * unit for value in size)
        return author.box(ifc_class, (x, y, z), (dx, dy, dz), storey, name)

    box("IfcSlab", (0, 0, -0.2), (10, 6, 0.2), ground, "底板")
    slab = box("IfcSlab", (0, 0, 4.3), (10, 6, 0.2), upper, "楼板")
    x, y, z = (value * unit for value in (4, 2, 4))
    author.opening(slab, (x, y, z), (2 * unit, unit, unit))
    box("IfcWall", (0, 0, 4.5), (0.2, 6, 3), upper, "西墙")
    if railing:
        box("IfcRailing", (3, 0.05, 4.5), (4, 0.05, 1.1), upper, "栏杆")
    if placed:
        author.map_conversion(
            "EPSG:4547", author.metre(), Eastings=465_661.65, Northings=3_846_545.19, OrthogonalHeight=110.5,
            XAxisAbscissa=1.0, XAxisOrdinate=0.0, Scale=1 / unit,
        )  # fmt: skip
    return author.save(path)


def rows_of(path: Path, site: str) -> list[FallEdge]:
    verdict = import_file(path=path, site_code=site, model_name="主体")
    assert verdict["reason"] is None
    return list(Revision.objects.latest("created_at").fall_edges.order_by("number"))


def test_an_import_stores_the_edge_and_the_opening_with_their_place(tmp_path: Path) -> None:
    edge, opening = rows_of(write_building(tmp_path / "a.ifc"), "SITE-A")
    slab = Revision.objects.get().elements.get(name="楼板")
    assert (edge.kind, edge.storey.name, edge.host_global_ids) == ("edge", "二层", [slab.global_id])
    assert edge.length_m == pytest.approx(26 - 0.4, abs=0.01)
    assert edge.drop_m == pytest.approx(4.5, abs=0.01)
    assert (opening.kind, opening.storey.name) == ("opening", "二层")
    assert opening.area_m2 == pytest.approx(2.0, rel=0.01)
    assert opening.perimeter_m == pytest.approx(6.0, abs=0.01)
    assert edge.geometry.geom_type == "LineString" and opening.geometry.geom_type == "Polygon"
    assert edge.geometry.srid == 4490 and edge.geometry.hasz
    assert {round(z, 3) for _, _, z in edge.geometry.coords} == {115.0}
    (west, south, _), (east, north, _) = opening.geometry.coords[0][0], opening.geometry.coords[0][2]
    metre = 111_320.0
    assert abs(east - west) * metre * math.cos(math.radians(south)) == pytest.approx(2.0, abs=0.02)
    assert abs(north - south) * metre == pytest.approx(1.0, abs=0.02)
    assert Survey.objects.get().problem == ""


def test_a_model_in_metres_has_the_same_edges_as_in_millimetres(tmp_path: Path) -> None:
    found = [
        [
            (row.kind, round(row.length_m, 2), round(row.drop_m, 2), row.area_m2 and round(row.area_m2, 2))
            for row in rows
        ]
        for rows in (
            rows_of(write_building(tmp_path / "mm.ifc"), "SITE-A"),
            rows_of(write_building(tmp_path / "m.ifc", prefix=None), "SITE-B"),
        )
    ]
    assert found[0] == found[1] == [("edge", 25.6, 4.5, None), ("opening", 6.0, 4.5, 2.0)]


def test_an_unplaced_model_has_edges_without_a_place_on_the_map(tmp_path: Path) -> None:
    rows = rows_of(write_building(tmp_path / "a.ifc", placed=False), "SITE-A")
    assert [row.geometry for row in rows] == [None, None]
    assert [round(row.length_m, 2) for row in rows] == [25.6, 6.0]


def test_a_railing_added_in_the_next_revision_takes_away_exactly_its_span(tmp_path: Path) -> None:
    before = rows_of(write_building(tmp_path / "1.ifc"), "SITE-A")
    after = rows_of(write_building(tmp_path / "2.ifc", railing=True), "SITE-A")
    lengths = [sum(row.length_m for row in rows if row.kind == "edge") for rows in (before, after)]
    assert lengths[0] - lengths[1] == pytest.approx(4.0, abs=0.01)
    assert FallEdge.objects.count() == len(before) + len(after)


def test_a_stage_that_fails_says_why_and_raises_nothing(tmp_path: Path) -> None:
    broken = Mesh(np.zeros((3, 3)), np.array([[0, 1, 7]]), np.zeros((1, 4)), np.zeros(1))
    slab = ElementRecord(0, 5, "2OBrcmyk58NupXoVOHUt8F", "IfcSlab", "", "", "", None, "element", True)
    write_fall_edges(tmp_path, [slab], {5: broken}, [], Placement(None, None, np.zeros(3), {}))
    answer = read_fall_edges(tmp_path)
    assert answer is not None and answer["found"] == []
    assert answer["problem"].startswith("The fall edges could not be computed (IndexError: ")
