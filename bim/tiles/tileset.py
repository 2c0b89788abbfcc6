"""Write a tileset: 3D Tiles 1.1, explicit tree, REPLACE refinement, coarse levels of boxes where a model is large."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .frame import EnuFrame
from .glb import build_glb
from .parts import ListedPart, Part, box_part
from .tree import MAX_FEATURES, MAX_TRIANGLES, Node, build_tree

COARSE_FROM_LEAVES = 8
FIRST_PICTURE_BYTES = 2_000_000  # what may be loaded before the whole model is in the picture
COARSE_FROM_BYTES = 1_000_000  # below the root boxes pay only in place of more than this
LEAST_HALF_M = 1e-3
Load = Callable[[list[ListedPart]], list[Part]]


@dataclass(frozen=True)
class TilesetReport:
    """What was written: tile files, their bytes, triangles in leaves."""

    tiles: int
    tile_bytes: int
    triangles: int


class Leaf(NamedTuple):
    """A leaf that was written: its file, the size of a position step (m), its bytes."""

    uri: str
    step_m: float
    bytes: int


class Tileset:
    """A tileset before it is written into `folder`: first its leaves, each a job of its own, then what stands on them.

    Positions are metres in `frame`; without one the tileset has no place on Earth and no transform. `load` makes the
    parts of what is only listed, in its order, when a tile with them is written.
    """

    def __init__(
        self, folder: Path, parts: Sequence[ListedPart | Part], frame: EnuFrame | None, load: Load = lambda listed: []
    ) -> None:
        self.folder, self.frame, self.load = folder, frame, load
        parts = [self.loaded([part])[0] if part.triangles > MAX_TRIANGLES else part for part in parts]
        self.tree = build_tree(parts) if parts else Node()
        self.leaves = self.tree.leaves() if parts else []

    def jobs(self) -> list[Callable[[], Leaf]]:
        """Return what writes each leaf, in any order or process."""
        return [partial(self._write_leaf, number) for number in range(len(self.leaves))]

    def _write_leaf(self, number: int) -> Leaf:
        glb, step_m = build_glb(self.loaded(self.leaves[number].parts))
        uri = f"leaf-{number}.glb"
        (self.folder / uri).write_bytes(glb)
        return Leaf(uri, step_m, len(glb))

    def loaded(self, parts: Sequence[ListedPart | Part]) -> list[Part]:
        """Return the parts, those that were only listed with their triangles."""
        made = iter(self.load([part for part in parts if isinstance(part, ListedPart)]))
        return [part if isinstance(part, Part) else next(made) for part in parts]

    def finish(self, written: Sequence[Leaf]) -> TilesetReport:
        """Write what stands on the written leaves, and tileset.json."""
        writer = _Writer(self, {id(node): leaf for node, leaf in zip(self.leaves, written, strict=True)})
        if self.leaves:
            root, _ = writer.tile(self.tree, at_root=True)
        else:
            root = {"boundingVolume": {"box": _volume(np.array([[-0.5] * 3, [0.5] * 3]))}, "geometricError": 0}
            root["refine"] = "REPLACE"
        if self.frame is not None:
            root["transform"] = self.frame.transform()
        tileset = {
            "asset": {"version": "1.1", "generator": "Twinwall"},
            "geometricError": round(root["geometricError"] * 1.01 + 1, 3),
            "root": root,
        }
        (self.folder / "tileset.json").write_text(json.dumps(tileset, separators=(",", ":")), encoding="utf-8")
        triangles = sum(part.triangles for leaf in self.leaves for part in leaf.parts)
        return TilesetReport(writer.tiles, writer.bytes, triangles)


def write_tileset(folder: Path, parts: Sequence[Part], frame: EnuFrame | None) -> TilesetReport:
    """Write tileset.json and its GLB files into `folder` (which must exist), as `Tileset` says."""
    tileset = Tileset(folder, parts, frame)
    return tileset.finish([job() for job in tileset.jobs()])


class _Writer:
    """Writes the levels above the leaves: the leaves' bytes decide whether these need boxes of their own."""

    def __init__(self, tileset: Tileset, leaves: dict[int, Leaf]) -> None:
        self.tileset, self.leaves = tileset, leaves
        self.tiles, self.bytes = len(leaves), sum(leaf.bytes for leaf in leaves.values())
        self.coarse = len(leaves) > COARSE_FROM_LEAVES or self.bytes > FIRST_PICTURE_BYTES

    def bytes_below(self, node: Node) -> int:
        """Return the bytes of a node's leaves."""
        return sum(self.leaves[id(leaf)].bytes for leaf in node.leaves())

    def tile(self, node: Node, at_root: bool = False) -> tuple[dict[str, Any], np.ndarray]:
        """Return the tile's JSON and its box (2, 3)."""
        if not node.children:
            uri, step_m, _ = self.leaves[id(node)]
            boxes = np.array([part.box for part in node.parts])
            box = np.array([boxes[:, 0].min(axis=0) - step_m, boxes[:, 1].max(axis=0) + step_m])
            box = _never_flat(_whole_millimetres(box))
            tile = {"boundingVolume": {"box": _volume(box)}, "geometricError": 0, "content": {"uri": uri}}
            if node.storey is not None:
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
            glb, step_m = build_glb([box_part(part) for part in self.tileset.loaded(_largest(solid))])
            uri = f"coarse-{self.tiles}.glb"
            (self.tileset.folder / uri).write_bytes(glb)
            self.tiles, self.bytes = self.tiles + 1, self.bytes + len(glb)
            box = _whole_millimetres(np.array([box[0] - step_m, box[1] + step_m]))
            tile["boundingVolume"] = {"box": _volume(box)}
            tile["content"] = {"uri": uri}
        below = max(child["geometricError"] for child, _ in written)
        tile["geometricError"] = round(max(error, below * 1.01 + 0.01), 3)
        tile["children"] = [child for child, _ in written]
        return tile, box


def _largest(parts: list[ListedPart | Part]) -> list[ListedPart | Part]:
    """Return the parts that show most, as many as a tile may hold; their boxes are under half of the first picture."""
    sizes = np.sort(np.diff([part.box for part in parts], axis=1)[:, 0], axis=1)
    return [parts[i] for i in np.argsort(-sizes[:, 1:].prod(axis=1), kind="stable")[:MAX_FEATURES]]


def _whole_millimetres(box: np.ndarray) -> np.ndarray:
    """Return the box, widened to whole millimetres, which are short in JSON."""
    return np.array([np.floor(box[0] * 1e3), np.ceil(box[1] * 1e3)]) / 1e3


def _never_flat(box: np.ndarray) -> np.ndarray:
    """Return the box with at least a millimetre on each side of its middle, so that its parents hold that too."""
    centre, half = box.mean(axis=0), np.maximum((box[1] - box[0]) / 2, LEAST_HALF_M)
    return np.array([centre - half, centre + half])


def _volume(box: np.ndarray) -> list[float]:
    centre = box.mean(axis=0)
    half = np.maximum((box[1] - box[0]) / 2, LEAST_HALF_M)
    return [round(float(v), 4) for v in (*centre, half[0], 0, 0, 0, half[1], 0, 0, 0, half[2])]
