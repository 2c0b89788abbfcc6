"""Parts -> vertex and index arrays of one glTF primitive, quantised, welded, in GPU order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import meshopt
import numpy as np
from numpy.typing import NDArray

from .parts import Part

STEPS = 65_535
MAX_STEP_M = 0.002


@dataclass(frozen=True)
class Grid:
    """How positions are stored: 16-bit steps from `origin`, or float32 metres from it where steps would be coarse."""

    origin: NDArray[np.float64]
    scale: NDArray[np.float64]
    quantised: bool

    @classmethod
    def over(cls, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> Grid:
        extent = np.maximum(upper - lower, 1e-6)
        if extent.max() / STEPS > MAX_STEP_M:
            return cls((lower + upper) / 2, np.ones(3), False)
        return cls(lower, extent / STEPS, True)

    def encode(self, positions: NDArray[np.float64]) -> NDArray:
        shifted = positions - self.origin
        if not self.quantised:
            return shifted.astype(np.float32)
        return np.clip(np.rint(shifted / self.scale), 0, STEPS).astype(np.uint16)

    @property
    def step_m(self) -> float:
        return float(self.scale.max()) if self.quantised else 1e-4


@dataclass(frozen=True)
class Primitive:
    """Arrays of one primitive: positions (n, 3), colours (n, 4) linear uint8, feature and element ids (n,), indices."""

    positions: NDArray
    colours: NDArray[np.uint8]
    feature_ids: NDArray[np.float32]
    element_ids: NDArray[np.float32]
    indices: NDArray[np.uint32]


def build_primitive(
    parts: Sequence[Part], grid: Grid, local_ids: dict[int, int], translucent: bool
) -> Primitive | None:
    """Return the opaque or the translucent triangles of the parts as one primitive, None where there are none."""
    columns: list[tuple[NDArray, NDArray, NDArray, NDArray]] = []
    offset = 0
    for part in parts:
        chosen = (part.colours[part.face_colour, 3] < 255) == translucent
        if not chosen.any():
            continue
        corners = part.faces[chosen].ravel().astype(np.int64)
        colour_of_corner = np.repeat(part.face_colour[chosen].astype(np.int64), 3)
        keys, index = np.unique(corners * (len(part.colours) + 1) + colour_of_corner, return_inverse=True)
        vertex, colour = np.divmod(keys, len(part.colours) + 1)
        encoded, index = _weld(grid.encode(part.positions[vertex]), part.colours[colour], index.ravel())
        positions, colours = encoded
        columns.append((positions, colours, index + offset, np.full(len(positions), part.feature.element)))
        offset += len(positions)
    if not columns:
        return None
    return _in_gpu_order(columns, local_ids)


def _weld(
    positions: NDArray, colours: NDArray[np.uint8], index: NDArray
) -> tuple[tuple[NDArray, NDArray[np.uint8]], NDArray]:
    """Merge vertices that fell on the same step and colour; drop triangles that collapsed unless all did."""
    row = np.ascontiguousarray(np.concatenate([positions.view(np.uint8).reshape(len(positions), -1), colours], axis=1))
    _, first, inverse = np.unique(row.view(f"V{row.shape[1]}").ravel(), return_index=True, return_inverse=True)
    triangles = inverse.ravel()[index].reshape(-1, 3)
    a, b, c = triangles.T
    whole = (a != b) & (b != c) & (a != c)
    if whole.any():
        triangles = triangles[whole]
    return (positions[first], colours[first]), triangles.ravel()


def _in_gpu_order(columns: list[tuple[NDArray, NDArray, NDArray, NDArray]], local_ids: dict[int, int]) -> Primitive:
    positions = np.concatenate([column[0] for column in columns])
    colours = np.concatenate([column[1] for column in columns])
    indices = np.concatenate([column[2] for column in columns]).astype(np.uint32)
    elements = np.concatenate([column[3] for column in columns])
    features = np.concatenate([np.full(len(c[0]), local_ids[int(c[3][0])]) for c in columns])
    indices, remap, used = meshopt.reorder_mesh(indices, triangles=True, optsize=False)
    order = np.argsort(remap, kind="stable")[:used]
    return Primitive(
        positions=positions[order],
        colours=_linear(colours[order]),
        feature_ids=features[order].astype(np.float32),
        element_ids=elements[order].astype(np.float32),
        indices=np.asarray(indices, dtype=np.uint32),
    )


def _linear(srgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return sRGB bytes as linear bytes (glTF vertex colours are linear); alpha stays."""
    value = np.arange(256) / 255
    table = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    linear = np.rint(table * 255).astype(np.uint8)
    return np.concatenate([linear[srgb[:, :3]], srgb[:, 3:]], axis=1)
