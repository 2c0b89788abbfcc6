"""Which fixes are inside a site, or so near its edge that their own error reaches it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
import shapely

from spatial import crs

from .rules import EDGE_M

_GROUNDS: dict[UUID, tuple[bytes, Any]] = {}


def _ground(site: Any) -> Any | None:
    """Return a site's boundary on its plan, prepared; kept until the boundary changes."""
    if site.boundary is None:
        return None
    key = bytes(site.boundary.wkb) + str(site.projected_srid).encode()
    held = _GROUNDS.get(site.pk)
    if held is None or held[0] != key:
        shape = shapely.from_wkb(bytes(site.boundary.wkb))
        flat = shapely.force_2d(crs.transform_shape(shape, from_srid=crs.STORAGE_SRID, to_srid=site.projected_srid))
        shapely.prepare(flat)
        held = _GROUNDS[site.pk] = (key, flat)
    return held[1]


def are_inside(site: Any, east_m: Sequence[float], north_m: Sequence[float], accuracy_m: Sequence[float]) -> np.ndarray:
    """Return which fixes are inside a site, or so near its edge that their own error reaches it; a site without a
    boundary holds all."""
    ground = _ground(site)
    if ground is None:
        return np.ones(len(east_m), dtype=bool)
    points = shapely.points(np.asarray(east_m, dtype=float), np.asarray(north_m, dtype=float))
    return shapely.dwithin(ground, points, np.minimum(np.asarray(accuracy_m, dtype=float), EDGE_M))
