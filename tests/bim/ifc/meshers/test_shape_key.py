"""The key of a shape: equal for equal shapes wherever they stand and whatever they are called."""

from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.guid
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bim.ifc.element_frames import ElementFrames
from bim.ifc.meshers.judging import ObjectJudge
from bim.ifc.meshers.shape_key import OF_FILE, OF_MODEL, ShapeKeys, angle_unit
from bim.ifc.step_table import StepTable
from bim.ifc.units import length_unit_in_metres
from tests.bim.authoring import Author


def keys_of(model: Any) -> dict[str, str]:
    elements = model.by_type("IfcElement")
    keys = keys_from(StepTable.of(model.to_string().encode()), OF_MODEL, model, elements)
    return {element.Name: keys[element.id()] for element in elements}


def keys_from(table: StepTable, kind: str, model: Any, elements: list[Any]) -> dict[int, str]:
    unit_m, _ = length_unit_in_metres(model)
    judge = ObjectJudge(model, ElementFrames(unit_m))
    return ShapeKeys(table, kind, unit_m, angle_unit(model)).keys_of([judge.judge(element) for element in elements])


def wall_with_opening(**changes: Any) -> Author:
    author = Author(prefix=changes.get("prefix", "MILLI"))
    for _ in range(changes.get("before", 0)):
        author.point(1, 2, 3)
    at = changes.get("at", (0, 0, 0))
    wall = author.box("IfcWall", at, changes.get("size", (4_000, 200, 3_000)), name="wall")
    offset = changes.get("opening", (1_000, -100, 500))
    place = tuple(a + b for a, b in zip(at, offset, strict=True))
    author.opening(wall, place, changes.get("hole", (1_000, 400, 1_000)))
    return author


def key(author: Author) -> str:
    return keys_of(author.file)["wall"]


def test_a_moved_renumbered_and_renamed_wall_keeps_its_key(tmp_path: Path) -> None:
    path = wall_with_opening(before=17, at=(5_000, -3_000, 9_000)).save(tmp_path / "moved.ifc")
    moved = ifcopenshell.open(str(path))
    moved.by_type("IfcWall")[0].GlobalId = ifcopenshell.guid.new()
    first = key(wall_with_opening())
    assert len(first) == 32
    assert keys_of(moved)["wall"] == first


@pytest.mark.parametrize(
    "change",
    [
        {"size": (4_000, 200, 3_001)},
        {"opening": (1_001, -100, 500)},
        {"hole": (1_000, 400, 1_001)},
        {"prefix": "CENTI"},
    ],
)
def test_another_size_opening_or_unit_is_another_key(change: dict[str, Any]) -> None:
    assert key(wall_with_opening(**change)) != key(wall_with_opening())


def test_a_part_is_cut_by_the_openings_of_its_whole() -> None:
    author = wall_with_opening()
    wall = author.file.by_type("IfcWall")[0]
    part = author.box("IfcBuildingElementPart", (0, 0, 0), (4_000, 200, 3_000), name="part")
    alone = keys_of(author.file)["part"]
    author.relate("IfcRelAggregates", RelatingObject=wall, RelatedObjects=[part])
    assert keys_of(author.file)["part"] == keys_of(author.file)["wall"] != alone


def test_colour_is_no_shape() -> None:
    author = wall_with_opening()
    before = key(author)
    colour = author.file.create_entity("IfcColourRgb", None, 1.0, 0.0, 0.0)
    shading = author.file.create_entity("IfcSurfaceStyleShading", colour, 0.0)
    style = author.file.create_entity("IfcSurfaceStyle", None, "BOTH", [shading])
    solid = author.file.by_type("IfcWall")[0].Representation.Representations[0].Items[0]
    author.file.create_entity("IfcStyledItem", solid, [style], None)
    assert key(author) == before


def test_an_element_on_a_linear_placement_has_no_key() -> None:
    author = Author("IFC4X3_ADD2")
    sign = author.box("IfcSign", (0, 0, 0), (1, 1, 1), name="sign")
    sign.ObjectPlacement = author.file.create_entity("IfcLinearPlacement")
    assert keys_of(author.file)["sign"] == ""


sizes = st.tuples(*[st.integers(1, 10_000)] * 3)


@settings(max_examples=30, deadline=None)
@given(sizes, sizes, st.tuples(*[st.integers(-(10**6), 10**6)] * 3))
def test_keys_are_equal_exactly_where_sizes_are(one: Any, other: Any, at: Any) -> None:
    author = Author(prefix="MILLI")
    author.box("IfcWall", (0, 0, 0), one, name="one")
    author.box("IfcSlab", at, other, name="other")
    found = keys_of(author.file)
    assert (found["one"] == found["other"]) is (one == other)


def test_keys_of_a_file_s_own_text_are_equal_exactly_where_those_of_the_model_are(tmp_path: Path) -> None:
    author = Author(prefix="MILLI")
    for number in range(12):
        author.box("IfcWall", (number, 0, 0), (100 + number % 5, 200, 300 + number % 2), name=f"it's ({number}); #1")
    path = author.save(tmp_path / "walls.ifc")
    path.write_bytes(path.read_bytes().replace(b",", b" ,\r\n "))
    model = ifcopenshell.open(str(path))
    walls = model.by_type("IfcWall")
    of_model = keys_from(StepTable.of(model.to_string().encode()), OF_MODEL, model, walls)
    of_file = keys_from(StepTable.of(path.read_bytes()), OF_FILE, model, walls)
    assert {key[:8] for key in of_file.values()} == {"file-v1:"} and {key[:8] for key in of_model.values()} == {
        "open-v1:"
    }
    assert len(set(of_file.values())) == len(set(of_model.values())) == 10
    assert len(set(zip(of_file.values(), of_model.values(), strict=True))) == 10
    assert all(len(key) == 32 for key in of_file.values())
