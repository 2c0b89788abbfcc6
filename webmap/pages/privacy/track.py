"""A person's track as a plan in SVG: the site, its zones, and the line of where they were by what they wore."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely

from spatial import crs
from spatial.devices.models import Device
from spatial.people.models import Person
from spatial.tracks.queries import fixes_between
from spatial.wearing.queries import devices_worn
from spatial.zones.models import Zone
from webmap.pages.people.words import local

WIDTH, MARGIN = 720.0, 16.0
GAP_S = 120.0


@dataclass(frozen=True)
class TrackPlan:
    """What the template draws, and the stays per ten minutes as a table for who cannot see it."""

    width: float
    height: float
    boundary: str
    zones: list[tuple[str, str]]
    lines: list[str]
    count: int
    first: str
    last: str


def track_plan(person: Person, start: datetime, end: datetime) -> TrackPlan:
    """Return where a person was within a period; call `open_track` first."""
    site = person.site
    runs: list[list[tuple[float, float]]] = []
    times: list[datetime] = []
    for device_id, since, until in devices_worn(person, start, end):
        device = Device.objects.get(pk=device_id)
        fixes = [fix for fix in fixes_between(site, since, until, device=device) if fix.plausible]
        times += [fix.fix_time for fix in fixes]
        runs += _runs(fixes)
    shapes = [(zone.code, _metric(zone.outline, site)) for zone in Zone.objects.filter(site=site, active=True)]
    ground = _metric(site.boundary, site) if site.boundary else None
    lines = [shapely.LineString(_project(run, site)) for run in runs if len(run) > 1]
    bounds = shapely.total_bounds([*lines, *([ground] if ground is not None else [shape for _, shape in shapes])])
    frame = _Frame(*bounds)
    return TrackPlan(
        width=frame.width,
        height=frame.height,
        boundary=frame.path(ground) if ground is not None else "",
        zones=[(code, frame.path(shape)) for code, shape in shapes],
        lines=[" ".join(f"{x},{y}" for x, y in (frame.at(*point) for point in line.coords)) for line in lines],
        count=len(times),
        first=local(min(times), site, "%H:%M:%S") if times else "",
        last=local(max(times), site, "%H:%M:%S") if times else "",
    )


def _runs(fixes: list[Any]) -> list[list[tuple[float, float]]]:
    """Split fixes where nothing was heard: no line is drawn over what is not known."""
    runs: list[list[tuple[float, float]]] = []
    last: datetime | None = None
    for fix in fixes:
        if last is None or (fix.fix_time - last).total_seconds() > GAP_S:
            runs.append([])
        runs[-1].append((fix.lon, fix.lat))
        last = fix.fix_time
    return runs


def _project(run: list[tuple[float, float]], site: Any) -> list[tuple[float, float]]:
    move = crs.transformer(crs.STORAGE_SRID, site.projected_srid)
    east, north = move.transform([lon for lon, _ in run], [lat for _, lat in run])
    return list(zip(east, north, strict=True))


def _metric(geometry: Any, site: Any) -> Any:
    shape = shapely.force_2d(shapely.from_wkb(bytes(geometry.wkb)))
    return crs.transform_shape(shape, from_srid=crs.STORAGE_SRID, to_srid=site.projected_srid)


class _Frame:
    """Metres of the site to pixels of the picture."""

    def __init__(self, west: float, south: float, east: float, north: float) -> None:
        if west != west:  # nothing at all to draw
            west = south = 0.0
            east = north = 1.0
        self._west, self._north = west, north
        self._scale = (WIDTH - 2 * MARGIN) / max(east - west, (north - south) * 1.4, 1.0)
        self.width = round((east - west) * self._scale + 2 * MARGIN, 1)
        self.height = round((north - south) * self._scale + 2 * MARGIN, 1)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return round((x - self._west) * self._scale + MARGIN, 1), round((self._north - y) * self._scale + MARGIN, 1)

    def path(self, shape: Any) -> str:
        parts = []
        for polygon in getattr(shape, "geoms", [shape]):
            for ring in [polygon.exterior, *polygon.interiors]:
                parts.append("M" + "L".join(f"{x} {y}" for x, y in (self.at(*xy) for xy in ring.coords)) + "Z")
        return "".join(parts)
