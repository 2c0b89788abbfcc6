"""Parts -> vertex and index arrays of one glTF primitive, quantised, welded, in GPU order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import meshopt
import numpy as np
from numpy.typing import NDArray

from .parts import Part

STEPS = 65_535
STEP_M = 0.001
MAX_STEP_M, LEAST_STEP_M = 0.002, 1e-6
LEAST_STEPS = 8_192  # that the longest side of a tile has: what is smaller than 8 m gets finer steps, down to 1 µm
MOST_SLOTS = 1_000_000  # of vertices times colours: for more than these and few corners a table would be too large


@dataclass(frozen=True)
class Grid:
    """How positions are stored: 16-bit steps from `origin`, or float32 metres from it where steps would be coarse.

    Steps are 1 mm wherever 16 bits reach (65 m), from the least corner, so that what was drawn in millimetres stays
    exact: such steps compress a third better than 16 bits over whatever the box is. No vertex moves over 1 mm an axis.
    """

    origin: NDArray[np.float64]
    scale: NDArray[np.float64]
    quantised: bool

    @classmethod
    def over(cls, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> Grid:
        extent = upper - lower
        if extent.max() / STEPS > MAX_STEP_M:
            return cls((lower + upper) / 2, np.ones(3), False)
        step = STEP_M
        while step > LEAST_STEP_M and extent.max() < LEAST_STEPS * step:
            step /= 2
        return cls(lower.round(6), np.maximum(extent / STEPS, step), True)

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
    """Arrays of one primitive: positions (n, 3), colours (n, 4) linear uint8, feature and element ids (n,), indices.

    Indices count from the primitive's first vertex.
    """

    positions: NDArray
    colours: NDArray[np.uint8]
    feature_ids: NDArray
    element_ids: NDArray
    indices: NDArray[np.uint32]


@dataclass(frozen=True)
class Corners:
    """The corners of many parts' triangles, end to end: three rows a triangle.

    vertex and colour count into `positions` (n, 3) and `palette` (k, 4); `part` is the part's number in its sequence.
    `slot` is one number for each vertex and colour of a part, below `slots`.
    """

    positions: NDArray[np.float64]
    palette: NDArray[np.uint8]
    vertex: NDArray[np.int64]
    colour: NDArray[np.int64]
    part: NDArray[np.int64]
    slot: NDArray[np.int64]
    slots: int

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Corners:
        vertices, colours = [len(part.positions) for part in parts], [len(part.colours) for part in parts]
        triangles = [len(part.faces) for part in parts]
        faces = np.concatenate([part.faces for part in parts]).astype(np.int64)
        face_colour = np.concatenate([part.face_colour for part in parts]).astype(np.int64)
        slots = np.multiply(vertices, colours)
        slot = faces * np.repeat(colours, triangles)[:, None]
        slot += (np.repeat(_starts(slots), triangles) + face_colour)[:, None]
        return cls(
            positions=np.concatenate([part.positions for part in parts]),
            palette=np.concatenate([part.colours for part in parts]),
            vertex=(faces + np.repeat(_starts(vertices), triangles)[:, None]).ravel(),
            colour=np.repeat(face_colour + np.repeat(_starts(colours), triangles), 3),
            part=np.repeat(np.arange(len(parts)), np.multiply(triangles, 3)),
            slot=slot.ravel(),
            slots=int(slots.sum()),
        )

    def translucent(self) -> NDArray[np.bool_]:
        """Return for each corner whether its triangle lets light through."""
        return np.asarray(self.palette[self.colour, 3] < 255)

    def chosen(self, rows: NDArray[np.bool_]) -> Corners:
        """Return the corners of the chosen rows."""
        return replace(
            self, vertex=self.vertex[rows], colour=self.colour[rows], part=self.part[rows], slot=self.slot[rows]
        )

    def distinct(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return (one corner of each vertex and colour, the number of each corner's vertex and colour)."""
        if self.slots > MOST_SLOTS + 8 * len(self.slot):
            _, one, number = np.unique(self.slot, return_index=True, return_inverse=True)
            return one, number
        used = np.zeros(self.slots, dtype=bool)
        used[self.slot] = True
        number = (np.cumsum(used) - 1)[self.slot]
        one = np.empty(int(used.sum()), dtype=np.intp)
        one[number] = np.arange(len(number))
        return one, number


def _starts(counts: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    return np.cumsum([0, *counts[:-1]])


def build_primitive(corners: Corners, grid: Grid, element_of_part: NDArray, feature_of_part: NDArray) -> Primitive:
    """Return the triangles as one primitive; ids are given for each part."""
    one, number = corners.distinct()
    part = corners.part[one]
    positions = grid.encode(corners.positions[corners.vertex[one]])
    colours = corners.palette[corners.colour[one]]
    first, vertex = _welded(positions, colours, part)
    triangles = _not_collapsed(vertex[number].reshape(-1, 3), corners.part[::3])
    indices, remap, used = meshopt.reorder_mesh(triangles.astype(np.uint32).ravel(), triangles=True, optsize=True)
    order = first[np.argsort(remap, kind="stable")[:used]]
    part = part[order]
    return Primitive(
        positions=positions[order],
        colours=_linear(colours[order]),
        feature_ids=feature_of_part[part],
        element_ids=element_of_part[part],
        indices=np.asarray(indices, dtype=np.uint32),
    )


def _welded(
    positions: NDArray, colours: NDArray[np.uint8], part: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return (the first row of each vertex, the vertex of each row): rows of one part, step and colour are one."""
    shade, shades = _numbered(np.ascontiguousarray(colours).view(np.uint32).ravel())
    owner = part.astype(np.uint64) * np.uint64(shades) + shade
    if positions.dtype == np.uint16 and int(part.max() + 1) * shades <= 1 << 16:
        x, y, z = positions.astype(np.uint64).T
        keys = [owner << 48 | x << 32 | y << 16 | z]
        order = np.argsort(keys[0])
    else:
        keys = [*positions.astype(np.float32).view(np.uint32).T.astype(np.uint64), owner]
        order = np.lexsort(keys)
    new = np.ones(len(order), dtype=bool)
    new[1:] = False
    for key in keys:
        ordered = key[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    vertex = np.empty(len(order), dtype=np.intp)
    vertex[order] = np.cumsum(new) - 1
    return order[new], vertex


def _numbered(values: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], int]:
    """Return the rank of each value among the distinct ones, and how many these are."""
    distinct, number = np.unique(values, return_inverse=True)
    return number.astype(np.uint64), len(distinct)


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
