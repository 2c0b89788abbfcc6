"""What every engine keeps to: limits of a mesh, and the check that a mesh passes before anyone relies on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAX_TRIANGLES_OF_ELEMENT = 4_000_000
MAX_COORDINATE_M = 1e12
OPENCASCADE, IFCLITE = "opencascade", "ifclite"


def fault_of_mesh(vertices: NDArray[np.float64], faces: NDArray[np.int32]) -> str:
    """Return why these triangles (project metres) are no mesh of an element, empty where they are one."""
    if not len(faces):
        return "The mesher made a shape without a surface."
    if len(faces) > MAX_TRIANGLES_OF_ELEMENT:
        return f"The body has {len(faces)} triangles, over {MAX_TRIANGLES_OF_ELEMENT}."
    if not (np.abs(vertices) < MAX_COORDINATE_M).all():
        return "The body has coordinates that are no numbers or beyond all measure."
    if faces.min() < 0 or faces.max() >= len(vertices):
        return "The mesher named corners that do not exist."
    return ""
