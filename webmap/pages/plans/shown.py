"""Plans as pages and the API show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ingest.rasters.affine import read_control_points, residuals_m
from spatial.places.models import Site, SiteDrawing, SiteMap
from spatial.places.queries import plans_of

Plan = SiteMap | SiteDrawing


def plans_shown(site: Site, at: datetime) -> list[dict[str, Any]]:
    """Return a site's plans, newest first; the current one is the newest that is valid at a moment."""
    rows = plans_of(site)
    current = next((row for row in rows if row.valid_from <= at), None)
    return [_shown(row, current is not None and row.pk == current.pk) for row in rows]


def _shown(row: Plan, current: bool) -> dict[str, Any]:
    ring = [(x, y) for x, y, *_ in row.outline.coords[0]]
    picture = isinstance(row, SiteMap)
    return {
        "id": str(row.pk),
        "kind": "picture" if picture else "drawing",
        "name": row.name,
        "url": f"/site-maps/{row.pk}.png" if picture else f"/site-drawings/{row.pk}.geojson",
        "corners": ring[:4],
        "valid_from": row.valid_from,
        "current": current,
        "residual_rms_m": row.residual_rms_m,
    }


def control_points_shown(row: Plan) -> list[dict[str, Any]]:
    """Return the control points of a picture, each with its residual in metres; the worst is marked."""
    if not isinstance(row, SiteMap) or not row.control_points:
        return []
    points = read_control_points(row.control_points)
    residuals = residuals_m(row.affine, points) if len(row.affine) == 6 else []
    worst = max(residuals, default=0.0)
    return [
        {"number": number, "point": point, "residual_m": residual, "worst": residual == worst and worst > 0.005}
        for number, (point, residual) in enumerate(zip(points, residuals, strict=False), start=1)
    ]
