"""Elements that stand on an alignment: where the file itself says that they are, to be checked against their mesh."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..attributes import attribute_of
from ..element_frames import ElementFrames
from .alignment import Alignments

NEAR_M = 1.0
_CLIMB = 64


def linear_placement_of(product: Any) -> Any | None:
    """Return the first IfcLinearPlacement of a product's chain of placements, None where there is none."""
    placement = product.ObjectPlacement
    for _ in range(_CLIMB):
        if placement is None or placement.is_a("IfcLinearPlacement"):
            return placement
        placement = attribute_of(placement, "PlacementRelTo")
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


def reach_of(product: Any, unit_m: float) -> float:
    """Return how far (m) a product may be from the linear placement that it hangs on: the local offsets between."""
    placement, reach = product.ObjectPlacement, 0.0
    for _ in range(_CLIMB):
        if placement is None or not placement.is_a("IfcLocalPlacement"):
            break
        location = getattr(placement.RelativePlacement, "Location", None)
        reach += float(np.linalg.norm(getattr(location, "Coordinates", None) or (0.0,))) * unit_m
        placement = placement.PlacementRelTo
    return reach


def distance_m(point: NDArray[np.float64], vertices: NDArray[np.float64]) -> float:
    """Return how far (m) a point is from the box of a mesh, 0 inside of it."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    return float(np.linalg.norm(np.maximum(0, np.maximum(low - point, point - high))))


def is_astray(point: NDArray[np.float64], vertices: NDArray[np.float64], reach_m: float = 0.0) -> bool:
    """Say whether a mesh lies farther from its expected point than its own size, its reach and a metre."""
    size = float(np.linalg.norm(vertices.max(axis=0) - vertices.min(axis=0)))
    return distance_m(point, vertices) > NEAR_M + reach_m + size


class LinearCheck:
    """Compares meshes of elements on an alignment with where the file and the alignment's own parameters put them."""

    def __init__(self, model: Any, placements: dict[int, Any]) -> None:
        self.model, self.placements = model, placements
        self.alignments = Alignments(model)
        self.astray: dict[str, list[str]] = {
            "their own CartesianPosition says": [],
            "their alignment's parameters put them": [],
        }
        self.unplaced: dict[int, str] = {}
        """Why an element is not where it should be, by #id: its alignment's parameters say so, or, where they cannot be
        evaluated, its own CartesianPosition. One that lies where the parameters put it is only named."""

    def look_at(self, step_id: int, vertices: NDArray[np.float64]) -> None:
        """Note an element whose mesh is astray of what the file says of its place."""
        product, placement = self.model.by_id(step_id), self.placements[step_id]
        reach_m = reach_of(product, self.alignments.unit_m)
        stated, computed = stated_point(placement, self.alignments.frames), self.alignments.point_of(placement)
        for point, names in zip((stated, computed), self.astray.values(), strict=True):
            if point is not None and is_astray(point, vertices, reach_m):
                names.append(product.GlobalId)
        point = stated if computed is None else computed
        if point is not None and is_astray(point, vertices, reach_m):
            away = distance_m(point, vertices)
            self.unplaced[step_id] = (
                f"Unplaced: its shape came out {away:.1f} m from where its own CartesianPosition puts it."
                if computed is None
                else f"Unplaced: its shape came out {away:.1f} m from where its alignment's parameters put it."
            )

    def notes(self) -> list[str]:
        """Return a sentence per kind of disagreement."""
        return [
            f"{len(names)} elements on an alignment do not lie where {what}: {', '.join(names[:10])}."
            for what, names in self.astray.items()
            if names
        ]
