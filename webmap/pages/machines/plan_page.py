"""The plan of several cranes (群塔): swing discs, overlaps, forbidden sectors, the check of every pair."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import shapely
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.machines.queries import newest_states, scene_of
from spatial.machines.scene import SiteMachines
from spatial.machines.shapes import Disc
from spatial.places.models import Building, Site
from webmap.access import visible_site
from webmap.live.machines import polygon_of

from .words import pairs_of, short

WIDTH = 900.0
MARGIN = 24.0
SCALE_BARS_M = (5, 10, 20, 50, 100)


@dataclass(frozen=True)
class CraneMark:
    """A crane on the plan: base, disc, jib as it stands now (None: not known), and its label."""

    code: str
    name: str
    x: float
    y: float
    radius: float
    jib: tuple[float, float, float, float] | None
    counter: tuple[float, float, float, float] | None
    words: str


@dataclass(frozen=True)
class CranePlan:
    """What the template draws: pixels, y downwards; `bar` is a scale bar (pixels, metres)."""

    width: float
    height: float
    boundary: str
    buildings: list[str]
    lenses: list[str]
    bans: list[tuple[str, str, float, float]]
    cranes: list[CraneMark]
    bar: tuple[float, int]


class _Sheet:
    """Metres of the site to pixels of the sheet."""

    def __init__(self, bounds: tuple[float, float, float, float]) -> None:
        self.west, south, east, self.north = bounds
        self.scale = (WIDTH - 2 * MARGIN) / max(east - self.west, 20.0)
        self.height = (self.north - south) * self.scale + 2 * MARGIN

    def at(self, x: float, y: float) -> tuple[float, float]:
        return round((x - self.west) * self.scale + MARGIN, 1), round((self.north - y) * self.scale + MARGIN, 1)

    def path(self, shape: BaseGeometry) -> str:
        found = []
        for polygon in getattr(shape, "geoms", [shape]):
            if isinstance(polygon, shapely.Polygon):
                for ring in (polygon.exterior, *polygon.interiors):
                    found.append("M" + "L".join("{} {}".format(*self.at(x, y)) for x, y in ring.coords) + "Z")
        return "".join(found)


@require_GET
def plan_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the plan and the check of every pair; the page prints as one sheet."""
    site, now = visible_site(request.user, code), timezone.now()
    scene = scene_of(site)
    context = {
        "site": site,
        "plan": crane_plan(site, scene, now),
        "pairs": pairs_of(scene),
        "cranes": sorted(scene.cranes.values(), key=lambda crane: crane.code),
        "names": scene.names,
        "made": short(now, site),
        "needed_m": scene.limits.static_gap_m,
    }
    return render(request, "pages/machines_plan.html", context)


def crane_plan(site: Site, scene: SiteMachines, now: Any) -> CranePlan | None:
    """Return the plan of a site's cranes, None where it has none."""
    cranes = sorted(scene.cranes.values(), key=lambda crane: crane.code)
    if not cranes:
        return None
    discs = {crane.machine_id: polygon_of(Disc(crane.x, crane.y, crane.jib_m)) for crane in cranes}
    sheet = _Sheet(shapely.union_all([*discs.values(), *(ban.outline for _, ban in scene.bans)]).bounds)
    states = newest_states(site, scene)
    marks = []
    for crane in cranes:
        state = states[crane.machine_id]
        x, y = sheet.at(crane.x, crane.y)
        jib = counter = None
        if state.pose is not None and state.known(now, scene.limits):
            angle = state.pose.slew_rad
            jib = (x, y, *_tip(sheet, crane.x, crane.y, crane.jib_m, angle))
            counter = (x, y, *_tip(sheet, crane.x, crane.y, -crane.counter_jib_m, angle))
        words = f"R {crane.jib_m:g} m · H {crane.jib_level_m:.1f} m"
        radius = round(crane.jib_m * sheet.scale, 1)
        marks.append(CraneMark(crane.code, scene.names[crane.machine_id], x, y, radius, jib, counter, words))
    lenses = [one.intersection(two) for one, two in combinations(discs.values(), 2)]
    bar = max((m for m in SCALE_BARS_M if m * sheet.scale <= WIDTH / 4), default=SCALE_BARS_M[0])
    return CranePlan(
        width=WIDTH,
        height=round(sheet.height, 1),
        boundary=sheet.path(_shape(site.boundary, scene)) if site.boundary else "",
        buildings=[sheet.path(_shape(row.outline, scene)) for row in _buildings(site)],
        lenses=[sheet.path(lens) for lens in lenses if lens.area > 0],
        bans=[(ban.name, sheet.path(ban.outline), *sheet.at(*ban.outline.centroid.coords[0])) for _, ban in scene.bans],
        cranes=marks,
        bar=(round(bar * sheet.scale, 1), bar),
    )


def _tip(sheet: _Sheet, x: float, y: float, length_m: float, angle: float) -> tuple[float, float]:
    return sheet.at(x + length_m * math.cos(angle), y + length_m * math.sin(angle))


def _buildings(site: Site) -> list[Any]:
    return [row for row in Building.objects.filter(site=site) if row.outline]


def _shape(geometry: Any, scene: SiteMachines) -> BaseGeometry:
    flat = shapely.force_2d(shapely.from_wkb(bytes(geometry.ewkb)))
    return crs.transform_shape(flat, from_srid=crs.STORAGE_SRID, to_srid=scene.projected_srid)
