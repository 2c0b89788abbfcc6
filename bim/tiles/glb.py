"""One tile's content: a GLB with feature ids, metadata, quantised positions and meshopt compression.

Positions are in the tile frame (z up); the root node turns them into glTF's y up. No normals: the viewer takes them
from derivatives. `_FEATURE_ID_0` counts within the tile, `_EID` is the element's index in the whole revision. The
vertices of both primitives, opaque and blended, lie in one buffer view, attributes side by side, and so do the indices:
in a small tile each further view would cost more bytes of JSON than it holds.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from .buffers import Buffers, interleaved
from .parts import Part
from .primitives import Corners, Grid, Primitive, build_primitive
from .property_table import structural_metadata

FLOAT, UNSIGNED_BYTE, UNSIGNED_SHORT, UNSIGNED_INT = 5126, 5121, 5123, 5125
_Z_UP_TO_Y_UP = [1, 0, 0, 0, 0, 0, -1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
_MATERIAL = {"pbrMetallicRoughness": {"metallicFactor": 0}, "doubleSided": True}


def build_glb(parts: Sequence[Part]) -> tuple[bytes, float]:
    """Return the GLB of a tile and the size of a position step in metres."""
    parts = sorted(parts, key=_likeness)
    local_ids: dict[int, int] = {}
    for part in parts:
        local_ids.setdefault(part.feature.element, len(local_ids))
    elements = np.array([part.feature.element for part in parts])
    numbers = np.array([local_ids[element] for element in elements.tolist()])
    corners = Corners.of(parts)
    grid = Grid.over(corners.positions.min(axis=0), corners.positions.max(axis=0))
    is_translucent = corners.translucent()
    materials: list[Any] = []
    primitives: list[Primitive] = []
    for translucent in (False, True):
        rows = is_translucent == translucent
        if rows.any():
            materials.append({**_MATERIAL, **({"alphaMode": "BLEND"} if translucent else {})})
            primitives.append(build_primitive(corners.chosen(rows), grid, elements, numbers))
    buffers = Buffers()
    meshes, accessors = _meshes(primitives, grid, len(local_ids), buffers)
    metadata = structural_metadata(list(local_ids), buffers)
    return _pack(_document(meshes, materials, accessors, buffers, metadata, grid), buffers), grid.step_m


def _likeness(part: Part) -> tuple[str, int, int]:
    """Return what parts of equal shape share: side by side, their compressed bytes repeat within gzip's reach."""
    return part.feature.ifc_class, len(part.faces), len(part.positions)


def _meshes(
    primitives: Sequence[Primitive], grid: Grid, feature_count: int, buffers: Buffers
) -> tuple[list[Any], list[Any]]:
    """Return (the meshes' JSON, the accessors' JSON) of primitives in the order of their materials."""
    positions = np.concatenate([primitive.positions for primitive in primitives])
    element_ids = np.concatenate([primitive.element_ids for primitive in primitives])
    ids = np.uint16 if element_ids.max() < 1 << 16 else np.float32
    columns = {
        "POSITION": (positions, {"componentType": UNSIGNED_SHORT if grid.quantised else FLOAT, "type": "VEC3"}),
        "COLOR_0": (
            np.concatenate([primitive.colours for primitive in primitives]),
            {"componentType": UNSIGNED_BYTE, "type": "VEC4", "normalized": True},
        ),
        "_FEATURE_ID_0": (
            np.concatenate([primitive.feature_ids for primitive in primitives]).astype(np.uint16)[:, None],
            {"componentType": UNSIGNED_SHORT, "type": "SCALAR"},
        ),
        "_EID": (
            element_ids.astype(ids)[:, None],
            {"componentType": UNSIGNED_SHORT if ids == np.uint16 else FLOAT, "type": "SCALAR"},
        ),
    }
    rows, starts = interleaved([column for column, _ in columns.values()])
    vertices = buffers.add_compressed(rows, "ATTRIBUTES")
    small = max(len(primitive.positions) for primitive in primitives) < 65_535
    indices = np.concatenate([primitive.indices for primitive in primitives]).astype(np.uint16 if small else np.uint32)
    triangles = buffers.add_compressed(indices, "TRIANGLES")
    accessors: list[Any] = []

    def accessor(**of: Any) -> int:
        accessors.append({key: value for key, value in of.items() if key != "byteOffset" or value})
        return len(accessors) - 1

    first_vertex, first_index, found = 0, 0, []
    for material, primitive in enumerate(primitives):
        count, attributes = len(primitive.positions), {}
        for (name, (_, kind)), start in zip(columns.items(), starts, strict=True):
            limits = _limits(primitive) if name == "POSITION" else {}
            offset = first_vertex * rows.shape[1] + start
            attributes[name] = accessor(bufferView=vertices, byteOffset=offset, count=count, **kind, **limits)
        used = accessor(
            bufferView=triangles,
            byteOffset=first_index * indices.itemsize,
            count=len(primitive.indices),
            componentType=UNSIGNED_SHORT if small else UNSIGNED_INT,
            type="SCALAR",
        )
        ids_of = {"featureCount": feature_count, "attribute": 0, "propertyTable": 0}
        extensions = {"EXT_mesh_features": {"featureIds": [ids_of]}}
        found.append({"attributes": attributes, "indices": used, "material": material, "extensions": extensions})
        first_vertex, first_index = first_vertex + count, first_index + len(primitive.indices)
    return [{"primitives": found}], accessors


def _limits(primitive: Primitive) -> dict[str, list[float]]:
    positions = primitive.positions
    return {"min": positions.min(axis=0).tolist(), "max": positions.max(axis=0).tolist()}


def _document(
    meshes: list[Any], materials: list[Any], accessors: list[Any], buffers: Buffers, metadata: Any, grid: Grid
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
        "meshes": meshes,
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
