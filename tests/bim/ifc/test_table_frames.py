"""Frames from a file's columns are those that IfcOpenShell's records give, or are left to these."""

from pathlib import Path
from typing import Any

import ifcopenshell
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bim.ifc.element_frames import ElementFrames
from bim.ifc.meshers.openings import Openings, openings_of
from bim.ifc.step_table import StepTable
from bim.ifc.table_frames import frames_of_placements
from tests.bim.authoring import Author

UNIT_M = 0.001
POINT = "#1=IFCCARTESIANPOINT((1000.,-2.5E3,0.125));"
DIRECTIONS = "#2=IFCDIRECTION((0.,1.,1.));#3=IFCDIRECTION((1.,0.,0.5));"


def of_table(records: str) -> dict[int, Any]:
    header = "ISO-10303-21;\nHEADER;\nFILE_SCHEMA(('IFC4'));\nENDSEC;\nDATA;\n"
    return frames_of_placements(StepTable.of(f"{header}{records}\nENDSEC;\n".encode()), UNIT_M)


def test_a_chain_of_placements_is_multiplied_from_its_root() -> None:
    found = of_table(
        POINT + DIRECTIONS + "#4=IFCAXIS2PLACEMENT3D(#1,$,$);#5=IFCAXIS2PLACEMENT3D(#1,#2,#3);"
        "#8=IFCLOCALPLACEMENT(#9,#4);#9=IFCLOCALPLACEMENT($,#5);#7=IFCLOCALPLACEMENT(#8,#4);"
    )
    assert sorted(found) == [7, 8, 9]
    root = found[9]
    assert root[:3, :3].T @ root[:3, :3] == pytest.approx(np.eye(3))
    assert root[:3, 2] == pytest.approx([0, 0.5**0.5, 0.5**0.5])
    assert root[:3, 3].tolist() == [1.0, -2.5, 0.000125]
    assert found[7] == pytest.approx(found[8] @ np.linalg.inv(root) @ found[8])


@pytest.mark.parametrize(
    "axes",
    [
        "#4=IFCAXIS2PLACEMENT3D(#1,#2,$);",
        "#4=IFCAXIS2PLACEMENT3D(#1,$,#3);",
        "#4=IFCAXIS2PLACEMENT2D(#1,$);",
        "#4=IFCAXIS2PLACEMENT3D(#99,$,$);",
        "#4=IFCAXIS2PLACEMENT3D(#6,$,$);#6=IFCCARTESIANPOINT((1.,2.));",
        "#4=IFCAXIS2PLACEMENT3D(#6,$,$);#6=IFCCARTESIANPOINT((1,2.,3.));",
        "#4=IFCAXIS2PLACEMENT3D(#1,#6,#3);#6=IFCDIRECTION((0.,0.,0.));",
        "#4=IFCAXIS2PLACEMENT3D(#1,#2,#2);",
        "#4=IFCLINEARPLACEMENT(#1,$,$);",
    ],
)
def test_what_is_written_otherwise_is_left_out_with_all_that_stands_on_it(axes: str) -> None:
    local = "#8=IFCLOCALPLACEMENT($,#4);#9=IFCLOCALPLACEMENT(#8,#5);#5=IFCAXIS2PLACEMENT3D(#1,$,$);"
    rest = "#10=IFCLOCALPLACEMENT($,#5);#11=IFCLOCALPLACEMENT(#12,#5);#12=IFCLOCALPLACEMENT(#11,#5);"
    assert sorted(of_table(POINT + DIRECTIONS + axes + local + rest)) == [10]


numbers = st.tuples(*[st.floats(-1e4, 1e4, allow_nan=False).map(lambda value: round(value, 3))] * 3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(numbers, st.none() | st.tuples(numbers, numbers), st.integers(-1, 20)), min_size=1))
def test_frames_are_those_of_the_records_to_the_last_bit(links: Any) -> None:
    model = ifcopenshell.file(schema="IFC4")
    placed: list[Any] = []
    for location, axes, base in links:
        directions: list[Any] = [model.create_entity("IfcDirection", axis) for axis in axes or ()]
        own = model.create_entity(
            "IfcAxis2Placement3D", model.create_entity("IfcCartesianPoint", location), *directions
        )
        placed.append(model.create_entity("IfcLocalPlacement", placed[base] if 0 <= base < len(placed) else None, own))
    found = frames_of_placements(StepTable.of(model.to_string().encode()), UNIT_M)
    frames = ElementFrames(UNIT_M)
    for placement in placed:
        expected = frames.of_placement(placement)
        if placement.id() in found:
            assert expected is not None and np.array_equal(found[placement.id()], expected)
    assert all(link.id() in found for link, (_, axes, base) in zip(placed, links, strict=True) if not axes and base < 0)


def test_openings_of_a_whole_and_of_its_parts_are_found_from_the_openings(tmp_path: Path) -> None:
    author = Author()
    wall = author.box("IfcWall", (0, 0, 0), (4, 0.2, 3), name="wall")
    author.opening(wall, (1, -0.1, 0.5), (1, 0.4, 1))
    part = author.box("IfcBuildingElementPart", (0, 0, 0), (4, 0.2, 3), name="part")
    grain = author.box("IfcBuildingElementPart", (0, 0, 0), (1, 0.2, 3), name="grain")
    author.box("IfcSlab", (0, 0, 0), (4, 4, 0.2), name="slab")
    author.relate("IfcRelAggregates", RelatingObject=wall, RelatedObjects=[part])
    author.relate("IfcRelAggregates", RelatingObject=part, RelatedObjects=[grain])
    openings = Openings(author.file)
    found = {element.Name: openings.of(element) for element in author.file.by_type("IfcElement") if element.Name}
    assert {name: len(cuts) for name, cuts in found.items() if cuts} == {"wall": 1, "part": 1, "grain": 1}
    assert all(openings.of(element) == openings_of(element) for element in author.file.by_type("IfcElement"))
