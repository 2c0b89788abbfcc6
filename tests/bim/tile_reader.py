"""Read a tileset back as a viewer would: decode meshopt, dequantise, apply node transforms, look up metadata."""

from __future__ import annotations

import json
import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import meshopt
import numpy as np

DTYPES = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
PACKED = "EXT_meshopt_compression"
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}


class Glb:
    """One tile content."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        magic, version, length = struct.unpack_from("<4sII", content)
        assert (magic, version, length) == (b"glTF", 2, len(content))
        json_length, kind = struct.unpack_from("<I4s", content, 12)
        assert kind == b"JSON"
        self.json: dict[str, Any] = json.loads(content[20 : 20 + json_length])
        self.data = content[28 + json_length :]

    def accessor(self, number: int) -> np.ndarray:
        """Return an accessor's values (count, width), not normalised."""
        accessor = self.json["accessors"][number]
        packed = self.json["bufferViews"][accessor["bufferView"]]["extensions"][PACKED]
        encoded = self.data[packed["byteOffset"] : packed["byteOffset"] + packed["byteLength"]]
        rows = meshopt.decode_gltf_buffer(encoded, packed["count"], packed["byteStride"], packed["mode"])
        dtype, width = np.dtype(DTYPES[accessor["componentType"]]), WIDTHS[accessor["type"]]
        content, offset, count = np.ascontiguousarray(rows).tobytes(), accessor.get("byteOffset", 0), accessor["count"]
        strides = (packed["byteStride"], dtype.itemsize)
        return np.array(np.ndarray((count, width), dtype, content, offset, strides))

    def column(self, name: str) -> list[Any]:
        """Return a property table's column."""
        metadata = self.json["extensions"]["EXT_structural_metadata"]
        table = metadata["propertyTables"][0]
        kind = metadata["schema"]["classes"]["element"]["properties"][name]
        column = table["properties"][name]
        values = self._view(column["values"])
        return list(np.frombuffer(values, {"UINT16": np.uint16, "UINT32": np.uint32}[kind["componentType"]]))

    def _view(self, number: int) -> bytes:
        view = self.json["bufferViews"][number]
        assert view["buffer"] == 0
        return self.data[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]

    def primitives(self) -> Iterator[dict[str, Any]]:
        """Yield each primitive's arrays with positions in the tile frame (z up), metres."""
        matrix = np.array(self.json["nodes"][0]["matrix"]).reshape(4, 4).T
        node = self.json["nodes"][1]
        for primitive in self.json["meshes"][0]["primitives"]:
            arrays = {name: self.accessor(number) for name, number in primitive["attributes"].items()}
            local = arrays["POSITION"] * np.array(node.get("scale", [1, 1, 1])) + np.array(node["translation"])
            y_up = local @ matrix[:3, :3].T
            yield {
                "position": np.column_stack((y_up[:, 0], -y_up[:, 2], y_up[:, 1])),
                "feature": arrays["_FEATURE_ID_0"][:, 0].astype(int),
                "element": arrays["_EID"][:, 0].astype(int),
                "colour": arrays["COLOR_0"],
                "triangles": self.accessor(primitive["indices"]).reshape(-1, 3),
                "json": primitive,
            }


@dataclass
class ReadFeature:
    """A feature of the leaves, merged over the tiles that hold parts of it."""

    lower: np.ndarray
    upper: np.ndarray
    triangles: int


def all_tiles(tileset: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every tile of the tree."""
    waiting = [tileset["root"]]
    while waiting:
        tile = waiting.pop()
        yield tile
        waiting.extend(tile.get("children", ()))


def read_leaves(folder: Path) -> dict[int, ReadFeature]:
    """Return every feature of the leaves by element index."""
    tileset = json.loads((folder / "tileset.json").read_text(encoding="utf-8"))
    found: dict[int, ReadFeature] = {}
    for tile in all_tiles(tileset):
        if "content" not in tile or tile.get("children"):
            continue
        glb = Glb(folder / tile["content"]["uri"])
        elements = glb.column("element")
        for primitive in glb.primitives():
            assert np.array_equal(np.array(elements)[primitive["feature"]], primitive["element"])
            corners: dict[int, list[np.ndarray]] = defaultdict(list)
            used = primitive["triangles"]
            for feature in np.unique(primitive["feature"]):
                mine = used[primitive["feature"][used[:, 0]] == feature]
                points = primitive["position"][mine.ravel()]
                corners[feature] = [points.min(axis=0), points.max(axis=0), len(mine)]
            for feature, (lower, upper, count) in corners.items():
                element = int(elements[feature])
                if element in found:
                    old = found[element]
                    lower, upper = np.minimum(lower, old.lower), np.maximum(upper, old.upper)
                    count += old.triangles
                found[element] = ReadFeature(lower, upper, count)
    return found
