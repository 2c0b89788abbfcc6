"""The frame of each element: its object placement as a matrix to project metres."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .attributes import (
    AXIS,
    LOCATION,
    NUMBERS,
    OBJECT_PLACEMENT,
    PLACEMENT_REL_TO,
    REF_DIRECTION,
    RELATIVE_PLACEMENT,
)
from .step_table import StepTable
from .table_frames import frames_of_placements

Matrix = NDArray[np.float64]
_X, _Z = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)


class ElementFrames:
    """Object placements of one model, each computed once; only chains of IfcLocalPlacement have a frame."""

    def __init__(self, unit_m: float) -> None:
        self.unit_m = unit_m
        self._found: dict[int, Matrix | None] = {}
        self._knows_file = False

    def know(self, table: StepTable) -> None:
        """Find the frames of all plain placements of the model's file at once, if that is not done yet."""
        if not self._knows_file:
            self._knows_file = True
            self._found.update(frames_of_placements(table, self.unit_m))

    def known(self, step_id: int) -> Matrix | None:
        """Return the frame of the placement with this #id where it was found before, else None."""
        return self._found.get(step_id)

    def of(self, product: Any) -> Matrix | None:
        """Return the 4 x 4 matrix from the product's own frame (metres) to project metres, None without one."""
        placement = product.get_argument(OBJECT_PLACEMENT)
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
        axes = placement.get_argument(RELATIVE_PLACEMENT)
        if axes is None or not axes.is_a("IfcAxis2Placement3D"):
            return None
        own = _matrix(axes, self.unit_m)
        base = placement.get_argument(PLACEMENT_REL_TO)
        if own is None or base is None:
            return own
        parent = self.of_placement(base, depth + 1)
        return None if parent is None else parent @ own


def _matrix(axes: Any, unit_m: float) -> Matrix | None:
    try:
        origin = axes.get_argument(LOCATION).Coordinates
        axis, reference = axes.get_argument(AXIS), axes.get_argument(REF_DIRECTION)
        z = axis.get_argument(NUMBERS) if axis is not None else _Z
        x = reference.get_argument(NUMBERS) if reference is not None else _X
    except (AttributeError, RuntimeError):
        return None
    if len(origin) != 3 or len(z) != 3 or len(x) != 3:
        return None
    if z is not _Z or x is not _X:
        length = math.sqrt(sum(value * value for value in z))
        if not length:
            return None
        z = [value / length for value in z]
        along = x[0] * z[0] + x[1] * z[1] + x[2] * z[2]
        x = [x[0] - along * z[0], x[1] - along * z[1], x[2] - along * z[2]]
        length = math.sqrt(sum(value * value for value in x))
        if length < 1e-9:
            return None
        x = [value / length for value in x]
    y = (z[1] * x[2] - z[2] * x[1], z[2] * x[0] - z[0] * x[2], z[0] * x[1] - z[1] * x[0])
    rows = [[x[row], y[row], z[row], origin[row] * unit_m] for row in range(3)]
    return np.array([*rows, [0.0, 0.0, 0.0, 1.0]])
