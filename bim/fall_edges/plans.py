"""What a plan shows around the findings: the floors themselves, and what the model protects. Pure.

Points are rounded to millimetres of project metres. The next person to check a model wants to see what was judged safe
as well as what was not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from .rules import Finder, Protected
from .runs import Array

COARSE_M = 0.02


def floor_outlines(finder: Finder) -> list[dict[str, Any]]:
    """Return {"storey_index", "z_m", "rings": [outline, hole ...]} of each flat floor, largest first."""
    found = []
    for floor in finder.floors:
        if floor.z_m is None:
            continue
        storey = finder.storey_of([piece.body for piece in floor.pieces], floor.z_m)
        for polygon in shapely.get_parts(floor.polygon.simplify(COARSE_M)):
            rings = [polygon.exterior, *polygon.interiors]
            found.append((float(polygon.area), storey, floor.z_m, [_points(np.array(ring.coords)) for ring in rings]))
    found.sort(key=lambda row: -row[0])
    return [{"storey_index": storey, "z_m": round(z_m, 3), "rings": rings} for _, storey, z_m, rings in found]


def protected_as_json(row: Protected) -> dict[str, Any]:
    """Return a protected edge or opening as plain data."""
    return {
        "kind": row.kind, "way": row.way, "storey_index": row.storey_index, "drop_m": round(row.drop_m, 3),
        "length_m": round(row.length_m, 3), "points_m": _points(row.points), "by": list(row.by),
    }  # fmt: skip


def _points(points: Array) -> list[list[float]]:
    return [[float(x), float(y)] for x, y in np.round(points[:, :2], 3)]
