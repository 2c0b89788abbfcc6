"""Where hazards are found: the tickets handed in within a period, each counted once at its place."""

from __future__ import annotations

from datetime import datetime

from pyproj import Transformer

from spatial.hazards.models import Hazard
from spatial.places.models import STORAGE_SRID, Site
from spatial.zones.queries import SiteColours

from .cells import WeightedPoint
from .levels import Heights


def hazards_found(
    site: Site, colours: SiteColours, *, since: datetime, until: datetime, heights: Heights
) -> list[WeightedPoint]:
    """Return one point per ticket found from `since` until before `until`, with the grade it gives its place now."""
    project = Transformer.from_crs(STORAGE_SRID, site.projected_srid, always_xy=True)
    grades: dict[str, int] = {}
    for reason in colours.reasons:
        if reason.source_kind == "hazard":
            grades[reason.source_id] = max(reason.grade, grades.get(reason.source_id, 0))
    rows = Hazard.objects.filter(site=site, received_at__gte=since, received_at__lt=until)
    found = []
    for hazard in rows.exclude(state__in=("DRAFT", "VOID")).select_related("anchor"):
        shape = hazard.anchor.geometry
        place = shape if shape.geom_type == "Point" else shape.point_on_surface
        height_m = shape.z if shape.geom_type == "Point" else None
        if heights.holds(height_m):
            east_m, north_m = project.transform(place.x, place.y)
            found.append(WeightedPoint(east_m, north_m, 1.0, grades.get(str(hazard.pk), 0)))
    return found
