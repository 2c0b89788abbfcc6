"""Both engines on authored elements: which one is asked, and that what they give is the same."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bim.ifc.container import CheckedFile, check_file
from bim.ifc.meshers import ifclite
from bim.ifc.meshers.routing import Router, fault_of_file
from bim.ifc.meshing_types import Mesh, Outcome
from bim.ifc.reading import open_model, read_model
from bim.pipeline import mesh_stage
from bim.pipeline.frames import StoredOutcome
from bim.pipeline.mesh_batch import area_and_volume
from bim.pipeline.mesh_cache import count_meshes
from bim.pipeline.mesh_stage import MeshStage
from bim.pipeline.outcomes import collect_outcomes
from tests.bim.authoring import Author


def meshed(path: Path, folder: Path, **request: Any) -> dict[str, StoredOutcome]:
    """Run the mesh stage on a file and return the outcomes by the elements' names."""
    folder.mkdir()
    checked = check_file(path, folder)
    model, heard = open_model(checked)
    record, _ = read_model(model, checked, heard)
    names = {element.step_id: element.name for element in record.elements if element.wants_mesh}
    asked = {"threads": 1, "attempt": 0, "one_by_one": False, **request}
    MeshStage(model, checked, folder, asked).run(list(names), {}, lambda **fields: None, lambda stage, part: None)
    return {names[step_id]: outcome for step_id, outcome in collect_outcomes(folder).items()}


def mesh_of(outcome: Outcome | StoredOutcome) -> Mesh:
    assert outcome.mesh is not None, outcome.reason
    return outcome.mesh


def colours_of(mesh: Mesh) -> dict[tuple[int, ...], float]:
    """Return the area (m²) of each colour."""
    found = {}
    for number in np.unique(mesh.face_colour):
        only = Mesh(mesh.vertices, mesh.faces[mesh.face_colour == number], mesh.colours, mesh.face_colour)
        found[tuple(int(value) for value in mesh.colours[number])] = area_and_volume(only)[0]
    return found


def styled(author: Author, item: Any, red: float, green: float, blue: float, transparency: float = 0.0) -> None:
    colour = author.file.create_entity("IfcColourRgb", None, red, green, blue)
    shading = author.file.create_entity("IfcSurfaceStyleShading", colour, transparency)
    style = author.file.create_entity("IfcSurfaceStyle", None, "BOTH", [shading])
    author.file.create_entity("IfcStyledItem", item, [style], None)


def two_coloured_window(author: Author, at: tuple[float, float, float], mapped: bool) -> Any:
    """Add a window of a red block of 1 x 1 x 1 m and a blue glass of 2 x 1 x 1 m."""
    window = author.box("IfcWindow", at, (1, 1, 1), name="window")
    shape = window.Representation.Representations[0]
    frame = shape.Items[0]
    glass = author.body(2, 1, 1).Representations[0].Items[0]
    glass.Position = author.axes(3, 0, 0)
    styled(author, frame, 1, 0, 0)
    styled(author, glass, 0, 0, 1, 0.5)
    shape.Items = [frame, glass]
    if mapped:
        source = author.file.create_entity("IfcRepresentationMap", author.axes(), shape)
        target = author.file.create_entity(
            "IfcCartesianTransformationOperator3D", None, None, author.point(0, 0, 10), 1.0, None
        )
        item = author.file.create_entity("IfcMappedItem", source, target)
        window.Representation.Representations = [
            author.file.create_entity("IfcShapeRepresentation", author.context, "Body", "MappedRepresentation", [item])
        ]
    return window


@pytest.mark.parametrize("mapped", [False, True])
def test_each_item_keeps_its_own_colour_and_place_in_both_engines(tmp_path: Path, mapped: bool) -> None:
    author = Author()
    two_coloured_window(author, (5, 6, 7), mapped)
    path = author.save(tmp_path / "window.ifc")
    fast = meshed(path, tmp_path / "fast")["window"]
    slow = meshed(path, tmp_path / "slow", attempt=9)["window"]
    assert (fast.engine, slow.engine) == ("ifclite", "opencascade")
    for outcome in (fast, slow):
        mesh = mesh_of(outcome)
        assert colours_of(mesh) == pytest.approx({(255, 0, 0, 255): 6.0, (0, 0, 255, 128): 10.0})
        assert mesh.vertices.min(axis=0) == pytest.approx([5, 6, 17 if mapped else 7])
        assert mesh.vertices.max(axis=0) == pytest.approx([10, 7, 18 if mapped else 8])


def test_the_openings_of_an_element_of_two_colours_cut_both(tmp_path: Path) -> None:
    author = Author()
    window = two_coloured_window(author, (0, 0, 0), mapped=False)
    author.opening(window, (0.5, -1, 0.25), (4, 3, 0.5))
    path = author.save(tmp_path / "window.ifc")
    fast, slow = (meshed(path, tmp_path / f"run{n}", attempt=n)["window"] for n in (0, 9))
    assert (fast.engine, slow.engine) == ("ifclite", "opencascade")
    assert area_and_volume(mesh_of(fast))[1] == pytest.approx(3 - 0.25 - 0.75)
    assert colours_of(mesh_of(fast)) == pytest.approx(colours_of(mesh_of(slow)))


def test_units_and_far_coordinates_come_out_in_metres_of_the_project(tmp_path: Path) -> None:
    author = Author(prefix="MILLI")
    author.box("IfcWall", (4_554_676_123.0, 1_185_944_009.0, 0), (1_001.0, 203.0, 3_007.0), name="wall")
    outcome = meshed(author.save(tmp_path / "far.ifc"), tmp_path / "work")["wall"]
    mesh = mesh_of(outcome)
    assert mesh.vertices.min(axis=0) == pytest.approx([4_554_676.123, 1_185_944.009, 0], abs=1e-4)
    assert mesh.vertices.max(axis=0) == pytest.approx([4_554_677.124, 1_185_944.212, 3.007], abs=1e-4)


def test_points_far_from_their_own_origin_go_to_opencascade(tmp_path: Path) -> None:
    author = Author()
    wall = author.box("IfcWall", (0, 0, 0), (1.001, 0.2, 3), name="wall")
    wall.Representation.Representations[0].Items[0].Position = author.axes(454_676.123, 185_944.009, 0)
    author.box("IfcWall", (0, 0, 0), (1, 1, 1), name="near")
    found = meshed(author.save(tmp_path / "far.ifc"), tmp_path / "work")
    assert found["wall"].engine == "opencascade"
    assert mesh_of(found["wall"]).vertices.min(axis=0) == pytest.approx([454_676.123, 185_944.009, 0], abs=1e-6)


def test_an_engine_that_does_not_answer_is_killed_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = Author()
    for number in range(3):
        author.box("IfcWall", (2 * number, 0, 0), (1, 1, 1), name=f"wall {number}")
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text("import time\ntime.sleep(600)\n")
    asked = []
    ends = ifclite._finishes

    def hang(command: list[str], limit_s: float, on_wait: Any) -> bool:
        asked.append(command)
        return ends([command[0], str(sleeper)], limit_s, on_wait)

    monkeypatch.setattr(ifclite, "_finishes", hang)
    found = meshed(author.save(tmp_path / "walls.ifc"), tmp_path / "work", fast_limit_s=0.2)
    assert len(asked) >= 3, "killed, halved and tried again"
    assert {outcome.engine for outcome in found.values()} == {"opencascade"}
    assert len(found) == 3


def test_a_model_of_many_elements_is_meshed_in_runs_and_a_late_run_costs_only_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = Author()
    walls = [author.box("IfcWall", (2 * n, 0, 0), (n + 1, 1, 1), name=f"wall {n}") for n in range(5)]
    late, asked = walls[2].id(), []
    run = ifclite.IfcLite._run

    def count(self: Any, orders: Any, *rest: Any) -> Any:
        asked.append(len(orders))
        return None if late in [order.step_id for order in orders] else run(self, orders, *rest)

    monkeypatch.setattr(ifclite, "RUN_OF_ELEMENTS", 2)
    monkeypatch.setattr(ifclite.IfcLite, "_run", count)
    found = meshed(author.save(tmp_path / "walls.ifc"), tmp_path / "work")
    assert asked == [2, 2, 1, 1, 1], "the late run of two is halved, the others are not asked again"
    assert {name: outcome.engine for name, outcome in found.items()} == {
        "wall 0": "ifclite", "wall 1": "ifclite", "wall 2": "opencascade", "wall 3": "ifclite", "wall 4": "ifclite",
    }  # fmt: skip


def test_the_element_that_crashes_the_engine_alone_goes_to_opencascade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = Author()
    walls = [author.box("IfcWall", (2 * n, 0, 0), (n + 1, 1, 1), name=f"wall {n}") for n in range(4)]
    bad = walls[2].id()
    run = ifclite.IfcLite._run

    def crash(self: Any, orders: Any, *rest: Any) -> Any:
        return None if bad in [order.step_id for order in orders] else run(self, orders, *rest)

    monkeypatch.setattr(ifclite.IfcLite, "_run", crash)
    found = meshed(author.save(tmp_path / "walls.ifc"), tmp_path / "work")
    assert {name: outcome.engine for name, outcome in found.items()} == {
        "wall 0": "ifclite", "wall 1": "ifclite", "wall 2": "opencascade", "wall 3": "ifclite",
    }  # fmt: skip


def reason(author: Author, product: Any) -> str:
    return Router().slow_reason(product)


def test_what_the_fast_engine_is_not_trusted_with_is_named_by_its_rule() -> None:
    author = Author("IFC4X3_ADD2")
    wall = author.box("IfcWall", (0, 0, 0), (1, 1, 1))
    assert reason(author, wall) == ""
    shape = wall.Representation.Representations[0]
    solid = shape.Items[0]
    line = author.file.create_entity("IfcPolyline", [author.point(0, 0, 0), author.point(0, 0, 5)])
    shape.Items = [author.file.create_entity("IfcSweptDiskSolid", line, 0.1, None, 0.0, 1.0)]
    assert reason(author, wall) == "R2 IfcSweptDiskSolid"
    shape.Items = [author.file.create_entity("IfcAdvancedBrep")]
    assert reason(author, wall) == "R2 IfcAdvancedBrep"
    shape.Items = [author.file.create_entity("IfcBooleanResult", "DIFFERENCE", solid, shape.Items[0])]
    assert reason(author, wall) == "R2 IfcAdvancedBrep", "also inside a boolean"
    shape.Items = [solid]
    wall.Representation.Representations = [shape, author.body(1, 1, 1).Representations[0]]
    assert reason(author, wall) == "R3 several representations"
    wall.Representation.Representations = [shape]
    wall.ObjectPlacement.PlacementRelTo = author.file.create_entity("IfcLinearPlacement")
    assert reason(author, wall) == "R4 linear placement"


def test_a_file_that_the_fast_engine_would_misread_is_kept_from_it(tmp_path: Path) -> None:
    path = Author().save(tmp_path / "plain.ifc")
    assert fault_of_file(CheckedFile(path, "IFC4", "IFC4", ())) == ""
    assert fault_of_file(CheckedFile(path, "IFC4X3_ADD1", "IFC4X3_ADD2", ())) == "its schema was renamed"
    path.write_bytes(path.read_bytes().replace(b"\xe6", b"") + b"/* '\\S\\'' */")
    assert "loses its place" in fault_of_file(CheckedFile(path, "IFC4", "IFC4", ()))


def test_equal_shapes_are_meshed_once_by_opencascade_and_stand_where_they_belong(tmp_path: Path) -> None:
    author = Author()
    for number in range(5):
        author.box("IfcColumn", (3 * number, 1, 2), (0.4, 0.4, 3), name=f"column {number}")
    asked: list[list[int]] = []
    folder = tmp_path / "work"
    with pytest.MonkeyPatch.context() as patch:
        from bim.ifc.meshers.opencascade import OpenCascade

        whole = OpenCascade.mesh_all

        def counted(self: Any, model: Any, step_ids: Any) -> Any:
            asked.append(list(step_ids))
            return whole(self, model, step_ids)

        patch.setattr(OpenCascade, "mesh_all", counted)
        found = meshed(author.save(tmp_path / "columns.ifc"), folder, attempt=9)
    assert [len(ids) for ids in asked] == [1]
    for number in range(5):
        mesh = mesh_of(found[f"column {number}"])
        assert mesh.vertices.min(axis=0) == pytest.approx([3 * number, 1, 2])
        assert mesh.vertices.max(axis=0) == pytest.approx([3 * number + 0.4, 1.4, 5])
    assert count_meshes(folder, found.values()) == {"new": 5, "reused": 0, "ifclite": 0, "opencascade": 5}


def test_a_large_model_has_each_distinct_shape_meshed_once_and_every_element_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = Author()
    for number in range(60):
        size = (1.0 + number % 3, 0.2, 3.0)
        x, y, z = 10.0 * (number % 10), 4.0 * (number // 10), 0.5 * number
        wall = author.box("IfcWall", (x, y, z), size, name=f"{number}")
        if number % 4 == 1:
            author.opening(wall, (x + 0.2, y - 0.1, z + 0.5), (0.4, 0.4, 1.0))
    path = author.save(tmp_path / "source.ifc")
    taken: list[int] = []
    take = ifclite.IfcLite.take

    def counted(self: Any, body: Any, *others: Any) -> None:
        taken.append(body.step_id)
        take(self, body, *others)

    monkeypatch.setattr(ifclite.IfcLite, "take", counted)
    each = meshed(path, tmp_path / "each")
    assert len(taken) == len(each) == 60
    taken.clear()
    monkeypatch.setattr(mesh_stage, "ALIKE_FROM", 60)
    alike = meshed(path, tmp_path / "alike")
    assert len(taken) == 6, "three lengths, with an opening and without"
    assert {outcome.engine for outcome in alike.values()} == {"ifclite"}
    for name, outcome in each.items():
        one, other = mesh_of(outcome), mesh_of(alike[name])
        assert other.vertices.min(axis=0) == pytest.approx(one.vertices.min(axis=0), abs=1e-5)
        assert other.vertices.max(axis=0) == pytest.approx(one.vertices.max(axis=0), abs=1e-5)
        assert area_and_volume(other) == pytest.approx(area_and_volume(one), rel=1e-4)
        assert alike[name].shape_key == outcome.shape_key != ""
