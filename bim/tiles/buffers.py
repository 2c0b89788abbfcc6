"""The two buffers of a tile: compressed bytes in the GLB, and the meshopt fallback that exists on paper only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import meshopt
import numpy as np
from numpy.typing import NDArray

ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963


class Buffers:
    """Collects bufferViews: plain ones in buffer 0, meshopt-compressed ones with their fallback in buffer 1."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.fallback_bytes = 0
        self.views: list[dict[str, Any]] = []

    def add_plain(self, content: bytes) -> int:
        """Add bytes (8-byte aligned, as EXT_structural_metadata wants) and return the bufferView's number."""
        offset = self._append(content, 8)
        self.views.append({"buffer": 0, "byteOffset": offset, "byteLength": len(content)})
        return len(self.views) - 1

    def add_compressed(self, rows: NDArray, mode: Literal["ATTRIBUTES", "TRIANGLES"]) -> int:
        """Add rows compressed with EXT_meshopt_compression (codec version 0) and return the bufferView's number."""
        content = meshopt.encode_gltf_buffer(rows, mode, version=0)
        stride = rows.nbytes // len(rows)
        offset = self._append(content, 4)
        view: dict[str, Any] = {
            "buffer": 1,
            "byteOffset": self.fallback_bytes,
            "byteLength": rows.nbytes,
            "target": ARRAY_BUFFER if mode == "ATTRIBUTES" else ELEMENT_ARRAY_BUFFER,
            "extensions": {
                "EXT_meshopt_compression": {
                    "buffer": 0,
                    "byteOffset": offset,
                    "byteLength": len(content),
                    "byteStride": stride,
                    "count": len(rows),
                    "mode": mode,
                }
            },
        }
        if mode == "ATTRIBUTES":
            view["byteStride"] = stride
        self.fallback_bytes += -(-rows.nbytes // 8) * 8
        self.views.append(view)
        return len(self.views) - 1

    def _append(self, content: bytes, alignment: int) -> int:
        self.data.extend(b"\0" * (-len(self.data) % alignment))
        offset = len(self.data)
        self.data.extend(content)
        return offset

    def as_json(self) -> list[dict[str, Any]]:
        """Return the buffers' JSON; buffer 0 is padded to 8 bytes, as the GLB's chunk must be no longer than it."""
        self._append(b"", 8)
        return [
            {"byteLength": len(self.data)},
            {"byteLength": self.fallback_bytes, "extensions": {"EXT_meshopt_compression": {"fallback": True}}},
        ]


def interleaved(columns: Sequence[NDArray]) -> tuple[NDArray[np.uint8], list[int]]:
    """Return (the columns (n, k) side by side as bytes, where each begins), each on a 4-byte border as glTF wants.

    The bytes between, zeros, cost next to nothing: meshopt compresses each byte of a row by itself.
    """
    widths = [column.dtype.itemsize * column.shape[1] for column in columns]
    ends = np.cumsum([-(-width // 4) * 4 for width in widths]).tolist()
    starts = [0, *ends[:-1]]
    rows = np.zeros((len(columns[0]), ends[-1]), dtype=np.uint8)
    for column, start, width in zip(columns, starts, widths, strict=True):
        rows[:, start : start + width] = np.ascontiguousarray(column).view(np.uint8).reshape(len(column), width)
    return rows, starts
