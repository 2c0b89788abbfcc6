"""The plan of a walk as SVG: the site, its zones, and the numbered stops in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from spatial import crs
from spatial.patrols.models import PatrolStop
from spatial.places.models import Site
from spatial.zones.models import Zone

WIDTH = 640.0
MARGIN = 26.0
LEAST_SPAN_M = 30.0


@dataclass(frozen=True)
class Mark:
    """A numbered stop on the plan."""

    number: int
    x: float
    y: float
    stop: PatrolStop


@dataclass(frozen=True)
class WalkPlan:
    """What the template draws: sizes in pixels, y downwards."""

    width: float
    height: float
    boundary: str
    zones: list[str]
    line: str
    marks: list[Mark]


def _shape(geometry: Any, srid: int) -> Any:
    flat = shapely.force_2d(shapely.from_wkb(bytes(geometry.ewkb)))
    return crs.transform_shape(flat, from_srid=crs.STORAGE_SRID, to_srid=srid)


class _Frame:
    """Metres of the site to pixels of the picture."""

    def __init__(self, points: Sequence[Any]) -> None:
        xs, ys = [p.x for p in points], [p.y for p in points]
        self.west, self.north = min(xs), max(ys)
        width, height = max(max(xs) - self.west, LEAST_SPAN_M), max(self.north - min(ys), LEAST_SPAN_M / 2)
        self.scale = (WIDTH - 2 * MARGIN) / max(width, height * 1.2)
        self.width, self.height = width * self.scale + 2 * MARGIN, height * self.scale + 2 * MARGIN

    def at(self, x: float, y: float) -> tuple[float, float]:
        return (
            round((x - self.west) * self.scale + MARGIN, 1),
            round((self.north - y) * self.scale + MARGIN, 1),
        )

    def path(self, shape: Any) -> str:
        parts = []
        for polygon in getattr(shape, "geoms", [shape]):
            for ring in [polygon.exterior, *polygon.interiors]:
                corners = [self.at(x, y) for x, y in ring.coords]
                parts.append("M" + "L".join(f"{x} {y}" for x, y in corners) + "Z")
        return "".join(parts)


def walk_plan(site: Site, stops: Sequence[PatrolStop]) -> WalkPlan | None:
    """Return the plan of these stops in their order, or None where there is none."""
    if not stops:
        return None
    srid = site.projected_srid
    points = [_shape(stop.risk_point.anchor.geometry, srid).centroid for stop in stops]
    frame = _Frame(points)
    spots = [frame.at(point.x, point.y) for point in points]
    zones = Zone.objects.filter(site=site, active=True).only("outline")
    return WalkPlan(
        width=round(frame.width, 1),
        height=round(frame.height, 1),
        boundary=frame.path(_shape(site.boundary, srid)) if site.boundary else "",
        zones=[frame.path(_shape(zone.outline, srid)) for zone in zones],
        line=" ".join(f"{x},{y}" for x, y in spots),
        marks=[Mark(stop.position, x, y, stop) for stop, (x, y) in zip(stops, spots, strict=True)],
    )
