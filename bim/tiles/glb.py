"""One tile's content: a GLB with feature ids, metadata, quantised positions and meshopt compression.

Positions are in the tile frame (z up); the root node turns them into glTF's y up. No normals: the viewer takes them
from derivatives. `_FEATURE_ID_0` counts within the tile, `_EID` is the element's index in the whole revision.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from .buffers import Buffers, padded
from .parts import Feature, Part
from .primitives import Corners, Grid, Primitive, build_primitive
from .property_table import structural_metadata

FLOAT, UNSIGNED_BYTE, UNSIGNED_SHORT, UNSIGNED_INT = 5126, 5121, 5123, 5125
_Z_UP_TO_Y_UP = [1, 0, 0, 0, 0, 0, -1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
_MATERIAL = {
    "pbrMetallicRoughness": {"baseColorFactor": [1, 1, 1, 1], "metallicFactor": 0, "roughnessFactor": 1},
    "doubleSided": True,
}


def build_glb(parts: Sequence[Part]) -> tuple[bytes, float]:
    """Return the GLB of a tile and the size of a position step in metres."""
    features: dict[int, Feature] = {part.feature.element: part.feature for part in parts}
    local_ids = {element: number for number, element in enumerate(features)}
    buffers = Buffers()
    accessors: list[Any] = []
    primitives: list[Any] = []
    materials: list[Any] = []
    elements = np.array([part.feature.element for part in parts])
    numbers = np.array([local_ids[element] for element in elements.tolist()])
    corners = Corners.of(parts)
    grid = Grid.over(corners.positions.min(axis=0), corners.positions.max(axis=0))
    is_translucent = corners.translucent()
    for translucent in (False, True):
        rows = is_translucent == translucent
        if not rows.any():
            continue
        primitive = build_primitive(corners.chosen(rows), grid, elements, numbers)
        materials.append({**_MATERIAL, **({"alphaMode": "BLEND"} if translucent else {})})
        primitives.append(_primitive_json(primitive, grid, buffers, accessors, len(materials) - 1, len(features)))
    metadata = structural_metadata(list(features.values()), buffers)
    return _pack(_document(primitives, materials, accessors, buffers, metadata, grid), buffers), grid.step_m


def _primitive_json(
    primitive: Primitive, grid: Grid, buffers: Buffers, accessors: list[Any], material: int, feature_count: int
) -> dict[str, Any]:
    count = len(primitive.positions)

    def attribute(rows: np.ndarray, component: int, kind: str, **more: Any) -> int:
        view = buffers.add_compressed(np.ascontiguousarray(rows), "ATTRIBUTES")
        accessors.append({"bufferView": view, "componentType": component, "count": count, "type": kind, **more})
        return len(accessors) - 1

    limits = {
        "min": [value.item() for value in primitive.positions.min(axis=0)],
        "max": [value.item() for value in primitive.positions.max(axis=0)],
    }
    if grid.quantised:
        position = attribute(padded(primitive.positions, 4), UNSIGNED_SHORT, "VEC3", **limits)
    else:
        position = attribute(primitive.positions, FLOAT, "VEC3", **limits)
    attributes = {
        "POSITION": position,
        "COLOR_0": attribute(primitive.colours, UNSIGNED_BYTE, "VEC4", normalized=True),
        "_FEATURE_ID_0": attribute(primitive.feature_ids[:, None], FLOAT, "SCALAR"),
        "_EID": attribute(primitive.element_ids[:, None], FLOAT, "SCALAR"),
    }
    small = count < 65_535
    indices = primitive.indices.astype(np.uint16 if small else np.uint32)
    accessors.append(
        {
            "bufferView": buffers.add_compressed(indices, "TRIANGLES"),
            "componentType": UNSIGNED_SHORT if small else UNSIGNED_INT,
            "count": len(indices),
            "type": "SCALAR",
        }
    )
    ids = {"featureCount": feature_count, "attribute": 0, "propertyTable": 0}
    return {
        "attributes": attributes,
        "indices": len(accessors) - 1,
        "material": material,
        "mode": 4,
        "extensions": {"EXT_mesh_features": {"featureIds": [ids]}},
    }


def _document(
    primitives: list[Any], materials: list[Any], accessors: list[Any], buffers: Buffers, metadata: Any, grid: Grid
) -> dict[str, Any]:
    used = ["EXT_mesh_features", "EXT_structural_metadata", "EXT_meshopt_compression"]
    required = ["EXT_meshopt_compression"]
    mesh_node: dict[str, Any] = {"mesh": 0, "translation": [float(value) for value in grid.origin]}
    if grid.quantised:
        used.append("KHR_mesh_quantization")
        required.append("KHR_mesh_quantization")
        mesh_node["scale"] = [float(value) for value in grid.scale]
    return {
        "asset": {"version": "2.0", "generator": "Twinwall"},
        "extensionsUsed": used,
        "extensionsRequired": required,
        "extensions": {"EXT_structural_metadata": metadata},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"matrix": _Z_UP_TO_Y_UP, "children": [1]}, mesh_node],
        "meshes": [{"primitives": primitives}],
        "materials": materials,
        "accessors": accessors,
        "bufferViews": buffers.views,
        "buffers": buffers.as_json(),
    }


def _pack(document: dict[str, Any], buffers: Buffers) -> bytes:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    data = bytes(buffers.data)
    total = 12 + 8 + len(text) + 8 + len(data)
    return b"".join(
        [
            struct.pack("<4sII", b"glTF", 2, total),
            struct.pack("<I4s", len(text), b"JSON"),
            text,
            struct.pack("<I4s", len(data), b"BIN\0"),
            data,
        ]
    )
