"""Write a tileset: 3D Tiles 1.1, explicit tree, REPLACE refinement, coarse levels of boxes where a model is large."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .frame import EnuFrame
from .glb import build_glb
from .parts import Part, box_part
from .tree import MAX_FEATURES, Node, build_tree

COARSE_FROM_LEAVES = 8
FIRST_PICTURE_BYTES = 2_000_000  # what may be loaded before the whole model is in the picture
COARSE_FROM_BYTES = 1_000_000  # below the root boxes pay only in place of more than this
LEAST_HALF_M = 1e-3


@dataclass(frozen=True)
class TilesetReport:
    """What was written: tile files, their bytes, triangles in leaves."""

    tiles: int
    tile_bytes: int
    triangles: int


class _Writer:
    def __init__(self, folder: Path, on_tile: Callable[[int, int], None]) -> None:
        self.folder, self.on_tile = folder, on_tile
        self.tiles = self.bytes = self.total = 0
        self.coarse = False
        self.leaves: dict[int, tuple[str, float, int]] = {}

    def write_leaves(self, leaves: Sequence[Node]) -> None:
        """Write the leaves first: their bytes decide whether the levels above them need boxes of their own."""
        self.total = len(leaves)
        for leaf in leaves:
            glb, step_m = build_glb(leaf.parts)
            self.leaves[id(leaf)] = self.content(glb, "leaf"), step_m, len(glb)
        self.coarse = len(leaves) > COARSE_FROM_LEAVES or self.bytes > FIRST_PICTURE_BYTES

    def content(self, glb: bytes, name: str) -> str:
        uri = f"{name}-{self.tiles}.glb"
        (self.folder / uri).write_bytes(glb)
        self.tiles += 1
        self.bytes += len(glb)
        self.on_tile(self.tiles, self.total)
        return uri

    def bytes_below(self, node: Node) -> int:
        """Return the bytes of a node's leaves."""
        return sum(self.leaves[id(leaf)][2] for leaf in node.leaves())

    def tile(self, node: Node, at_root: bool = False) -> tuple[dict[str, Any], np.ndarray]:
        """Return the tile's JSON and its box (2, 3)."""
        if not node.children:
            uri, step_m, _ = self.leaves[id(node)]
            boxes = np.array([part.box for part in node.parts])
            box = _never_flat(np.array([boxes[:, 0].min(axis=0) - step_m, boxes[:, 1].max(axis=0) + step_m]))
            tile = {"boundingVolume": {"box": _volume(box)}, "geometricError": 0, "content": {"uri": uri}}
            tile["extras"] = {"storey": node.storey, "kind": node.kind}
            return tile, box
        written = [self.tile(child) for child in node.children]
        boxes = np.array([box for _, box in written])
        box = np.array([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])
        diagonal = float(np.linalg.norm(box[1] - box[0]))
        error = diagonal / 20 if self.coarse else 10 * diagonal + 100
        tile = {"boundingVolume": {"box": _volume(box)}, "geometricError": 0, "refine": "REPLACE"}
        replaced = self.coarse and (at_root or self.bytes_below(node) > COARSE_FROM_BYTES)
        solid = [part for part in node.all_parts() if part.feature.kind != "space"] if replaced else []
        if solid:
            glb, step_m = _coarse_glb(solid)
            uri = self.content(glb, "coarse")
            box = np.array([box[0] - step_m, box[1] + step_m])
            tile["boundingVolume"] = {"box": _volume(box)}
            tile["content"] = {"uri": uri}
        below = max(child["geometricError"] for child, _ in written)
        tile["geometricError"] = max(error, below * 1.01 + 0.01)
        tile["children"] = [child for child, _ in written]
        return tile, box


def write_tileset(
    folder: Path, parts: Sequence[Part], frame: EnuFrame | None, on_tile: Callable[[int, int], None] = lambda a, b: None
) -> TilesetReport:
    """Write tileset.json and its GLB files into `folder` (which must exist).

    Positions are metres in `frame`; without one the tileset has no place on Earth and no transform.
    """
    tree = build_tree(parts) if parts else Node()
    leaves = tree.leaves() if parts else []
    writer = _Writer(folder, on_tile)
    if parts:
        writer.write_leaves(leaves)
        root, _ = writer.tile(tree, at_root=True)
    else:
        root = {"boundingVolume": {"box": _volume(np.array([[-0.5] * 3, [0.5] * 3]))}, "geometricError": 0}
        root["refine"] = "REPLACE"
    if frame is not None:
        root["transform"] = frame.transform()
    tileset = {
        "asset": {"version": "1.1", "generator": "Twinwall"},
        "geometricError": root["geometricError"] * 1.01 + 1,
        "root": root,
    }
    (folder / "tileset.json").write_text(json.dumps(tileset, separators=(",", ":")), encoding="utf-8")
    triangles = sum(len(part.faces) for leaf in leaves for part in leaf.parts)
    return TilesetReport(writer.tiles, writer.bytes, triangles)


def _coarse_glb(parts: list[Part]) -> tuple[bytes, float]:
    """Return a tile of at most FIRST_PICTURE_BYTES with the boxes of the parts that show most, and its step in m."""
    boxes = _largest(parts)
    glb, step_m = build_glb(boxes)
    while len(glb) > FIRST_PICTURE_BYTES and len(boxes) > 1:
        boxes = boxes[: len(boxes) // 2]
        glb, step_m = build_glb(boxes)
    return glb, step_m


def _largest(parts: list[Part]) -> list[Part]:
    """Return the boxes of the parts that show most, as many as a tile may hold."""
    areas = np.array([np.sort(np.diff(part.box, axis=0)[0])[1:].prod() for part in parts])
    return [box_part(parts[i]) for i in np.argsort(-areas, kind="stable")[:MAX_FEATURES]]


def _never_flat(box: np.ndarray) -> np.ndarray:
    """Return the box with at least a millimetre on each side of its middle, so that its parents hold that too."""
    centre, half = box.mean(axis=0), np.maximum((box[1] - box[0]) / 2, LEAST_HALF_M)
    return np.array([centre - half, centre + half])


def _volume(box: np.ndarray) -> list[float]:
    centre = box.mean(axis=0)
    half = np.maximum((box[1] - box[0]) / 2, LEAST_HALF_M)
    return [float(v) for v in (*centre, half[0], 0, 0, 0, half[1], 0, 0, 0, half[2])]
