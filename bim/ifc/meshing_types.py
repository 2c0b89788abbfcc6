"""What a mesher gives: plain arrays, readable without ifcopenshell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Mesh:
    """Triangles of one element in project metres, double precision, before any shift.

    vertices (n, 3) float64; faces (m, 3) int32; colours (k, 4) uint8 sRGB with alpha; face_colour (m,) int32 into it.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int32]
    colours: NDArray[np.uint8]
    face_colour: NDArray[np.int32]


@dataclass(frozen=True)
class Outcome:
    """What became of one element: its mesh, or the reason why it has none.

    `engine` is the mesher that made it; `shape_key` the hash of what it was made from (representation, openings,
    unit), equal for equal shapes whatever their GlobalId and placement, empty where it is not known.
    """

    step_id: int
    mesh: Mesh | None
    reason: str = ""
    engine: str = ""
    shape_key: str = ""
