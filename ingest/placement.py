"""Is imported geometry where the site is? Checks before anything is stored (spec 08, 8.7)."""

from __future__ import annotations

from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from spatial import crs

NEAR_M = 2000.0


def distance_from_site_m(site: Any, shape: BaseGeometry, srid: int) -> float | None:
    """This function will return how far a shape (in EPSG:`srid`) lies from the site's boundary, or from its
    location, in metres on the site's grid; None when the site has neither yet."""
    ground = site.boundary or site.location
    if ground is None:
        return None
    here = shapely.from_wkb(bytes(ground.wkb))
    own = crs.transform_shape(here, from_srid=crs.STORAGE_SRID, to_srid=site.projected_srid)
    other = crs.transform_shape(shape, from_srid=srid, to_srid=site.projected_srid)
    return float(shapely.distance(own, other))


def far_away_reason(site: Any, shape: BaseGeometry, srid: int) -> str:
    """This function will return a sentence when a shape lies more than 2 km from the site, else ""."""
    distance_m = distance_from_site_m(site, shape, srid)
    if distance_m is None or distance_m <= NEAR_M:
        return ""
    return (
        f"lies {distance_m / 1000:.1f} km from the site; check the coordinate system "
        "(a declared one is honoured, GCJ-02 and BD-09 are never guessed)"
    )
