"""EXT_structural_metadata: one row per feature of a leaf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .buffers import Buffers
from .parts import Feature

_TEXTS = {"global_id": "IFC GlobalId", "ifc_class": "IFC class", "name": "Name"}
_NUMBERS = {"storey": ("INT32", "Storey index, -1 for none"), "element": ("UINT32", "Element index in the revision")}


def structural_metadata(features: Sequence[Feature], buffers: Buffers) -> dict[str, Any]:
    """Return the extension's JSON and add its columns to the buffers. A text column that is all empty is left out."""
    properties: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    for name, title in _TEXTS.items():
        encoded = [getattr(feature, name).encode("utf-8") for feature in features]
        if not any(encoded):
            continue
        offsets = np.concatenate([[0], np.cumsum([len(text) for text in encoded])]).astype(np.uint32)
        columns[name] = {
            "values": buffers.add_plain(b"".join(encoded)),
            "stringOffsets": buffers.add_plain(offsets.tobytes()),
            "stringOffsetType": "UINT32",
        }
        properties[name] = {"name": title, "type": "STRING"}
    for name, (component, title) in _NUMBERS.items():
        dtype = np.int32 if component == "INT32" else np.uint32
        values = np.array([getattr(feature, name) for feature in features], dtype=dtype)
        columns[name] = {"values": buffers.add_plain(values.tobytes())}
        properties[name] = {"name": title, "type": "SCALAR", "componentType": component}
    return {
        "schema": {"id": "twinwall", "classes": {"element": {"name": "IFC element", "properties": properties}}},
        "propertyTables": [{"class": "element", "count": len(features), "properties": columns}],
    }
