"""Every GLB of written tilesets passes Khronos' validator, and every tree obeys its rules; damage is noticed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bim.ifc.demo_project.write import write_demo_project
from bim.pipeline.site_context import SiteContext
from bim.pipeline.supervise import Watch, run_pipeline
from bim.tiles.frame import EnuFrame
from bim.tiles.tileset import write_tileset
from tests.bim.authoring import Author, small_building
from tests.bim.fall_edges.test_import import write_building
from tests.bim.tile_reader import Glb, all_tiles
from tests.bim.tiles.test_tileset import boxes, grid_part
from tests.bim.validity import gltf_errors, packed_glb, structure_faults


def far_in_feet(path: Path) -> None:
    """Write a wall of 30 feet at 1,600 km from the origin, without a place on Earth."""
    author = Author(unit="FOOT")
    author.box("IfcWall", (5_249_344.0, 1_312_336.0, 0), (30, 1, 10), author.storey("1", 0), "far")
    author.save(path)


MODELS: dict[str, Callable[[Path], object]] = {
    "two storeys and a space": small_building,
    "a slab with an opening, in metres": lambda path: write_building(path, prefix=None, railing=True),
    "feet, far from the origin": far_in_feet,
    "the demo tower": lambda path: write_demo_project(path, datetime(2026, 11, 1, 8, tzinfo=UTC)),
}


def imported(write: Callable[[Path], object], folder: Path) -> Path:
    """Write a model, take it through the child process and return the folder of its tiles."""
    source, work = folder / "source.ifc", folder / "work"
    write(source)
    work.mkdir()
    run_pipeline(source, work, SiteContext(), Watch(limit_s=240))
    return work / "tiles"


@pytest.mark.parametrize("write", MODELS.values(), ids=MODELS)
def test_the_tiles_of_an_authored_model_are_valid(write: Callable[[Path], object], tmp_path: Path) -> None:
    tiles = imported(write, tmp_path)
    assert list(tiles.glob("*.glb"))
    assert structure_faults(tiles) == []
    assert gltf_errors(tiles, tmp_path / "unpacked") == []


def test_coarse_levels_float_positions_and_elements_cut_in_two_are_valid(tmp_path: Path) -> None:
    for name, parts in (
        ("coarse", boxes(40_000, storeys=3)),
        ("floats", [grid_part(0, (0, 0, 0), 3, size=400.0)]),
        ("cut", [grid_part(7, (5, 5, 0), 200)]),
        ("empty", []),
    ):
        (tmp_path / name).mkdir()
        write_tileset(tmp_path / name, parts, EnuFrame(113.77, 34.765, 71.3))
        assert structure_faults(tmp_path / name) == []
    assert gltf_errors(tmp_path, tmp_path / "unpacked") == []


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A tileset of three levels without a fault."""
    folder = tmp_path / "sound"
    folder.mkdir()
    write_tileset(folder, boxes(40_000, storeys=2), None)
    return folder


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a GLB's JSON and keep its bytes."""
    glb = Glb(path)
    change(glb.json)
    path.write_bytes(packed_glb(glb.json, glb.data))


def accessor_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    accessor: dict[str, Any] = document["accessors"][document["meshes"][0]["primitives"][0]["attributes"][name]]
    return accessor


GLB_DAMAGE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a material that is not there": (
        lambda d: d["meshes"][0]["primitives"][0].update(material=9),
        "UNRESOLVED_REFERENCE",
    ),
    "a limit that no vertex has": (lambda d: accessor_of(d, "POSITION")["max"].__setitem__(0, 1), "ACCESSOR_"),
    "fewer vertices than the indices name": (
        lambda d: [a.update(count=4) for a in d["accessors"] if a["type"] != "SCALAR" or a["componentType"] == 5126],
        "ACCESSOR_INDEX_OOB",
    ),
}


@pytest.mark.parametrize(("damage", "code"), GLB_DAMAGE.values(), ids=GLB_DAMAGE)
def test_a_damaged_glb_is_reported(damage: Callable[[dict[str, Any]], object], code: str, tmp_path: Path) -> None:
    write_tileset(tmp_path, boxes(10), None)
    assert gltf_errors(tmp_path, tmp_path / "unpacked" / "before") == []
    shutil.rmtree(tmp_path / "unpacked")
    rewrite(tmp_path / "leaf-0.glb", damage)
    errors = gltf_errors(tmp_path, tmp_path / "unpacked")
    assert errors and any(code in error for error in errors)


def test_a_glb_that_is_cut_off_is_reported(tmp_path: Path) -> None:
    from tests.tools.node import validate_gltf

    write_tileset(tmp_path, boxes(10), None)
    path = tmp_path / "leaf-0.glb"
    path.write_bytes(path.read_bytes()[:-100])
    assert "error" in {finding.severity for finding in validate_gltf([path])[path]}


def _shrink(tile: dict[str, Any]) -> None:
    tile["boundingVolume"]["box"][3] /= 2


def _first_leaf(root: dict[str, Any]) -> dict[str, Any]:
    return _first_leaf(root["children"][0]) if root.get("children") else root


TREE_DAMAGE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a leaf smaller than its vertices": (lambda root: _shrink(_first_leaf(root)), "lie outside the volume 0 levels up"),
    "a root smaller than its children": (_shrink, "its volume leaves its parent's"),
    "an error that stays the same": (
        lambda root: root["children"][0].update(geometricError=root["geometricError"]),
        "does not fall",
    ),
    "a uri that does not exist": (
        lambda root: _first_leaf(root).update(content={"uri": "leaf-x.glb"}),
        "leaf-x.glb does not exist",
    ),
    "a tile without its file": (lambda root: _first_leaf(root).pop("content"), "no tile names it"),
    "two tiles with one file": (
        lambda root: root.update(content=dict(_first_leaf(root)["content"])),
        "named by 2 tiles",
    ),
}


@pytest.mark.parametrize(("damage", "words"), TREE_DAMAGE.values(), ids=TREE_DAMAGE)
def test_a_damaged_tree_is_reported(damage: Callable[[dict[str, Any]], object], words: str, sound: Path) -> None:
    assert structure_faults(sound) == []
    document = json.loads((sound / "tileset.json").read_text(encoding="utf-8"))
    damage(document["root"])
    (sound / "tileset.json").write_text(json.dumps(document), encoding="utf-8")
    assert any(words in fault for fault in structure_faults(sound))


def test_a_vertex_that_moves_in_the_file_leaves_its_volume(sound: Path) -> None:
    root = json.loads((sound / "tileset.json").read_text(encoding="utf-8"))["root"]
    uri = next(tile["content"]["uri"] for tile in all_tiles({"root": root}) if not tile.get("children"))
    before = np.concatenate([primitive["position"] for primitive in Glb(sound / uri).primitives()])
    rewrite(sound / uri, lambda document: document["nodes"][1]["translation"].__setitem__(0, -1e3))
    after = np.concatenate([primitive["position"] for primitive in Glb(sound / uri).primitives()])
    assert (after[:, 0] < before[:, 0]).all()
    assert any("lie outside the volume 0 levels up" in fault for fault in structure_faults(sound))
