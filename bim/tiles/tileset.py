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
LEAST_HALF_M = 1e-3


@dataclass(frozen=True)
class TilesetReport:
    """What was written: tile files, their bytes, triangles in leaves."""

    tiles: int
    tile_bytes: int
    triangles: int


class _Writer:
    def __init__(self, folder: Path, coarse: bool, on_tile: Callable[[int, int], None], total: int) -> None:
        self.folder, self.coarse, self.on_tile, self.total = folder, coarse, on_tile, total
        self.tiles = self.bytes = 0

    def content(self, parts: Sequence[Part], name: str) -> tuple[str, float]:
        glb, step_m = build_glb(parts)
        uri = f"{name}-{self.tiles}.glb"
        (self.folder / uri).write_bytes(glb)
        self.tiles += 1
        self.bytes += len(glb)
        self.on_tile(self.tiles, self.total)
        return uri, step_m

    def tile(self, node: Node) -> tuple[dict[str, Any], np.ndarray]:
        """Return the tile's JSON and its box (2, 3)."""
        if not node.children:
            uri, step_m = self.content(node.parts, "leaf")
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
        solid = [part for part in node.all_parts() if part.feature.kind != "space"] if self.coarse else []
        if solid:
            uri, step_m = self.content(_largest(solid), "coarse")
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
    writer = _Writer(folder, len(leaves) > COARSE_FROM_LEAVES, on_tile, len(leaves))
    if parts:
        root, _ = writer.tile(tree)
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
