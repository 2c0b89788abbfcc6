"""EXT_structural_metadata: one row per feature of a tile, which says the element's index in the revision.

GlobalId, class, name and storey are not repeated here: a viewer has them by that index from the API.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .buffers import Buffers


def structural_metadata(elements: Sequence[int], buffers: Buffers) -> dict[str, Any]:
    """Return the extension's JSON for the features' element indices and add their column to the buffers."""
    column = np.array(elements, dtype=np.uint16 if max(elements) < 1 << 16 else np.uint32)
    component = f"UINT{8 * column.itemsize}"
    properties = {"element": {"type": "SCALAR", "componentType": component}}
    columns = {"element": {"values": buffers.add_plain(column.tobytes())}}
    return {
        "schema": {"id": "twinwall", "classes": {"element": {"properties": properties}}},
        "propertyTables": [{"class": "element", "count": len(column), "properties": columns}],
    }
