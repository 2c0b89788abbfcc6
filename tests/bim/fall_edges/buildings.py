"""Buildings of boxes with known edges, as triangles."""

from __future__ import annotations

import numpy as np

from bim.fall_edges.rules import StoreyLevel
from bim.fall_edges.surfaces import Body

STOREYS = [StoreyLevel(0, 0.0), StoreyLevel(1, 3.0)]
FACES = np.array(
    [
        (0, 2, 1), (0, 3, 2), (4, 5, 6), (4, 6, 7), (0, 1, 5), (0, 5, 4),
        (1, 2, 6), (1, 6, 5), (2, 3, 7), (2, 7, 6), (3, 0, 4), (3, 4, 7),
    ]
)  # fmt: skip


def block(
    global_id: str, ifc_class: str, low: tuple[float, float, float], high: tuple[float, float, float],
    storey: int | None = None,
) -> Body:  # fmt: skip
    """Return a box as twelve triangles, outward."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    plan = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    points = np.array([(x, y, z) for z in (z0, z1) for x, y in plan])
    return Body(global_id, ifc_class, storey, points[FACES])


def together(global_id: str, *parts: Body) -> Body:
    """Return several boxes as one element."""
    return Body(global_id, parts[0].ifc_class, parts[0].storey_index, np.concatenate([part.corners for part in parts]))


def slab(global_id: str, x0: float, y0: float, x1: float, y1: float, top: float, storey: int | None = None) -> Body:
    return block(global_id, "IfcSlab", (x0, y0, top - 0.2), (x1, y1, top), storey)


def pierced(global_id: str, size: tuple[float, float], hole: tuple[float, float, float, float], top: float) -> Body:
    """Return a slab from (0, 0) to `size` with a rectangular hole, of four boxes."""
    (dx, dy), (x0, y0, x1, y1) = size, hole
    strips = [(0, 0, dx, y0), (0, y1, dx, dy), (0, y0, x0, y1), (x1, y0, dx, y1)]
    return together(global_id, *(slab(global_id, *strip, top) for strip in strips))


def railing(global_id: str, low: tuple[float, float], high: tuple[float, float], floor: float) -> Body:
    """Return a railing: a rail at 1.05 to 1.10 m over two posts at its ends."""
    rail = block(global_id, "IfcRailing", (*low, floor + 1.05), (*high, floor + 1.1))
    first = block(global_id, "IfcRailing", (*low, floor), (low[0] + 0.05, low[1] + 0.05, floor + 1.05))
    second = block(global_id, "IfcRailing", (high[0] - 0.05, high[1] - 0.05, floor), (*high, floor + 1.05))
    return together(global_id, rail, first, second)


GROUND = slab("ground", 0, 0, 10, 6, 0.0, 0)
UPPER = slab("upper", 0, 0, 10, 6, 3.0, 1)
