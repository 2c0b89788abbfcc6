"""The plan of a storey from the models that stand on the site: what one draws along."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from bim.models import Element
from bim.queries import current_revisions
from spatial.places.models import Site, Storey

DRAWN = (
    "IfcWall",
    "IfcWallStandardCase",
    "IfcColumn",
    "IfcSlab",
    "IfcCurtainWall",
    "IfcRailing",
    "IfcStair",
    "IfcDoor",
)
MOST = 3000
ABOVE_M = 2.2
BELOW_M = 0.6


def plan_of_storey(site: Site, storey_id: str) -> dict[str, Any]:
    """Return the footprints of a storey's elements as GeoJSON: those that reach into its lowest two metres."""
    empty: dict[str, Any] = {"type": "FeatureCollection", "features": [], "left_out": 0}
    try:
        storey = Storey.objects.filter(site=site, pk=UUID(storey_id)).first()
    except ValueError:
        return empty
    if storey is None:
        return empty
    rows = Element.objects.filter(
        revision__in=current_revisions(site),
        ifc_class__in=DRAWN,
        footprint__isnull=False,
        box_max_z_m__gt=storey.elevation_m - BELOW_M,
        box_min_z_m__lt=storey.elevation_m + ABOVE_M,
    )
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(row.footprint.json),
            "properties": {"ifc_class": row.ifc_class, "name": row.name},
        }
        for row in rows.only("footprint", "ifc_class", "name", "index").order_by("ifc_class", "index")[:MOST]
        if row.footprint is not None
    ]
    return {"type": "FeatureCollection", "features": features, "left_out": max(0, rows.count() - MOST)}
