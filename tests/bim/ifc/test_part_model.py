"""A part of a file says of its entities what the whole file says of them, and opens no more than that takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bim.ifc.container import check_file
from bim.ifc.file_part import naming, reached, write_part
from bim.ifc.meshers.opencascade import OpenCascade
from bim.ifc.meshing_types import Mesh
from bim.ifc.part_model import PartModel, holding
from bim.ifc.reading import open_model
from bim.ifc.step_table import StepTable
from bim.ifc.table_records import TableRecords
from tests.bim.authoring import Author, small_building


def both(author: Author, folder: Path) -> tuple[Any, PartModel]:
    """Return the file as IfcOpenShell opens it whole, and as a part model."""
    checked = check_file(author.save(folder / "source.ifc"), folder)
    model, _ = open_model(checked)
    return model, PartModel(TableRecords(StepTable.of(checked.path.read_bytes()), checked.schema), folder)


def meshes(model: Any, step_id: int) -> Mesh:
    outcome = OpenCascade(1.0).mesh_one(model, step_id)
    assert outcome.mesh is not None, outcome.reason
    return outcome.mesh


def assert_same_mesh(whole: Any, part: Any, step_id: int) -> Mesh:
    expected, found = meshes(whole, step_id), meshes(part, step_id)
    for name in ("vertices", "faces", "colours", "face_colour"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
    return found


def coloured_style(author: Author, red: float) -> Any:
    colour = author.file.create_entity("IfcColourRgb", None, red, 0.0, 0.0)
    shading = author.file.create_entity("IfcSurfaceStyleShading", colour, None)
    return author.file.create_entity("IfcSurfaceStyle", None, "BOTH", [shading])


def coloured_material(author: Author, red: float) -> Any:
    material = author.file.create_entity("IfcMaterial", "concrete")
    styled = author.file.create_entity("IfcStyledItem", None, [coloured_style(author, red)], None)
    shape = author.file.create_entity("IfcStyledRepresentation", author.context, "Style", "Material", [styled])
    author.file.create_entity("IfcMaterialDefinitionRepresentation", None, None, [shape], material)
    return material


def test_a_part_is_what_was_asked_for_and_all_that_it_refers_to(tmp_path: Path) -> None:
    author = small_building(tmp_path / "source.ifc")
    wall = author.file.by_type("IfcWall")[0]
    table = StepTable.of((tmp_path / "source.ifc").read_bytes())
    row = table.row_of(np.array([wall.id()]))
    whole = reached(table, row)
    expected = {entity.id() for entity in author.file.traverse(wall)}
    assert set(table.ids[whole].tolist()) == expected
    bare = reached(table, row, ("IFCPRODUCTDEFINITIONSHAPE",))
    placed = {entity.id() for entity in author.file.traverse(wall.ObjectPlacement)}
    assert set(table.ids[bare].tolist()) == {wall.id(), *placed}
    contained = naming(table, ("IFCRELCONTAINEDINSPATIALSTRUCTURE", "IFCRELDEFINESBYPROPERTIES"), whole)
    assert sorted(table.names[kind] for kind in table.kinds[contained]) == [
        "IFCRELCONTAINEDINSPATIALSTRUCTURE", "IFCRELDEFINESBYPROPERTIES",
    ]  # fmt: skip
    write_part(table, whole, tmp_path / "part.ifc")
    assert {row.id() for row in open_model(check_part(tmp_path))[0]} == expected


def check_part(folder: Path) -> Any:
    (folder / "checked").mkdir()
    return check_file(folder / "part.ifc", folder / "checked")


def test_a_part_of_nothing_is_a_file_without_records(tmp_path: Path) -> None:
    small_building(tmp_path / "source.ifc")
    table = StepTable.of((tmp_path / "source.ifc").read_bytes())
    write_part(table, np.zeros(len(table), dtype=bool), tmp_path / "part.ifc")
    assert len(StepTable.of((tmp_path / "part.ifc").read_bytes())) == 0


def test_openings_cut_an_element_of_a_part_and_the_parts_of_a_whole(tmp_path: Path) -> None:
    author = Author()
    storey = author.storey("首层", 0)
    wall = author.box("IfcWall", (0, 0, 0), (4, 0.2, 3), storey)
    author.opening(wall, (1, -0.1, 1), (1, 0.4, 1))
    layer = author.box("IfcBuildingElementPart", (0, 0.2, 0), (4, 0.2, 3))
    author.relate("IfcRelAggregates", RelatingObject=wall, RelatedObjects=[layer])
    other = author.box("IfcWall", (0, 9, 0), (4, 0.2, 3), storey)
    whole, model = both(author, tmp_path)
    part = model.with_shapes([wall.id(), layer.id()])
    assert len(assert_same_mesh(whole, part, wall.id()).faces) == 32
    assert_same_mesh(whole, part, layer.id())
    with pytest.raises(RuntimeError):
        part.by_id(other.id())
    assert_same_mesh(whole, model.with_shapes([other.id()]), other.id())


def test_an_element_of_a_part_has_the_colour_of_its_item_of_its_material_and_of_its_types(tmp_path: Path) -> None:
    author = Author()
    storey = author.storey("首层", 0)
    by_item, by_material, by_type, plain = (
        author.box("IfcColumn", (3 * number, 0, 0), (1, 1, 1), storey) for number in range(4)
    )
    item = by_item.Representation.Representations[0].Items[0]
    author.file.create_entity("IfcStyledItem", item, [coloured_style(author, 1.0)], None)
    author.relate(
        "IfcRelAssociatesMaterial", RelatedObjects=[by_material], RelatingMaterial=coloured_material(author, 0.8)
    )
    kind = author.rooted("IfcColumnType", Name="C1", PredefinedType="COLUMN")
    author.relate("IfcRelDefinesByType", RelatedObjects=[by_type], RelatingType=kind)
    author.relate("IfcRelAssociatesMaterial", RelatedObjects=[kind], RelatingMaterial=coloured_material(author, 0.6))
    whole, model = both(author, tmp_path)
    found = {}
    for column in (by_item, by_material, by_type, plain):
        mesh = assert_same_mesh(whole, model.with_shapes([column.id()]), column.id())
        found[column.id()] = mesh.colours[mesh.face_colour[0]].tolist()
    assert [found[column.id()][:3] for column in (by_item, by_material, by_type)] == [
        [255, 0, 0],
        [204, 0, 0],
        [153, 0, 0],
    ]
    assert found[plain.id()][:3] not in ([255, 0, 0], [204, 0, 0], [153, 0, 0])


def test_the_project_its_storeys_and_its_place_are_answered_from_a_part_without_geometry(tmp_path: Path) -> None:
    author = small_building(tmp_path / "drawn.ifc")
    author.site.Representation = author.body(9, 9, 1)
    whole, model = both(author, tmp_path)
    for name in (
        "IfcProject",
        "IfcBuilding",
        "IfcBuildingStorey",
        "IfcMapConversion",
        "IfcGeometricRepresentationContext",
    ):
        assert [str(row) for row in model.by_type(name)] == [str(row) for row in whole.by_type(name)], name
    storey = model.by_type("IfcBuildingStorey")[0]
    assert storey.Decomposes[0].RelatingObject.Name == "1号楼"
    assert model.by_type("IfcRigidOperation") == [], "a class that IFC4 does not have"
    assert model.by_type("IfcSite")[0].Representation is None
    assert str(model.by_id(author.site.id())) == str(whole.by_type("IfcSite")[0])
    with pytest.raises(LookupError):
        model.by_type("IfcWall")
    assert (model.schema, model.schema_identifier) == (whole.schema, whole.schema_identifier)


def test_what_is_asked_for_together_is_opened_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    author = small_building(tmp_path / "drawn.ifc")
    relations = author.file.by_type("IfcRelContainedInSpatialStructure")
    whole, model = both(author, tmp_path)
    opened: list[int] = []
    open_part = PartModel._open

    def counted(self: PartModel, found: Any) -> Any:
        opened.append(int(found.sum()))
        return open_part(self, found)

    monkeypatch.setattr(PartModel, "_open", counted)
    ids = [relation.id() for relation in relations]
    model.bring(ids)
    for step_id in ids:
        expected = [row.GlobalId for row in whole.by_id(step_id).RelatedElements]
        assert [row.GlobalId for row in model.by_id(step_id).RelatedElements] == expected
    assert len(ids) >= 4 and len(opened) == 1
    wall = author.file.by_type("IfcWall")[0].id()
    assert holding(model, [wall]).by_id(wall).Representation.Representations[0].Items
    assert holding(model, [wall]) is holding(model, [wall]) and len(opened) == 2
    assert holding(whole, [wall]) is whole
    assert not list(tmp_path.glob("part-*"))
    with pytest.raises(RuntimeError):
        model.by_id(99_999)


def test_a_reference_to_nothing_is_nothing_in_a_part_too(tmp_path: Path) -> None:
    author = small_building(tmp_path / "drawn.ifc")
    wall = author.file.by_type("IfcWall")[0]
    text = author.file.to_string().replace(f"#{wall.Representation.id()}=", f"#{90_000}=", 1)
    (tmp_path / "source.ifc").write_text(text)
    checked = check_file(tmp_path / "source.ifc", tmp_path)
    model = PartModel(TableRecords(StepTable.of(checked.path.read_bytes()), checked.schema), tmp_path)
    assert model.by_id(wall.id()).Representation is None
    assert open_model(checked)[0].by_id(wall.id()).Representation is None
