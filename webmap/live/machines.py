"""Where the machines of a site are and what they make dangerous, now or at a past moment, as pages draw it.

Places are degrees in EPSG:4490. A crane is sent as its pose (angle anti-clockwise from true east, so that pages need no
projection), its zones as rings. A machine that is silent says so; its zone is then all that it could reach.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import combinations
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from ninja import Schema
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.machines.cranes import Crane
from spatial.machines.geometry import MachineState, MovingZone, moving_zones
from spatial.machines.limits import LEVELS
from spatial.machines.loads import load_use
from spatial.machines.models import Machine, Watch
from spatial.machines.past import levels_at, states_at
from spatial.machines.pit_edges import edge_rings
from spatial.machines.queries import newest_states, scene_of
from spatial.machines.scene import SiteMachines
from spatial.machines.shapes import Capsule, Disc, PlanShape, Sector
from spatial.places.models import Site

Ring = list[tuple[float, float]]
QUARTER = 12
HATCH_M = 4.0


class ZoneOut(Schema):
    """A moving zone: its kind, its ring, its heights, and whether its place is known."""

    kind: str
    ring: Ring
    bottom: float | None
    top: float | None
    known: bool


class MachineOut(Schema):
    """A machine now: `state` is live, silent or never; `t` epoch milliseconds of its newest state."""

    id: UUID
    code: str
    name: str
    kind: str
    state: str
    t: int | None
    level: str
    lon: float | None
    lat: float | None
    h: float | None
    crane: dict[str, float] | None = None
    slew_deg: float | None = None
    trolley_m: float | None = None
    hook_m: float | None = None
    load_t: float | None = None
    rated_t: float | None = None
    moment_percent: float | None = None
    heading_deg: float | None = None
    speed_m_s: float | None = None
    length_m: float | None = None
    width_m: float | None = None
    zones: list[ZoneOut] = []


class GroundOut(Schema):
    """What stands: overlaps of swing discs, forbidden sectors, and the rings of pits."""

    overlaps: list[dict[str, Any]]
    bans: list[dict[str, Any]]
    edges: list[dict[str, Any]]


class MachinesOut(Schema):
    items: list[MachineOut]
    ground: GroundOut


def machines_of(site_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, list[MachineOut]]:
    """Return the machines of sites as they are now; sites without machines are left out."""
    found: dict[UUID, list[MachineOut]] = {}
    for site in _with_machines(site_ids):
        scene = scene_of(site)
        found[site.pk] = _outs(site, scene, newest_states(site, scene), now, _levels_now(site))
    return found


def _with_machines(site_ids: Iterable[UUID]) -> list[Site]:
    own = Machine.objects.filter(active=True, site__in=list(site_ids)).values("site")
    return list(Site.objects.filter(pk__in=own))


def _levels_now(site: Site) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for machine_id, state in Watch.objects.filter(machine__site=site, raised=True).values_list("machine_id", "state"):
        found[machine_id] = max(found.get(machine_id, state["level"]), state["level"], key=LEVELS.index)
    return found


def machines_at(site: Site, at: datetime) -> list[MachineOut]:
    """Return the machines of a site as they were at a past moment."""
    scene, states = states_at(site, at)
    return _outs(site, scene, states, at, levels_at(site, at))


def _outs(
    site: Site, scene: SiteMachines, states: Mapping[UUID, MachineState], at: datetime, levels: Mapping[UUID, str]
) -> list[MachineOut]:
    zones: dict[UUID, list[MovingZone]] = {}
    ground = dict.fromkeys(scene.cranes, site.ground_height_m)
    for zone in moving_zones(states.values(), at, scene.limits, ground_m=ground):
        zones.setdefault(zone.machine_id, []).append(zone)
    rows = Machine.objects.filter(site=site, active=True).select_related("site").order_by("code")
    facts = {row.pk: row for row in rows if row.pk in states}
    return [
        _out(scene, facts[machine_id], state, at, zones.get(machine_id, []), levels.get(machine_id, ""))
        for machine_id, state in sorted(
            states.items(), key=lambda item: facts[item[0]].code if item[0] in facts else ""
        )
        if machine_id in facts
    ]


def _out(
    scene: SiteMachines, row: Machine, state: MachineState, at: datetime, zones: list[MovingZone], level: str
) -> MachineOut:
    known = state.known(at, scene.limits)
    out = MachineOut(
        id=row.pk,
        code=row.code,
        name=row.name,
        kind=row.kind,
        state="live" if known else "never" if state.at is None else "silent",
        t=int(state.at.timestamp() * 1000) if state.at else None,
        level=level,
        lon=None,
        lat=None,
        h=None,
        zones=[_zone_out(scene, zone) for zone in zones],
    )
    if isinstance(state.machine, Crane):
        _crane_out(out, scene, state.machine, state)
    elif state.place is not None:
        out.lon, out.lat = _degrees(scene, state.place.x, state.place.y)
        out.h = row.site.ground_height_m if math.isnan(state.place.height_m) else state.place.height_m
        out.speed_m_s = round(state.place.speed_m_s, 2)
        out.length_m, out.width_m = state.machine.length_m, state.machine.width_m
        if state.place.heading_rad is not None:
            out.heading_deg = _true_angle(scene, state.place.x, state.place.y, state.place.heading_rad)
    return out


def _crane_out(out: MachineOut, scene: SiteMachines, crane: Crane, state: MachineState) -> None:
    out.lon, out.lat = _degrees(scene, crane.x, crane.y)
    out.h = crane.base_m
    names = ("jib_m", "counter_jib_m", "jib_height_m", "top_height_m", "counterweight_drop_m", "mast_half_m")
    out.crane = {name: getattr(crane, name) for name in names}
    if state.pose is None:
        return
    pose, used = state.pose, load_use(scene.charts.get(crane.machine_id, ()), state.pose.trolley_m, state.pose.load_t)
    out.slew_deg = _true_angle(scene, crane.x, crane.y, pose.slew_rad)
    out.trolley_m, out.hook_m, out.load_t = round(pose.trolley_m, 2), round(pose.hook_m, 2), round(pose.load_t, 2)
    out.rated_t = None if used.rated_t is None else round(used.rated_t, 2)
    out.moment_percent = None if used.moment_percent is None else round(used.moment_percent, 1)


def _degrees(scene: SiteMachines, x: float, y: float) -> tuple[float, float]:
    lon, lat = crs.transform_point(x, y, from_srid=scene.projected_srid, to_srid=crs.STORAGE_SRID)
    return round(lon, 9), round(lat, 9)


def _true_angle(scene: SiteMachines, x: float, y: float, angle_rad: float) -> float:
    """Return a direction from map east as one from true east, degrees: a grid's east is turned by its convergence."""
    lon, lat = _degrees(scene, x, y)
    turned = crs.grid_factors(lon, lat, scene.projected_srid).convergence_deg
    return round((math.degrees(angle_rad) - turned) % 360.0, 3)


def polygon_of(shape: PlanShape) -> shapely.Polygon:
    """Return a plan shape as a polygon to draw."""
    if isinstance(shape, Disc):
        return shapely.Point(shape.x, shape.y).buffer(shape.radius_m, quad_segs=QUARTER)
    if isinstance(shape, Capsule):
        return shapely.LineString([(shape.x0, shape.y0), (shape.x1, shape.y1)]).buffer(
            shape.radius_m, quad_segs=QUARTER
        )
    return _sector(shape)


def _sector(shape: Sector) -> shapely.Polygon:
    angles = shape.start_rad + np.linspace(0.0, shape.sweep_rad, max(3, int(shape.sweep_rad / 0.1) + 2))
    outer = [(shape.x + shape.outer_m * math.cos(a), shape.y + shape.outer_m * math.sin(a)) for a in angles]
    inner = [(shape.x + shape.inner_m * math.cos(a), shape.y + shape.inner_m * math.sin(a)) for a in angles[::-1]]
    return shapely.Polygon(outer + inner)


def _zone_out(scene: SiteMachines, zone: MovingZone) -> ZoneOut:
    ring = _ring(scene, polygon_of(zone.shape))
    return ZoneOut(kind=zone.kind, ring=ring, bottom=zone.bottom_m, top=zone.top_m, known=zone.known)


def _ring(scene: SiteMachines, polygon: BaseGeometry) -> Ring:
    """Return the outer ring of a polygon in degrees."""
    return _line(scene, polygon.exterior if isinstance(polygon, shapely.Polygon) else polygon)


def _line(scene: SiteMachines, line: BaseGeometry) -> Ring:
    """Return the points of a line in degrees."""
    x, y = shapely.get_coordinates(line).T
    lon, lat = crs.transformer(scene.projected_srid, crs.STORAGE_SRID).transform(x, y)
    return [(round(float(a), 7), round(float(b), 7)) for a, b in zip(lon, lat, strict=True)]


def ground_of(site: Site) -> GroundOut:
    """Return what does not move of a site's moving danger: overlaps, forbidden sectors, edge rings of pits."""
    scene = scene_of(site)
    discs = [polygon_of(Disc(crane.x, crane.y, crane.jib_m)) for crane in scene.cranes.values()]
    shared = [one.intersection(two) for one, two in combinations(discs, 2)]
    edges = []
    for pit in scene.pits:
        for ring in edge_rings(pit.outline, scene.limits, depth_m=None, supported=True):
            for part in getattr(ring.shape, "geoms", [ring.shape]):
                if not isinstance(part, shapely.Polygon):
                    continue
                hole = _line(scene, part.interiors[0]) if part.interiors else []
                edges.append({"kind": ring.kind, "name": pit.name, "ring": _ring(scene, part), "hole": hole})
    return GroundOut(
        overlaps=[
            {"ring": _ring(scene, lens), "hatch": _hatch(scene, lens)}
            for lens in shared
            if isinstance(lens, shapely.Polygon) and lens.area > 0
        ],
        bans=[{"name": ban.name, "ring": _ring(scene, ban.outline)} for _, ban in scene.bans],
        edges=edges,
    )


def _hatch(scene: SiteMachines, lens: shapely.Polygon) -> list[Ring]:
    """Return slanting lines across an overlap, so that it is told by more than a colour."""
    west, south, east, north = lens.bounds
    high = north - south
    lines = [
        shapely.LineString([(x, south), (x + high, north)]) for x in np.arange(west - high + HATCH_M, east, HATCH_M)
    ]
    cut = (lens.intersection(line) for line in lines)
    return [_line(scene, line) for line in cut if isinstance(line, shapely.LineString) and line.length > 0]
