"""Shapes for the maps of these pages: simplified to what a screen shows, as GeoJSON with words and states."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from ingest.vectors.places.plan import Plan
from ingest.vectors.places.stored import shape_of

MOST: Final = 3000
STEPS_ACROSS: Final = 1500  # a screen's width in pixels


def collection(shapes: Iterable[tuple[BaseGeometry, dict[str, Any]]]) -> dict[str, Any]:
    """Return a FeatureCollection of shapes in EPSG:4490, without corners that no screen would show."""
    given = [(shape, properties) for shape, properties in shapes if not shape.is_empty][:MOST]
    if not given:
        return {"type": "FeatureCollection", "features": []}
    west, south, east, north = shapely.total_bounds([shape for shape, _ in given])
    step = max(east - west, north - south) / STEPS_ACROSS
    features = []
    for shape, properties in given:
        thin = shapely.simplify(shape, step) if shape.geom_type != "Point" else shape
        drawn = json.loads(shapely.to_geojson(thin if not thin.is_empty else shape))
        features.append({"type": "Feature", "properties": properties, "geometry": drawn})
    return {"type": "FeatureCollection", "features": features}


def preview_shapes(plan: Plan) -> dict[str, Any]:
    """Return what would be placed, and for what moves also where it is now."""
    found: list[tuple[BaseGeometry, dict[str, Any]]] = []
    for step in plan.steps:
        if step.draft.shape is None:
            continue
        found.append((step.draft.shape, {"name": step.name, "state": step.state}))
        if any(change.field == "geometry" for change in step.changes):
            before = shape_of(getattr(step.existing, "boundary", None) or getattr(step.existing, "outline", None))
            if before is not None:
                found.append((before, {"name": step.name, "state": "before"}))
    return collection(found)
