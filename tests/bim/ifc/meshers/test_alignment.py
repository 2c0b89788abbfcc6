"""Alignments walked by their own numbers, and what is said of an element that stands elsewhere."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bim.ifc.meshers.alignment import Alignments
from bim.ifc.meshers.linear import LinearCheck, linear_placement_of
from tests.bim.authoring import Author


def segment(kind: str, length: float, first: float, last: float, heading: float = 0.0) -> Any:
    """Return the design parameters of a horizontal segment from (0, 0)."""
    return SimpleNamespace(
        PredefinedType=kind, SegmentLength=length, StartRadiusOfCurvature=first, EndRadiusOfCurvature=last,
        StartPoint=SimpleNamespace(Coordinates=(0.0, 0.0)), StartDirection=heading,
    )  # fmt: skip


def test_an_alignment_is_walked_as_its_curves_say() -> None:
    alignments = Alignments(Author("IFC4X3_ADD2").file)
    assert alignments._walk(segment("LINE", 50, 0, 0, math.pi / 2), 20) == pytest.approx((0, 20, math.pi / 2))
    quarter = alignments._walk(segment("CIRCULARARC", 157.08, 100, 100), 50 * math.pi)
    assert quarter == pytest.approx((100, 100, math.pi / 2), abs=1e-3)
    # Clothoid: y = s³ / 6RL - s⁷ / 336 (RL)³, x = s - s⁵ / 40 (RL)² + s⁹ / 3456 (RL)⁴
    x, y, heading = alignments._walk(segment("CLOTHOID", 100, 0, 300), 100)
    rl = 30_000
    assert heading == pytest.approx(100 / 600, abs=1e-9)
    assert x == pytest.approx(100 - 100**5 / 40 / rl**2 + 100**9 / 3456 / rl**4, abs=1e-4)
    assert y == pytest.approx(100**3 / 6 / rl - 100**7 / 336 / rl**3, abs=1e-4)
    right = alignments._walk(segment("CLOTHOID", 100, 0, -300), 100)
    np.testing.assert_allclose(right, (x, -y, -heading), atol=1e-9)


def test_a_gradient_and_a_parabola_give_the_height() -> None:
    author = Author("IFC4X3_ADD2")
    alignment = bridge(author)[1]
    alignments = Alignments(author.file)
    assert alignments._vertical(alignment, 50) == pytest.approx(11.0)
    assert alignments._vertical(alignment, 150) == pytest.approx(12 + 0.02 * 50 - 0.04 / 200 * 50**2)


def bridge(author: Author) -> tuple[Any, Any]:
    """Add a column that stands on an alignment at station 150, 2 m to the left; return it and the alignment.

    The alignment runs east from (1000, 2000); it climbs 2 % from 10 m over 100 m, then a parabola over 100 m ends
    at -2 %, so that station 150 is at 12.5 m.
    """
    file = author.file

    def nest(whole: Any, parts: list[Any]) -> Any:
        author.relate("IfcRelNests", RelatingObject=whole, RelatedObjects=parts)
        return whole

    def parts(kind: str, rows: list[dict[str, Any]]) -> Any:
        segments = [
            author.rooted("IfcAlignmentSegment", DesignParameters=file.create_entity(f"{kind}Segment", **row))
            for row in rows
        ]
        return nest(author.rooted(kind), segments)

    horizontal = parts("IfcAlignmentHorizontal", [
        {"StartPoint": author.point(1_000, 2_000), "StartDirection": 0.0, "StartRadiusOfCurvature": 0.0,
         "EndRadiusOfCurvature": 0.0, "SegmentLength": 300.0, "PredefinedType": "LINE"},
    ])  # fmt: skip
    vertical = parts("IfcAlignmentVertical", [
        {"StartDistAlong": 0.0, "HorizontalLength": 100.0, "StartHeight": 10.0, "StartGradient": 0.02,
         "EndGradient": 0.02, "PredefinedType": "CONSTANTGRADIENT"},
        {"StartDistAlong": 100.0, "HorizontalLength": 100.0, "StartHeight": 12.0, "StartGradient": 0.02,
         "EndGradient": -0.02, "PredefinedType": "PARABOLICARC"},
    ])  # fmt: skip
    line = file.create_entity("IfcPolyline", [author.point(1_000, 2_000), author.point(1_300, 2_000)])
    curve = file.create_entity("IfcGradientCurve", [], False, line, None)
    shape = file.create_entity("IfcShapeRepresentation", author.context, "Axis", "Curve3D", [curve])
    alignment = author.rooted("IfcAlignment", ObjectPlacement=author.place(0, 0, 0))
    alignment.Representation = file.create_entity("IfcProductDefinitionShape", None, None, [shape])
    nest(alignment, [horizontal, vertical])
    station = file.create_entity("IfcLengthMeasure", 150.0)
    at = file.create_entity("IfcPointByDistanceExpression", station, 2.0, None, None, curve)
    column = author.box("IfcColumn", (0, 0, 0), (1, 1, 3))
    column.ObjectPlacement = file.create_entity(
        "IfcLinearPlacement", None, file.create_entity("IfcAxis2PlacementLinear", at), None
    )
    return column, alignment


def test_a_column_stands_at_its_station_and_one_that_does_not_is_named() -> None:
    author = Author("IFC4X3_ADD2")
    column, _ = bridge(author)
    placement = linear_placement_of(column)
    assert Alignments(author.file).place(placement) == pytest.approx((1_150, 2_002, 12.5))
    there = np.array([[1_149.5, 2_001.5, 12.5], [1_150.5, 2_002.5, 15.5]])
    check = LinearCheck(author.file, {column.id(): placement})
    check.look_at(column.id(), there)
    assert (check.notes(), check.unplaced) == ([], {})
    check.look_at(column.id(), there + np.array([0, 0, 12]))
    assert check.unplaced == {
        column.id(): "Unplaced: its shape came out 12.0 m from where its alignment's parameters put it."
    }
    assert check.notes() == [
        f"1 elements on an alignment do not lie where their alignment's parameters put them: {column.GlobalId}."
    ]


def test_what_lies_where_its_parameters_put_it_is_placed_and_without_them_its_own_position_decides() -> None:
    author = Author("IFC4X3_ADD2")
    column, alignment = bridge(author)
    placement = linear_placement_of(column)
    assert placement is not None
    placement.CartesianPosition = author.file.create_entity("IfcAxis2Placement3D", author.point(1_150, 2_052, 12.5))
    there = np.array([[1_149.5, 2_001.5, 12.5], [1_150.5, 2_002.5, 15.5]])
    check = LinearCheck(author.file, {column.id(): placement})
    check.look_at(column.id(), there)
    assert (len(check.notes()), check.unplaced) == (1, {}), "the file contradicts itself, and the parameters decide"
    alignment.Representation = None
    check = LinearCheck(author.file, {column.id(): placement})
    check.look_at(column.id(), there)
    assert check.unplaced == {
        column.id(): "Unplaced: its shape came out 49.5 m from where its own CartesianPosition puts it."
    }


def test_what_hangs_on_such_an_element_may_be_as_far_as_its_own_offsets() -> None:
    author = Author("IFC4X3_ADD2")
    column, _ = bridge(author)
    lamp = author.box("IfcLamp", (0, 0, 20), (0.1, 0.1, 0.1))
    lamp.ObjectPlacement.PlacementRelTo = column.ObjectPlacement
    check = LinearCheck(author.file, {lamp.id(): linear_placement_of(lamp)})
    check.look_at(lamp.id(), np.array([[1_150, 2_002, 32.5], [1_150.1, 2_002.1, 32.6]]))
    assert check.notes() == []
    check.look_at(lamp.id(), np.array([[1_150, 2_002, 42.5], [1_150.1, 2_002.1, 42.6]]))
    assert lamp.GlobalId in check.notes()[0]
