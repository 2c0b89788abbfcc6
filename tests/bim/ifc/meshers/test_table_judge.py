"""What the table says of a body is what IfcOpenShell's objects say; what is said twice or oddly is left to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bim.ifc.container import check_file
from bim.ifc.element_frames import ElementFrames
from bim.ifc.meshers.judging import Judged, ObjectJudge
from bim.ifc.meshers.table_judge import TableJudge
from bim.ifc.part_model import PartModel
from bim.ifc.reading import elements_with_body, open_model
from bim.ifc.step_table import StepTable
from bim.ifc.step_values import Odd
from bim.ifc.table_records import TableRecords
from bim.ifc.table_source import TableSource
from bim.ifc.units import length_unit_in_metres
from tests.bim.authoring import Author


def judged(author: Author, folder: Path) -> tuple[dict[str, Judged], set[str]]:
    """Return by their names the bodies as the table judges them, once objects have said the same, and the odd ones."""
    checked = check_file(author.save(folder / "source.ifc"), folder)
    model, _ = open_model(checked)
    unit_m, _ = length_unit_in_metres(model)
    table = StepTable.of(checked.path.read_bytes())
    part, frames = PartModel(TableRecords(table, checked.schema), folder), ElementFrames(unit_m)
    source = TableSource(part, frames, table)
    by_table, by_objects = TableJudge(part, source.records, frames, source), ObjectJudge(model, ElementFrames(unit_m))
    wanted = elements_with_body(model, by_objects.bodies)
    assert sorted([*by_table.with_body(), *by_table.odd & set(wanted)]) == wanted
    found, odd = {}, set()
    for step_id in wanted:
        product = model.by_id(step_id)
        try:
            one, other = by_table.judge(step_id), by_objects.judge(product)
        except Odd:
            odd.add(product.Name)
            continue
        for name in ("ifc_class", "pieces", "slow", "shapes", "placement", "context"):
            assert getattr(one, name) == getattr(other, name), (product.Name, name)
        assert np.allclose(np.array(one.frame), np.array(other.frame), atol=1e-12)
        assert [(cut.step_id, cut.shapes) for cut in one.openings] == [
            (cut.step_id, cut.shapes) for cut in other.openings
        ]
        found[product.Name] = one
    return found, odd


def item_of(product: Any) -> Any:
    return product.Representation.Representations[0].Items[0]


def set_items(product: Any, *items: Any) -> None:
    product.Representation.Representations[0].Items = items


def style(author: Author, red: float) -> Any:
    colour = author.file.create_entity("IfcColourRgb", None, red, 0.0, 0.0)
    transparent = (0.5,) if author.file.schema != "IFC2X3" else ()
    shading = author.file.create_entity("IfcSurfaceStyleShading", colour, *transparent)
    return author.file.create_entity("IfcSurfaceStyle", None, "BOTH", [shading])


def mapped(author: Author, item: Any) -> Any:
    shape = author.file.create_entity("IfcShapeRepresentation", author.context, "Body", "SweptSolid", [item])
    source = author.file.create_entity("IfcRepresentationMap", author.axes(), shape)
    target = author.file.create_entity(
        "IfcCartesianTransformationOperator3D", None, None, author.point(0, 0, 1), 1.0, None
    )
    return author.file.create_entity("IfcMappedItem", source, target)


def columns(author: Author, *names: str) -> list[Any]:
    storey = author.storey("首层", 0)
    return [author.box("IfcColumn", (3 * number, 0, 0), (1, 1, 1), storey, name) for number, name in enumerate(names)]


def test_reasons_for_the_slow_engine_are_those_of_the_router(tmp_path: Path) -> None:
    author = Author()
    names = ("plain", "swept", "trimmed", "advanced", "twice", "projecting", "cut", "csg", "curve", "surface", "flat")
    plain, swept, trimmed, advanced, twice, projecting, cut, csg, curve, surface, flat = columns(author, *names)
    line = author.file.create_entity("IfcPolyline", [author.point(0, 0, 0), author.point(0, 0, 5)])
    set_items(swept, author.file.create_entity("IfcSweptDiskSolid", line, 0.1, None, None, None))
    set_items(trimmed, author.file.create_entity("IfcSweptDiskSolid", line, 0.1, None, 0.0, 1.0))
    sphere = author.file.create_entity("IfcSphere", author.axes(), 1.0)
    solid = item_of(advanced)
    set_items(advanced, author.file.create_entity("IfcBooleanResult", "DIFFERENCE", solid, sphere))
    other = author.file.create_entity(
        "IfcShapeRepresentation", author.context, "Facade", "SweptSolid", [item_of(plain)]
    )
    twice.Representation.Representations = [*twice.Representation.Representations, other]
    bump = author.box("IfcProjectionElement", (0, 0, 0), (1, 1, 1), name="bump")
    author.relate("IfcRelProjectsElement", RelatingElement=projecting, RelatedFeatureElement=bump)
    set_items(author.opening(cut, (0, 0, 0), (1, 1, 1)), sphere)
    set_items(csg, author.file.create_entity("IfcCsgSolid", sphere))
    set_items(curve, author.file.create_entity("IfcGeometricSet", [line]))
    plane = author.file.create_entity("IfcPlane", author.axes())
    corners = [author.point(0, 0, 0), author.point(1, 0, 0), author.point(0, 1, 0)]
    bound = author.file.create_entity("IfcFaceOuterBound", author.file.create_entity("IfcPolyLoop", corners), True)
    curved = author.file.create_entity("IfcFaceSurface", [bound], plane, True)
    set_items(
        surface,
        author.file.create_entity("IfcShellBasedSurfaceModel", [author.file.create_entity("IfcOpenShell", [curved])]),
    )
    face = author.file.create_entity("IfcFace", [bound])
    set_items(
        flat,
        author.file.create_entity("IfcShellBasedSurfaceModel", [author.file.create_entity("IfcOpenShell", [face])]),
    )
    found, odd = judged(author, tmp_path)
    assert odd == set()
    assert {name: body.slow for name, body in found.items()} == {
        "plain": "", "swept": "", "trimmed": "R2 IfcSweptDiskSolid", "advanced": "R2 IfcSphere",
        "twice": "R3 several representations", "projecting": "R2 projections", "cut": "R2 IfcSphere",
        "csg": "R2 IfcSphere", "surface": "R2 IfcFaceSurface", "flat": "", "bump": "",
    }  # fmt: skip


@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4"])
def test_colours_come_from_items_from_what_they_are_made_of_and_from_materials(tmp_path: Path, schema: str) -> None:
    author = Author(schema)
    own, boolean, nested, by_material, by_type, none = columns(
        author, "own", "boolean", "nested", "by material", "by type", "none"
    )

    def styled(item: Any, red: float) -> None:
        chosen = style(author, red)
        if schema == "IFC2X3":
            chosen = author.file.create_entity("IfcPresentationStyleAssignment", [chosen])
        author.file.create_entity("IfcStyledItem", item, [chosen], None)

    styled(item_of(own), 1.0)
    first = item_of(boolean)
    styled(first, 0.8)
    set_items(boolean, author.file.create_entity("IfcBooleanResult", "DIFFERENCE", first, item_of(none)))
    inner = item_of(nested)
    outer = mapped(author, mapped(author, inner))
    styled(outer, 0.6)
    set_items(nested, outer, item_of(none))

    def material(red: float) -> Any:
        made = author.file.create_entity("IfcMaterial", "M")
        chosen = style(author, red)
        if schema == "IFC2X3":
            chosen = author.file.create_entity("IfcPresentationStyleAssignment", [chosen])
        item = author.file.create_entity("IfcStyledItem", None, [chosen], None)
        shape = author.file.create_entity("IfcStyledRepresentation", author.context, "Style", "Material", [item])
        author.file.create_entity("IfcMaterialDefinitionRepresentation", None, None, [shape], made)
        return made

    author.relate("IfcRelAssociatesMaterial", RelatedObjects=[by_material], RelatingMaterial=material(0.4))
    kind = author.rooted("IfcColumnType", Name="T", PredefinedType="COLUMN")
    author.relate("IfcRelDefinesByType", RelatedObjects=[by_type], RelatingType=kind)
    author.relate("IfcRelAssociatesMaterial", RelatedObjects=[kind], RelatingMaterial=material(0.2))
    found, odd = judged(author, tmp_path)
    assert odd == set()
    reds = {name: [piece.colour and piece.colour[0] for piece in body.pieces] for name, body in found.items()}
    assert reds == {
        "own": [255], "boolean": [204], "nested": [153, None], "by material": [102], "by type": [51], "none": [None],
    }  # fmt: skip
    assert [len(piece.mapped_by) for piece in found["nested"].pieces] == [2, 0]
    assert found["nested"].pieces[0].item == inner.id()


def test_openings_of_an_element_and_of_its_wholes_are_found(tmp_path: Path) -> None:
    author = Author()
    wall, part, grain = columns(author, "wall", "part", "grain")
    first, second = (author.opening(wall, (0, 0, number), (1, 1, 1)) for number in range(2))
    empty = author.rooted("IfcOpeningElement", Name="empty")
    author.relate("IfcRelVoidsElement", RelatingBuildingElement=wall, RelatedOpeningElement=empty)
    own = author.opening(part, (0, 0, 0), (1, 1, 1))
    author.relate("IfcRelAggregates", RelatingObject=wall, RelatedObjects=[part])
    author.relate("IfcRelAggregates", RelatingObject=part, RelatedObjects=[grain])
    found, odd = judged(author, tmp_path)
    assert odd == set()
    assert {name: [cut.step_id for cut in body.openings] for name, body in found.items()} == {
        "wall": [first.id(), second.id()],
        "part": [own.id(), first.id(), second.id()],
        "grain": [own.id(), first.id(), second.id()],
    }


def test_what_is_said_twice_or_leads_nowhere_is_odd(tmp_path: Path) -> None:
    author = Author()
    names = ("plain", "two styles", "two materials", "two types", "linear", "escaped")
    _, styled, materials, types, linear, escaped = columns(author, *names)
    for _ in range(2):
        author.file.create_entity("IfcStyledItem", item_of(styled), [style(author, 1.0)], None)
        made = author.file.create_entity("IfcMaterial", "M")
        author.relate("IfcRelAssociatesMaterial", RelatedObjects=[materials], RelatingMaterial=made)
        kind = author.rooted("IfcColumnType", Name="T", PredefinedType="COLUMN")
        author.relate("IfcRelDefinesByType", RelatedObjects=[types], RelatingType=kind)
    linear.ObjectPlacement = author.file.create_entity("IfcGridPlacement")
    escaped.Representation.Representations[0].RepresentationType = "Körper"
    found, odd = judged(author, tmp_path)
    assert set(found) == {"plain"} and odd == set(names) - {"plain"}


def test_a_product_without_placement_stands_at_the_origin(tmp_path: Path) -> None:
    author = Author()
    (column,) = columns(author, "column")
    column.ObjectPlacement = None
    found, odd = judged(author, tmp_path)
    assert odd == set() and found["column"].placement is None
    assert np.array_equal(np.array(found["column"].frame), np.eye(4)) and found["column"].slow == ""
