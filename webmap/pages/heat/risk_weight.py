"""Where risk concentrates: the colour now of each risk point and zone as a weight on the plan.

The weights are a way to draw, not a rule of any standard: grade 1 to 4 counts 1, 2, 4, 8. A risk point puts its
weight on its place; a zone spreads its own weight over its outline, on a 4 m raster.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from spatial.places.models import Site
from spatial.risks.models import RiskPoint
from spatial.zones import queries as zone_queries
from spatial.zones.models import Zone
from webmap.live.state import place_of

from .cells import WeightedPoint
from .levels import Heights

GRADE_WEIGHTS: Final = {0: 0.0, 1: 1.0, 2: 2.0, 3: 4.0, 4: 8.0}
SPREAD_M: Final = 4.0
EVERYWHERE: Final = Heights()
STORAGE_SRID: Final = 4490


def risk_points(site: Site, *, now: datetime, heights: Heights = EVERYWHERE) -> list[WeightedPoint]:
    """This function will return the weighted places of a site's risk at `now`."""
    colours = zone_queries.site_colours(site, now=now)
    project = Transformer.from_crs(STORAGE_SRID, site.projected_srid, always_xy=True)
    found: list[WeightedPoint] = []
    for point in RiskPoint.objects.filter(site=site).select_related("anchor"):
        colour = colours.risk_points.get(point.id)
        if colour and colour.grade and heights.holds(place_of(point.anchor)["h"]):
            place = point.anchor.geometry.centroid
            east_m, north_m = project.transform(place.x, place.y)
            found.append(WeightedPoint(east_m, north_m, GRADE_WEIGHTS[colour.grade], colour.grade))
    for zone in Zone.objects.filter(site=site, active=True):
        colour = colours.zones.get(zone.id)
        if colour and colour.grade and heights.meets(zone.bottom_m, zone.top_m):
            outline = shapely.transform(
                shapely.from_wkb(bytes(zone.outline.wkb)), lambda xy: np.column_stack(project.transform(*xy.T))
            )
            found.extend(_spread(outline, GRADE_WEIGHTS[colour.grade], colour.grade))
    return found


def _spread(outline: BaseGeometry, weight: float, grade: int) -> Iterator[WeightedPoint]:
    """Yield the zone's weight shared out over the raster points that it covers (one at least)."""
    west, south, east, north = outline.bounds
    grid_east, grid_north = np.meshgrid(
        np.arange(west + SPREAD_M / 2, east, SPREAD_M), np.arange(south + SPREAD_M / 2, north, SPREAD_M)
    )
    inside = shapely.contains_xy(outline, grid_east.ravel(), grid_north.ravel())
    places = np.column_stack([grid_east.ravel(), grid_north.ravel()])[inside]
    if len(places) == 0:
        middle = outline.representative_point()
        places = np.array([[middle.x, middle.y]])
    for east_m, north_m in places:
        yield WeightedPoint(float(east_m), float(north_m), weight / len(places), grade)
