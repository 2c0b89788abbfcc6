"""R5: a hole that the fast engine has closed by faces lying on one another is found, and OpenCASCADE cuts it."""

from pathlib import Path

import numpy as np
import pytest

from bim.ifc.meshers.doubled_faces import has_doubled_faces
from bim.ifc.meshers.ifclite import Answer, Order, _outcome
from bim.ifc.meshers.opencascade import OpenCascade
from bim.ifc.meshing_types import Mesh
from bim.pipeline.mesh_batch import area_and_volume
from tests.bim.authoring import Author

from .test_engines import mesh_of, meshed


def wall(*, touching: bool) -> Author:
    """Write a wall of 6.94 x 0.12 x 3.2 m with a door as deep as itself; another opening may touch it from outside."""
    author = Author()
    row = author.box("IfcWall", (0, 0, 0), (6.94, 0.12, 3.2), author.storey("L", 0), "wall")
    if touching:
        author.opening(row, (5.19, 0.12, 0), (0.12, 0.8, 2.1))
    author.opening(row, (0.74, 0, 0), (0.8, 0.12, 2.1))
    return author


def right_mesh() -> Mesh:
    author = wall(touching=False)
    outcome = OpenCascade(1.0).mesh_one(author.file, author.file.by_type("IfcWall")[0].id())
    return mesh_of(outcome)


def test_a_door_covered_from_both_sides_has_doubled_faces_and_an_open_one_has_none() -> None:
    mesh = right_mesh()
    around = 6.94 + 6.14 + 2 * 3.2 + 2 * 2.1 + 0.8
    assert area_and_volume(mesh)[0] == pytest.approx(2 * (6.94 * 3.2 - 0.8 * 2.1) + 0.12 * around)
    assert not has_doubled_faces(mesh.vertices, mesh.faces)
    cover = np.array([[0.74, 0.12, 0], [1.54, 0.12, 0], [1.54, 0.12, 2.1], [0.74, 0.12, 2.1]])
    first = len(mesh.vertices)
    lids = np.array([[0, 1, 2], [0, 2, 3], [0, 2, 1], [0, 3, 2]]) + first
    vertices = np.vstack([mesh.vertices, cover])
    assert has_doubled_faces(vertices, np.vstack([mesh.faces, lids]).astype(np.int32))
    assert not has_doubled_faces(vertices, np.vstack([mesh.faces, lids[:2]]).astype(np.int32)), "one lid alone"


def test_a_door_beside_an_opening_that_only_touches_the_wall_is_cut_whichever_engine_does_it(tmp_path: Path) -> None:
    found = meshed(wall(touching=True).save(tmp_path / "wall.ifc"), tmp_path / "work")
    area, volume = area_and_volume(mesh_of(found["wall"]))
    assert area == pytest.approx(area_and_volume(right_mesh())[0], rel=1e-4)
    assert volume == pytest.approx(6.94 * 0.12 * 3.2 - 0.8 * 0.12 * 2.1, rel=1e-4)


def test_a_cut_body_with_doubled_faces_is_left_to_opencascade_and_one_that_is_not_cut_is_taken() -> None:
    mesh = right_mesh()
    lids = np.array([[0, 1, 2], [0, 2, 1]]) + len(mesh.vertices)
    vertices = np.vstack([mesh.vertices, [[0.74, 0.12, 0], [1.54, 0.12, 0], [1.54, 0.12, 2.1]]])
    answer = Answer({7: (vertices, np.vstack([mesh.faces, lids]).astype(np.int32))}, np.zeros(3))
    sound = Answer({7: (mesh.vertices, mesh.faces)}, np.zeros(3))
    cut, whole = (Order(7, "IfcWall", np.zeros(3), {None: [7]}, cut) for cut in (True, False))
    assert _outcome(cut, answer) is None
    assert _outcome(whole, answer) is not None
    assert _outcome(cut, sound) is not None
