"""The demo project's own IFC model: what is in it, where it stands, and that every body has a mesh."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import ifcopenshell
import ifcopenshell.geom
import ifcopenshell.util.element
import ifcopenshell.validate
import numpy as np
import pytest

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.georeference import from_map, to_height, to_map
from bim.ifc.demo_project.guardrails import pit_rail_bays
from bim.ifc.demo_project.identity import global_id
from bim.ifc.demo_project.write import write_demo_project

STAMP = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo") / "demo.ifc"
    write_demo_project(target, STAMP)
    return target


@pytest.fixture(scope="module")
def model(path: Path) -> ifcopenshell.file:
    return ifcopenshell.open(str(path))


@pytest.fixture(scope="module")
def boxes(model: ifcopenshell.file) -> dict[str, tuple[float, ...]]:
    """World boxes in metres by GlobalId: x_min, y_min, z_min, x_max, y_max, z_max."""
    settings = ifcopenshell.geom.settings()
    settings.set("use-world-coords", True)
    iterator = ifcopenshell.geom.iterator(settings, model, 2)
    found = {}
    assert iterator.initialize()
    while True:
        shape = iterator.get()
        points = np.array(shape.geometry.verts).reshape(-1, 3)
        if len(points) and len(shape.geometry.faces):
            found[shape.guid] = (*points.min(axis=0), *points.max(axis=0))
        if not iterator.next():
            return found


def test_a_rerun_gives_the_same_bytes_and_another_time_changes_one_line(path: Path, tmp_path: Path) -> None:
    again, later = tmp_path / "again.ifc", tmp_path / "later.ifc"
    write_demo_project(again, STAMP)
    write_demo_project(later, STAMP.replace(year=2027))
    assert again.read_bytes() == path.read_bytes()
    pairs = zip(path.read_text().splitlines(), later.read_text().splitlines(), strict=True)
    differing = [before for before, after in pairs if before != after]
    assert len(differing) == 1
    assert differing[0].startswith("FILE_NAME")


def test_the_counts_by_class_are_those_of_the_plan(model: ifcopenshell.file) -> None:
    counts = Counter(product.is_a() for product in model.by_type("IfcProduct"))
    assert counts["IfcColumn"] == 4 * 48 + 10 * 14 - 7 + 10
    assert counts["IfcBeam"] == 4 * 26 + 9 * 14 + 8
    assert counts["IfcStairFlight"] == 2 * 2 * 12
    assert counts["IfcSlab"] == 14 + 2 * 12 + 1
    assert counts["IfcPile"] == 100
    assert counts["IfcBuildingStorey"] == 15
    assert counts["IfcTransportElement"] == 2
    assert 2_000 <= len(model.by_type("IfcElement")) <= 2_500


def test_storeys_stand_at_their_levels_with_chinese_names(model: ifcopenshell.file) -> None:
    storeys = {storey.Name: storey.Elevation for storey in model.by_type("IfcBuildingStorey")}
    assert storeys["地下一层"] == -5.4
    assert storeys["一层"] == 0.0
    assert storeys["四层"] == 15.0
    assert storeys["十三层"] == 50.1
    assert storeys["屋面层"] == 54.0


def test_every_body_has_a_mesh(model: ifcopenshell.file, boxes: dict[str, tuple[float, ...]]) -> None:
    with_body = [p for p in model.by_type("IfcElement") if p.Representation and not p.is_a("IfcOpeningElement")]
    assert [p for p in with_body if p.GlobalId not in boxes] == []
    assert [s for s in model.by_type("IfcSpace") if s.GlobalId not in boxes] == []


@pytest.mark.parametrize(
    ("key", "box"),
    [
        ("F05/slab", (14.6, 15.6, 18.65, 45.4, 40.4, 18.9)),
        ("F01/column/1-A", (-0.4, -0.4, 0.0, 0.4, 0.4, 5.15)),
        ("F05/column/3-C", (14.55, 15.55, 18.9, 15.45, 16.45, 22.55)),
        ("B01/slab", (-1.0, -1.0, -6.3, 61.0, 41.0, -5.4)),
        ("F02/beam/南1", (0.4, -0.175, 4.45, 7.1, 0.175, 5.15)),
        ("F05/core-wall/Q1", (22.35, 24.0, 18.9, 22.65, 32.0, 22.55)),
        ("F05/wall/东1", (44.9, 16.45, 18.9, 45.1, 23.55, 21.85)),
        ("PIT/blinding", (78.0, 2.0, -9.45, 114.0, 38.0, -9.3)),
        ("PIT/pile/001", (76.9, 0.9, -17.3, 77.9, 1.9, -1.1)),
        ("CRANE/mast/01", (51.02, 44.52, 0.9, 52.98, 46.48, 3.4)),
        ("CRANE/base", (49.0, 42.5, -1.8, 55.0, 48.5, 0.9)),
    ],
)
def test_a_named_element_stands_where_the_dimensions_say(
    key: str, box: tuple[float, ...], boxes: dict[str, tuple[float, ...]]
) -> None:
    assert boxes[global_id(key)] == pytest.approx(box, abs=0.003)


def test_the_slab_openings_void_the_slab(model: ifcopenshell.file) -> None:
    slab = model.by_guid(global_id("F03/slab"))
    names = {rel.RelatedOpeningElement.Name for rel in slab.HasOpenings}
    assert len(names) == 9
    assert "三层中庭洞口" in names
    quantities = ifcopenshell.util.element.get_psets(slab, qtos_only=True)["Qto_SlabBaseQuantities"]
    assert quantities["GrossArea"] == pytest.approx(60.8 * 40.8)
    holes = sum(
        (hole.rectangle[2] - hole.rectangle[0]) * (hole.rectangle[3] - hole.rectangle[1])
        for hole in d.slab_openings("F03")
    )
    assert quantities["NetArea"] == pytest.approx(60.8 * 40.8 - holes, abs=1e-4)


def test_the_missing_guardrails_are_missing_and_the_others_are_there(model: ifcopenshell.file) -> None:
    ids = {element.GlobalId for element in model.by_type("IfcElement")}
    edges = [bay.key for level in d.LEVELS for bay in d.guarded_bays(level.code)] + list(pit_rail_bays())
    for key in edges:
        assert (global_id(f"railing/{key}") in ids) is (key not in d.MISSING_GUARDRAILS)
    for key in ("F03/中庭/北", "F03/材料吊装孔/东", "F09/2号电梯井/防护门"):
        assert global_id(f"railing/{key}") not in ids
    assert global_id("railing/F03/中庭/南") in ids
    assert global_id("F07/hoist-gate") not in ids
    assert global_id("F08/hoist-gate") in ids


def test_the_map_conversion_carries_the_drawing_zero_to_the_map(model: ifcopenshell.file) -> None:
    conversion, crs = model.by_type("IfcMapConversion")[0], model.by_type("IfcProjectedCRS")[0]
    assert crs.Name == "EPSG:4547"
    assert (conversion.Eastings, conversion.Northings) == (478_930.0, 3_848_520.0)
    assert conversion.OrthogonalHeight == 88.6
    assert math.degrees(math.atan2(conversion.XAxisOrdinate, conversion.XAxisAbscissa)) == pytest.approx(12.3)
    assert to_map(0.0, 0.0) == (478_930.0, 3_848_520.0)
    assert from_map(*to_map(31.25, -7.5)) == pytest.approx((31.25, -7.5), abs=1e-9)
    assert to_height(15.0) == pytest.approx(103.6)


def test_elements_carry_their_construction_properties(model: ifcopenshell.file) -> None:
    column = model.by_guid(global_id("F05/column/3-C"))
    sets = ifcopenshell.util.element.get_psets(column)
    assert sets["Twinwall_施工"]["施工段"] == "塔楼段"
    assert sets["Twinwall_施工"]["责任班组"] == "钢筋混凝土班组(李建国)"
    assert sets["Pset_ColumnCommon"]["LoadBearing"] is True
    assert ifcopenshell.util.element.get_type(column).Name == "框架柱 900×900 H=3650"
    assert ifcopenshell.util.element.get_container(column).Name == "五层"


def test_the_file_is_valid_ifc4(path: Path) -> None:
    logger = ifcopenshell.validate.json_logger()
    ifcopenshell.validate.validate(str(path), logger)
    assert [statement["message"] for statement in logger.statements] == []


def test_the_command_writes_the_file_and_refuses_a_time_that_is_none(tmp_path: Path) -> None:
    from django.core.management import CommandError, call_command

    target = tmp_path / "model.ifc"
    with pytest.raises(CommandError, match="ISO 8601"):
        call_command("write_demo_model", target, timestamp="yesterday")
    assert not target.exists()
    call_command("write_demo_model", target, timestamp="2026-11-01T08:00:00+00:00", verbosity=0)
    assert "2026-11-01T08:00:00+00:00" in target.read_text(encoding="utf-8")[:600]
