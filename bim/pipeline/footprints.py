"""The outline of an element seen from above, from its triangles."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

MAX_UNION_TRIANGLES = 3_000
MIN_AREA_M2 = 1e-6
HULL_TOLERANCE = 1e-3
SIMPLIFY_M = 0.001


def footprint(positions: NDArray[np.float64], faces: NDArray[np.int32]) -> shapely.Geometry | None:
    """Return the (multi)polygon that the triangles cover in plan, in the positions' metres; None where it has no area.

    The convex hull where the upward faces fill it exactly, the union of the upward faces otherwise (so a slab keeps
    its openings), the hull for bodies of more than 3,000 upward triangles.
    """
    plan = positions[:, :2]
    hull: Any = shapely.convex_hull(shapely.multipoints(plan[np.unique(faces)]))
    if hull.geom_type != "Polygon" or hull.area < MIN_AREA_M2:
        return None
    a, b, c = plan[faces[:, 0]], plan[faces[:, 1]], plan[faces[:, 2]]
    area = 0.5 * ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))
    upward = area > MIN_AREA_M2
    if upward.sum() > MAX_UNION_TRIANGLES or (area < -MIN_AREA_M2).sum() > MAX_UNION_TRIANGLES:
        return hull
    up_area, down_area = area[upward].sum(), -area[area < -MIN_AREA_M2].sum()
    if abs(up_area - hull.area) < HULL_TOLERANCE * hull.area and abs(down_area - up_area) < HULL_TOLERANCE * hull.area:
        return hull
    chosen = upward if up_area >= down_area * 0.999 else np.abs(area) > MIN_AREA_M2
    if not chosen.any():
        return None
    outline: Any = shapely.union_all(shapely.polygons(plan[faces[chosen]]))
    outline = shapely.simplify(outline, SIMPLIFY_M)
    return outline if outline.area > MIN_AREA_M2 else None
