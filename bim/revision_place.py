"""The place of a stored revision as a function: from the model's own coordinates to its tileset's frame."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ifc.placements import Candidate
from .pipeline.placing import to_geodetic
from .tiles.frame import EnuFrame

Array = NDArray[np.float64]


def to_tile_frame(georeference: dict[str, Any] | None, points: Array) -> Array | None:
    """Return tileset metres (n, 3) of project metres (n, 3), or None where the revision is unplaced."""
    found = georeference or {}
    if not found.get("placed") or not found.get("candidate") or not found.get("origin"):
        return None
    origin = found["origin"]
    frame = EnuFrame(origin["lon"], origin["lat"], origin["height_m"])
    return frame.from_geodetic(to_geodetic(Candidate.from_json(found["candidate"]), np.asarray(points, dtype=float)))
