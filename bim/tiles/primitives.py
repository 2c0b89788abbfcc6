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


@dataclass(frozen=True)
class Corners:
    """The corners of many parts' triangles, end to end: three rows a triangle.

    vertex and colour count into `positions` (n, 3) and `palette` (k, 4); `part` is the part's number in its sequence.
    """

    positions: NDArray[np.float64]
    palette: NDArray[np.uint8]
    vertex: NDArray[np.int64]
    colour: NDArray[np.int64]
    part: NDArray[np.int64]

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Corners:
        vertices, colours = [len(part.positions) for part in parts], [len(part.colours) for part in parts]
        triangles = [len(part.faces) for part in parts]
        faces = np.concatenate([part.faces for part in parts]).astype(np.int64)
        face_colour = np.concatenate([part.face_colour for part in parts]).astype(np.int64)
        return cls(
            positions=np.concatenate([part.positions for part in parts]),
            palette=np.concatenate([part.colours for part in parts]),
            vertex=(faces + np.repeat(_starts(vertices), triangles)[:, None]).ravel(),
            colour=np.repeat(face_colour + np.repeat(_starts(colours), triangles), 3),
            part=np.repeat(np.arange(len(parts)), np.multiply(triangles, 3)),
        )

    def translucent(self) -> NDArray[np.bool_]:
        """Return for each corner whether its triangle lets light through."""
        return np.asarray(self.palette[self.colour, 3] < 255)

    def chosen(self, rows: NDArray[np.bool_]) -> Corners:
        """Return the corners of the chosen rows."""
        return Corners(self.positions, self.palette, self.vertex[rows], self.colour[rows], self.part[rows])


def _starts(counts: Sequence[int]) -> NDArray[np.int64]:
    return np.cumsum([0, *counts[:-1]])


def build_primitive(corners: Corners, grid: Grid, element_of_part: NDArray, feature_of_part: NDArray) -> Primitive:
    """Return the triangles as one primitive; ids are given for each part."""
    positions = grid.encode(corners.positions)[corners.vertex]
    colours = corners.palette[corners.colour]
    first, vertex = _welded(positions, colours, corners.part)
    indices = _not_collapsed(vertex.reshape(-1, 3), corners.part[::3]).astype(np.uint32).ravel()
    indices, remap, used = meshopt.reorder_mesh(indices, triangles=True, optsize=False)
    order = first[np.argsort(remap, kind="stable")[:used]]
    part = corners.part[order]
    return Primitive(
        positions=positions[order],
        colours=_linear(colours[order]),
        feature_ids=feature_of_part[part].astype(np.float32),
        element_ids=element_of_part[part].astype(np.float32),
        indices=np.asarray(indices, dtype=np.uint32),
    )


def _welded(
    positions: NDArray, colours: NDArray[np.uint8], part: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return (the first row of each vertex, the vertex of each row): rows of one part, step and colour are one."""
    if positions.dtype == np.uint16:
        x, y, z = positions.astype(np.int64).T
        places = [x << 32 | y << 16 | z]
    else:
        places = list(np.ascontiguousarray(positions).view(np.int32).T)
    colour = np.ascontiguousarray(colours).view(np.uint32).ravel().astype(np.int64)
    keys = [*places, part << 32 | colour]
    order = np.lexsort(keys)
    new = np.ones(len(order), dtype=bool)
    new[1:] = False
    for key in keys:
        ordered = key[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    vertex = np.empty(len(order), dtype=np.intp)
    vertex[order] = np.cumsum(new) - 1
    return order[new], vertex


def _not_collapsed(triangles: NDArray[np.intp], part: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the triangles with three different corners; of a part that has none all stay, or it would vanish."""
    a, b, c = triangles.T
    whole = (a != b) & (b != c) & (a != c)
    visible = np.zeros(int(part.max()) + 1, dtype=bool)
    visible[part[whole]] = True
    return triangles[whole | ~visible[part]]


def _linear(srgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return sRGB bytes as linear bytes (glTF vertex colours are linear); alpha stays."""
    value = np.arange(256) / 255
    table = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    linear = np.rint(table * 255).astype(np.uint8)
    return np.concatenate([linear[srgb[:, :3]], srgb[:, 3:]], axis=1)
