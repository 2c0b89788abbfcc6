"""Tilesets read back: limits, bounding volumes, errors, boxes, metadata."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bim.tiles.frame import EnuFrame
from bim.tiles.parts import Feature, Part, box_part
from bim.tiles.tileset import write_tileset
from bim.tiles.tree import MAX_FEATURES, MAX_TRIANGLES, build_tree
from tests.bim.tile_reader import Glb, all_tiles, read_leaves

KINDS = ("element", "space")
GREY = np.array([[200, 200, 200, 255]], dtype=np.uint8)
GLASS = np.array([[150, 190, 210, 110], [60, 60, 60, 255]], dtype=np.uint8)


def grid_part(
    element: int, origin: tuple[float, float, float], cells: int, size: float = 10.0, storey: int = 0
) -> Part:
    """A flat square of 2 * cells² triangles."""
    steps = np.linspace(0, size, cells + 1)
    x, y = np.meshgrid(steps, steps, indexing="ij")
    positions = np.column_stack((x.ravel(), y.ravel(), np.zeros(x.size))) + origin
    a = (np.arange(cells)[:, None] * (cells + 1) + np.arange(cells)).ravel()
    faces = np.concatenate(
        [np.column_stack((a, a + 1, a + cells + 2)), np.column_stack((a, a + cells + 2, a + cells + 1))]
    )
    feature = Feature(element, "IfcSlab", storey)
    return Part(feature, positions, faces.astype(np.int32), GREY, np.zeros(len(faces), dtype=np.int32))


def boxes(count: int, storeys: int = 1) -> list[Part]:
    rows = []
    for number in range(count):
        at = (number % 50 * 2.0, number // 50 % 50 * 2.0, number % storeys * 3.0)
        flat = grid_part(number, at, 1, 1.0, number % storeys)
        raised = Part(
            flat.feature,
            flat.positions + np.array([[0, 0, 0], [0, 0, 0], [0, 0, 1], [0, 0, 1]]),
            flat.faces,
            GREY,
            flat.face_colour,
        )
        rows.append(box_part(raised))
    return rows


def check_structure(folder: Path) -> None:
    """Every uri exists, children and vertices lie inside their tile's volume, errors fall."""
    tileset = json.loads((folder / "tileset.json").read_text(encoding="utf-8"))
    assert tileset["asset"]["version"] == "1.1"
    assert tileset["geometricError"] > tileset["root"]["geometricError"]
    for tile in all_tiles(tileset):
        box = np.array(tile["boundingVolume"]["box"])
        lower, upper = box[:3] - box[[3, 7, 11]], box[:3] + box[[3, 7, 11]]
        for child in tile.get("children", ()):
            inner = np.array(child["boundingVolume"]["box"])
            assert (inner[:3] - inner[[3, 7, 11]] >= lower - 1e-6).all()
            assert (inner[:3] + inner[[3, 7, 11]] <= upper + 1e-6).all()
            assert child["geometricError"] < tile["geometricError"]
        if "content" in tile:
            glb = Glb(folder / tile["content"]["uri"])
            assert glb.json.get("extensionsRequired") != []
            for primitive in glb.primitives():
                assert (primitive["position"] >= lower - 1e-6).all() and (primitive["position"] <= upper + 1e-6).all()
                assert primitive["triangles"].max() < len(primitive["position"])
                assert "NORMAL" not in primitive["json"]["attributes"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_every_feature_comes_back_with_its_box_within_half_a_step(folder: Path) -> None:
    parts = boxes(300, storeys=3)
    write_tileset(folder, parts, EnuFrame(113.77, 34.765, 71.3))
    read = read_leaves(folder)
    assert sorted(read) == list(range(300))
    step = 100 / 65_535
    for part in parts:
        found = read[part.feature.element]
        assert found.lower == pytest.approx(part.box[0], abs=step)
        assert found.upper == pytest.approx(part.box[1], abs=step)
        assert found.triangles == 12
    check_structure(folder)


def test_a_leaf_holds_one_storey_and_no_more_than_4096_features() -> None:
    tree = build_tree(boxes(10_000, storeys=2))
    leaves = tree.leaves()
    assert sum(len(leaf.parts) for leaf in leaves) == 10_000
    for leaf in leaves:
        assert len({part.feature.storey for part in leaf.parts}) == 1
        assert len(leaf.parts) <= MAX_FEATURES


def test_an_element_over_60000_triangles_is_cut_and_comes_back_whole(folder: Path) -> None:
    part = grid_part(7, (5, 5, 0), 200)
    assert len(part.faces) == 80_000
    leaves = build_tree([part]).leaves()
    assert [piece.triangles for leaf in leaves for piece in leaf.parts] == [MAX_TRIANGLES, 20_000]
    write_tileset(folder, [part], None)
    read = read_leaves(folder)
    assert read[7].triangles == 80_000
    assert read[7].upper == pytest.approx([15, 15, 0], abs=1e-3)
    check_structure(folder)


def test_a_large_model_has_coarse_levels_of_boxes_and_a_small_one_none(folder: Path) -> None:
    write_tileset(folder, boxes(40_000), None)
    check_structure(folder)
    tileset = json.loads((folder / "tileset.json").read_text(encoding="utf-8"))
    inner = [tile for tile in all_tiles(tileset) if tile.get("children")]
    assert inner and all(tile["refine"] == "REPLACE" for tile in inner)
    coarse = [tile for tile in inner if "content" in tile]
    assert inner[0] in coarse and (len(inner), len(coarse)) == (16, 4)
    for tile in coarse:
        assert len(Glb(folder / tile["content"]["uri"]).column("element")) <= MAX_FEATURES
    small = folder / "small"
    small.mkdir()
    write_tileset(small, boxes(10), None)
    assert sorted(path.name for path in small.iterdir()) == ["leaf-0.glb", "tileset.json"]


def test_glass_and_frame_of_one_window_become_a_blended_and_an_opaque_primitive(folder: Path) -> None:
    plain = grid_part(0, (0, 0, 0), 2)
    window = Part(
        plain.feature, plain.positions, plain.faces, GLASS, np.array([0, 0, 0, 0, 1, 1, 1, 1], dtype=np.int32)
    )
    write_tileset(folder, [window], None)
    glb = Glb(folder / "leaf-0.glb")
    assert [m.get("alphaMode", "OPAQUE") for m in glb.json["materials"]] == ["OPAQUE", "BLEND"]
    assert [sorted(set(p["colour"][:, 3].tolist())) for p in glb.primitives()] == [[255], [110]]


def test_positions_that_16_bits_would_round_over_2_mm_are_kept_as_floats(folder: Path) -> None:
    write_tileset(folder, [grid_part(0, (0, 0, 0), 3, size=400.0)], None)
    glb = Glb(folder / "leaf-0.glb")
    assert "KHR_mesh_quantization" not in glb.json["extensionsUsed"]
    assert read_leaves(folder)[0].upper == pytest.approx([400, 400, 0], abs=1e-4)


def test_a_model_without_shapes_still_has_a_tileset(folder: Path) -> None:
    write_tileset(folder, [], EnuFrame(113.77, 34.765, 71.3))
    tileset = json.loads((folder / "tileset.json").read_text(encoding="utf-8"))
    assert "content" not in tileset["root"] and len(tileset["root"]["transform"]) == 16


def test_flat_leaves_lie_inside_their_parents(tmp_path: Path) -> None:
    parts = [grid_part(0, (0, 0, 0), 4, storey=0), grid_part(1, (100, 0, 3), 4, storey=1)]
    write_tileset(tmp_path, parts, None)
    check_structure(tmp_path)
    (lower, upper) = json.loads((tmp_path / "tileset.json").read_text())["root"]["children"]
    assert [tile["boundingVolume"]["box"][11] for tile in (lower, upper)] == [0.001, 0.001]


def first_picture_bytes(folder: Path) -> int:
    """What a viewer loads before the whole model is in the picture: contents from the root down to the first ones."""

    def below(tile: dict[str, Any]) -> int:
        if "content" in tile:
            return (folder / tile["content"]["uri"]).stat().st_size
        return sum(below(child) for child in tile["children"])

    return below(json.loads((folder / "tileset.json").read_text(encoding="utf-8"))["root"])


def test_a_few_leaves_over_two_megabytes_have_a_coarse_root_of_at_most_two(folder: Path) -> None:
    parts = [grid_part(number, (number % 80 * 3.0, number // 80 * 3.0, 0), 4, 2.7) for number in range(12_000)]
    chance = np.random.default_rng(7)
    for part in parts:
        part.positions[:] += chance.uniform(0, (2, 2, 60), part.positions.shape)
    report = write_tileset(folder, parts, None)
    check_structure(folder)
    tileset = json.loads((folder / "tileset.json").read_text(encoding="utf-8"))
    leaves = [tile for tile in all_tiles(tileset) if not tile.get("children")]
    assert len(leaves) <= 8 and report.tile_bytes > 2_000_000
    assert "content" in tileset["root"] and first_picture_bytes(folder) <= 2_000_000
    assert sorted(read_leaves(folder)) == list(range(12_000))


def test_the_first_picture_has_the_4096_largest_boxes_in_under_a_megabyte_however_they_lie(folder: Path) -> None:
    chance = np.random.default_rng(7)
    parts = [
        replace(part, positions=chance.uniform(0, 400, 3) + part.positions * chance.uniform(1, 4, 3))
        for part in boxes(40_000)
    ]
    write_tileset(folder, parts, None)
    assert 0 < first_picture_bytes(folder) <= 1_000_000
    tileset = json.loads((folder / "tileset.json").read_text(encoding="utf-8"))
    assert len(Glb(folder / tileset["root"]["content"]["uri"]).column("element")) == MAX_FEATURES


def test_what_was_drawn_in_millimetres_stays_exact_and_small_things_get_finer_steps(folder: Path) -> None:
    for size, step in ((65.0, 0.001), (9.0, 0.001), (3.0, 0.00025), (0.01, 0.001 / 1024)):
        write_tileset(folder, [grid_part(0, (0.1234, 0, 0), 4, size=size)], None)
        glb = Glb(folder / "leaf-0.glb")
        assert glb.json["nodes"][1]["scale"] == [step] * 3
        (primitive,) = glb.primitives()
        corners = np.unique(primitive["position"][:, 0])
        assert corners == pytest.approx(0.1234 + np.linspace(0, size, 5), abs=1e-9 if size >= 3 else step)


def test_a_small_model_is_one_leaf_but_for_what_lies_far_around_it(folder: Path) -> None:
    house = [replace(part, feature=replace(part.feature, kind=kind)) for part in boxes(30, 3) for kind in KINDS]
    site = grid_part(99, (-70, -70, 0), 2, 140.0, storey=-1)
    leaves = build_tree([*house, site]).leaves()
    assert [(leaf.storey, leaf.kind, len(leaf.parts)) for leaf in leaves] == [(None, "", 60), (-1, "element", 1)]
    write_tileset(folder, [*house, site], None)
    check_structure(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["leaf-0.glb", "leaf-1.glb", "tileset.json"]


def test_elements_from_the_65536th_on_keep_their_index(folder: Path) -> None:
    for last in (65_535, 65_536, 16_777_215):
        write_tileset(folder, [grid_part(3, (0, 0, 0), 2), grid_part(last, (9, 0, 0), 2)], None)
        assert sorted(read_leaves(folder)) == [3, last]


def test_opaque_and_blended_triangles_share_one_view_of_vertices_and_one_of_indices(folder: Path) -> None:
    window = replace(grid_part(0, (0, 0, 0), 2), colours=GLASS, face_colour=np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    write_tileset(folder, [window, grid_part(1, (3, 0, 0), 2)], None)
    glb = Glb(folder / "leaf-0.glb")
    assert len(glb.json["meshes"][0]["primitives"]) == 2
    packed = [view for view in glb.json["bufferViews"] if "extensions" in view]
    modes = [view["extensions"]["EXT_meshopt_compression"]["mode"] for view in packed]
    assert modes == ["ATTRIBUTES", "TRIANGLES"]


def test_a_small_model_needs_no_coarse_level(folder: Path) -> None:
    write_tileset(folder, boxes(300, storeys=3), None)
    tileset = json.loads((folder / "tileset.json").read_text(encoding="utf-8"))
    assert "content" not in tileset["root"] and first_picture_bytes(folder) <= 2_000_000
