"""The frame of each element: its object placement as a matrix to project metres."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


class ElementFrames:
    """Object placements of one model, each computed once; only chains of IfcLocalPlacement have a frame."""

    def __init__(self, unit_m: float) -> None:
        self.unit_m = unit_m
        self._found: dict[int, Matrix | None] = {}

    def of(self, product: Any) -> Matrix | None:
        """Return the 4 x 4 matrix from the product's own frame (metres) to project metres, None without one."""
        placement = product.ObjectPlacement
        return np.eye(4) if placement is None else self.of_placement(placement)

    def of_placement(self, placement: Any, depth: int = 0) -> Matrix | None:
        """Return the matrix from a placement's frame (metres) to project metres, None where it is not local."""
        number = placement.id()
        if number not in self._found:
            self._found[number] = self._compute(placement, depth)
        return self._found[number]

    def _compute(self, placement: Any, depth: int) -> Matrix | None:
        if depth > 64 or not placement.is_a("IfcLocalPlacement"):
            return None
        axes = placement.RelativePlacement
        if axes is None or not axes.is_a("IfcAxis2Placement3D"):
            return None
        own = _matrix(axes, self.unit_m)
        if own is None or placement.PlacementRelTo is None:
            return own
        parent = self.of_placement(placement.PlacementRelTo, depth + 1)
        return None if parent is None else parent @ own


def _matrix(axes: Any, unit_m: float) -> Matrix | None:
    try:
        origin = np.array(axes.Location.Coordinates, dtype=float)
        z = np.array(axes.Axis.DirectionRatios if axes.Axis else (0, 0, 1), dtype=float)
        x = np.array(axes.RefDirection.DirectionRatios if axes.RefDirection else (1, 0, 0), dtype=float)
    except (AttributeError, RuntimeError):
        return None
    if len(origin) != 3 or len(z) != 3 or len(x) != 3 or not np.linalg.norm(z):
        return None
    z /= np.linalg.norm(z)
    x = x - (x @ z) * z
    if np.linalg.norm(x) < 1e-9:
        return None
    x /= np.linalg.norm(x)
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1], matrix[:3, 2], matrix[:3, 3] = x, np.cross(z, x), z, origin * unit_m
    return matrix
