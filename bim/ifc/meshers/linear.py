"""Elements that stand on an alignment: where the file itself says that they are, to be checked against their mesh."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .element_frames import ElementFrames

NEAR_M = 1.0
_CLIMB = 64


def linear_placement_of(product: Any) -> Any | None:
    """Return the first IfcLinearPlacement of a product's chain of placements, None where there is none."""
    placement = product.ObjectPlacement
    for _ in range(_CLIMB):
        if placement is None or placement.is_a("IfcLinearPlacement"):
            return placement
        placement = getattr(placement, "PlacementRelTo", None)
    return None


def stated_point(placement: Any, frames: ElementFrames) -> NDArray[np.float64] | None:
    """Return the placement's own `CartesianPosition` in project metres, None where the file does not give it."""
    cartesian = placement.CartesianPosition
    if cartesian is None or not cartesian.Location.is_a("IfcCartesianPoint"):
        return None
    base = placement.PlacementRelTo
    frame = frames.of_placement(base) if base is not None else np.eye(4)
    if frame is None:
        return None
    point = np.array(cartesian.Location.Coordinates, dtype=np.float64) * frames.unit_m
    return np.asarray((frame @ [*point, 1.0])[:3])


def is_astray(point: NDArray[np.float64], vertices: NDArray[np.float64]) -> bool:
    """Say whether a mesh lies farther from its stated point than its own size and a metre."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    distance = float(np.linalg.norm(np.maximum(0, np.maximum(low - point, point - high))))
    return distance > NEAR_M + float(np.linalg.norm(high - low))
