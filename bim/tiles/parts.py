"""The tile writer's input: one element's triangles, with what the viewer may ask about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Feature:
    """Which element a part shows, by its index in the revision; `storey` is -1 where it stands on none."""

    element: int
    ifc_class: str
    storey: int
    kind: str = "element"


@dataclass(frozen=True, slots=True)
class ListedPart:
    """What must be known of an element before its triangles are at hand: its box (2, 3) in the tile frame."""

    feature: Feature
    box: NDArray[np.float64]
    triangles: int


@dataclass(frozen=True)
class Part:
    """Triangles of one element in the tile frame (east, north, up; metres).

    positions (n, 3) float64; faces (m, 3) int32; colours (k, 4) uint8 sRGB and alpha; face_colour (m,) into it.
    An element over the leaf limit comes in several parts.
    """

    feature: Feature
    positions: NDArray[np.float64]
    faces: NDArray[np.int32]
    colours: NDArray[np.uint8]
    face_colour: NDArray[np.int32]

    @cached_property
    def box(self) -> NDArray[np.float64]:
        """Return (2, 3): lower and upper corner."""
        return np.array([self.positions.min(axis=0), self.positions.max(axis=0)])

    @property
    def triangles(self) -> int:
        return len(self.faces)

    def cut(self, first: int, last: int) -> Part:
        """Return the part with faces first..last only, and only the vertices these use."""
        faces = self.faces[first:last]
        used, renumbered = np.unique(faces, return_inverse=True)
        return Part(
            self.feature,
            self.positions[used],
            renumbered.reshape(-1, 3).astype(np.int32),
            self.colours,
            self.face_colour[first:last],
        )


_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=np.float64)
_FACES = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
     [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]], dtype=np.int32,
)  # fmt: skip


def box_part(part: Part) -> Part:
    """Return the part as its bounding box in its most used colour, for coarse levels."""
    lower, upper = part.box
    most = np.bincount(part.face_colour).argmax()
    return Part(
        part.feature, lower + _CORNERS * (upper - lower), _FACES, part.colours[most : most + 1],
        np.zeros(12, dtype=np.int32),
    )  # fmt: skip
