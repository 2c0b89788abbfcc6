"""Who errs where two meshes of one element differ: an authored wall with an opening."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bim.ifc.meshers.opencascade import OpenCascade
from bim.ifc.meshing_types import Mesh
from tests.bim.authoring import Author
from tests.proofs._linear_check import check_linear
from tests.proofs._mesh_difference import count_open_edges, difference
from tests.proofs._third_voice import FAST_ERRS, OPENCASCADE_ERRS, judge_miss


@pytest.fixture
def wall() -> tuple[Any, Any, Mesh]:
    """A wall of 4 x 0.2 x 3 m with an opening of 1 x 2 m, and its right mesh."""
    author = Author()
    product = author.box("IfcWall", (0, 0, 0), (4, 0.2, 3))
    author.opening(product, (1, -1, 0.5), (1, 3, 2))
    mesh = OpenCascade(1.0).mesh_one(author.file, product.id()).mesh
    assert mesh is not None
    return author.file, product, mesh


def test_a_wall_without_its_opening_is_found_and_the_engine_that_forgot_it_errs(
    wall: tuple[Any, Any, Mesh], tmp_path: Path
) -> None:
    model, product, right = wall
    author = Author()
    solid = author.box("IfcWall", (0, 0, 0), (4, 0.2, 3))
    wrong = OpenCascade(1.0).mesh_one(author.file, solid.id()).mesh
    assert wrong is not None
    assert difference(wrong, right) == (
        "area 26.800 m² against 24.000 m² (11.7%); open edges: 0 in the fast mesh, 0 in OpenCASCADE's"
    )
    evidence, judgement = judge_miss(model, product, wrong, right, tmp_path)
    assert judgement == FAST_ERRS
    assert "cgal: 24.000 m², 2.0000 m³, open edges 0, agrees with OpenCASCADE" in evidence
    assert judge_miss(model, product, right, wrong, tmp_path)[1] == OPENCASCADE_ERRS


def test_a_shifted_mesh_is_a_miss_of_its_box_and_a_missing_triangle_leaves_open_edges(
    wall: tuple[Any, Any, Mesh],
) -> None:
    _, _, right = wall
    shift = np.array([0.02, 0, 0])
    assert difference(replace(right, vertices=right.vertices + shift), right) == "box off by 0.0200 m"
    assert difference(replace(right, vertices=right.vertices + shift / 5), right) == ""
    assert count_open_edges(right) == 0
    assert count_open_edges(replace(right, faces=right.faces[1:], face_colour=right.face_colour[1:])) == 3


@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4", "IFC4X3_ADD2"])
def test_a_model_without_an_alignment_has_no_elements_on_one(schema: str) -> None:
    author = Author(schema)
    product = author.box("IfcWall", (0, 0, 0), (4, 0.2, 3))
    assert check_linear(author.file, [product.id()], {}) == []
