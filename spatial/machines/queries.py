"""Read machines: the register, the compiled geometry of a site, and what is known of each machine at a moment."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import shapely
from django.db.models import Q, QuerySet, Subquery
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.devices.models import Device
from spatial.machines.clearances import PowerLine, Structure, SwingBan
from spatial.machines.cranes import Crane, PairCheck, Pose, static_check
from spatial.machines.geometry import MachineState, Vehicle, Whereabouts
from spatial.machines.limits import Limits, limits, read_limits
from spatial.machines.models import Machine, MachineDevice, MachineLatest, Obstacle, OperationRecord, PitEdge
from spatial.machines.models import SwingBan as SwingBanRow
from spatial.machines.pit_edges import no_vehicle_m
from spatial.machines.rules import Run
from spatial.machines.scene import Pit, SiteMachines
from spatial.notices.models import Event
from spatial.people.models import Role
from spatial.people.queries import roles_on
from spatial.rulebook.machine_limits import TABLE
from spatial.rulebook.models import PackChoice
from spatial.rulebook.queries import EditionMissing, day_at, edition_for, resolved_tables

MAY_KEEP = frozenset({Role.SITE_SAFETY, Role.PROJECT_MANAGER, Role.ENTERPRISE_SAFETY, Role.ENTERPRISE_HEAD})
MAY_RECORD = MAY_KEEP | {Role.WORKER}


def visible(user: Any) -> QuerySet[Machine]:
    """Return the machines on sites that a user may see."""
    return Machine.objects.visible_to(user).select_related("crane", "vehicle", "anchor__storey", "site", "latest")


def may_keep(user: Any, site: Any) -> bool:
    """Return whether a user keeps the machines of a site."""
    return bool(user.is_superuser or roles_on(user, site) & MAY_KEEP)


def may_record(user: Any, site: Any) -> bool:
    """Return whether a user writes down runs and checks of the machines of a site."""
    return bool(user.is_superuser or roles_on(user, site) & MAY_RECORD)


_COMPILED: dict[UUID, tuple[tuple[Any, ...], SiteMachines]] = {}
_CHANGES = ("machine_changed", "zone_changed")


def scene_of(site: Any) -> SiteMachines:
    """Return the machines of a site, compiled anew when an event says that a machine or a zone has changed, when an
    organisation chose other rules, and on a new day."""
    chosen = PackChoice.objects.order_by("-created_at").values("pk")[:1]
    events = Event.objects.filter(site_id=site.pk, kind__in=_CHANGES).order_by("-id")
    newest = events.annotate(chosen=Subquery(chosen)).values_list("id", "chosen").first()
    now = timezone.now()
    version = (newest, site.projected_srid, day_at(site, now))
    held = _COMPILED.get(site.pk)
    if held is None or held[0] != version:
        held = _COMPILED[site.pk] = (version, site_machines(site, limits_of(site, now)))
    return held[1]


def limits_of(site: Any, on: date | datetime) -> Limits:
    """Return the numbers of moving danger that the rule edition of a site has on a day; those that ship where there is
    no edition of that day, or it has none."""
    try:
        tables = resolved_tables(edition_for(site, on=on))
    except EditionMissing:
        return limits()
    return read_limits(tables[TABLE]["content"]) if TABLE in tables else limits()


def site_machines(site: Any, numbers: Limits | None = None) -> SiteMachines:
    """Return the machines of a site with their measures on its plan, compiled anew from the database."""
    srid = site.projected_srid
    numbers = numbers or limits()
    cranes: dict[UUID, Crane] = {}
    vehicles: dict[UUID, Vehicle] = {}
    found = SiteMachines(srid, numbers, cranes, vehicles)
    rows = Machine.objects.filter(site=site, active=True).select_related("crane", "vehicle", "anchor")
    for row in rows.order_by("code"):
        found.names[row.pk] = row.name
        if (crane := compiled_crane(row, srid)) is not None:
            cranes[row.pk] = crane
            found.zeros[row.pk] = (row.crane.slew_zero_deg, row.crane.clockwise)
            found.charts[row.pk] = tuple((r, q) for r, q in row.crane.load_chart)
        elif hasattr(row, "vehicle"):
            vehicles[row.pk] = _vehicle(row)
    found.devices.update(
        MachineDevice.objects.filter(machine__site=site, machine__active=True).values_list("device_id", "machine_id")
    )
    structures, lines = _obstacles(site, srid)
    return replace(found, bans=_bans(site, srid), pits=_pits(site, srid, numbers), structures=structures, lines=lines)


def compiled_crane(row: Machine, srid: int) -> Crane | None:
    """Return a tower crane on the site's plan; None for a machine without crane measures or without a place."""
    if not hasattr(row, "crane") or row.anchor is None:
        return None
    shape, own = row.anchor.geometry, row.crane
    east, north = crs.transform_point(shape.x, shape.y, from_srid=crs.STORAGE_SRID, to_srid=srid)
    return Crane(
        machine_id=row.pk,
        code=row.code,
        x=east,
        y=north,
        base_m=float(shape.z),
        jib_m=own.jib_m,
        counter_jib_m=own.counter_jib_m,
        jib_height_m=own.jib_height_m,
        top_height_m=own.top_height_m,
        counterweight_drop_m=own.counterweight_drop_m,
        hook_gap_m=own.hook_gap_m,
        mast_half_m=own.mast_half_m,
        slew_brake_rad_s2=math.radians(own.slew_brake_deg_s2),
        trolley_brake_m_s2=own.trolley_brake_m_s2,
    )


def _vehicle(row: Machine) -> Vehicle:
    own = row.vehicle
    return Vehicle(row.pk, row.code, own.length_m, own.width_m, own.work_radius_m, own.height_m, own.braking_m_s2)


def _on_plan(shape: Any, srid: int) -> BaseGeometry:
    return crs.transform_shape(shapely.from_wkb(bytes(shape.ewkb)), from_srid=crs.STORAGE_SRID, to_srid=srid)


def _bans(site: Any, srid: int) -> tuple[tuple[UUID | None, SwingBan], ...]:
    rows = SwingBanRow.objects.filter(site=site, active=True).order_by("pk")
    return tuple((row.machine_id, SwingBan(row.pk, row.name, _on_plan(row.outline, srid))) for row in rows)


def _pits(site: Any, srid: int, numbers: Limits) -> tuple[Pit, ...]:
    rows = PitEdge.objects.filter(site=site, zone__active=True).select_related("zone").order_by("pk")
    return tuple(
        Pit(
            row.zone_id,
            row.zone.name,
            _on_plan(row.zone.outline, srid),
            no_vehicle_m(numbers, depth_m=row.depth_m, supported=row.supported),
        )
        for row in rows
    )


def _obstacles(site: Any, srid: int) -> tuple[tuple[Structure, ...], tuple[PowerLine, ...]]:
    structures: list[Structure] = []
    lines: list[PowerLine] = []
    for row in Obstacle.objects.filter(site=site, active=True).order_by("pk"):
        if row.outline is not None:
            bottom = row.bottom_m if row.bottom_m is not None else site.ground_height_m
            structures.append(Structure(row.pk, row.name, _on_plan(row.outline, srid), bottom, float(row.top_m or 0.0)))
        else:
            wire = shapely.get_coordinates(_on_plan(row.wire, srid), include_z=True)
            points = tuple((float(x), float(y), float(z)) for x, y, z in wire)
            lines.append(PowerLine(row.pk, row.name, points, float(row.voltage_kv or 0.0)))
    return tuple(structures), tuple(lines)


def pose_of(motion: dict[str, Any]) -> Pose | None:
    """Return a crane's pose from its stored motion."""
    return Pose(**motion["pose"]) if "pose" in motion else None


def place_of(motion: dict[str, Any]) -> Whereabouts | None:
    """Return a vehicle's whereabouts from its stored motion; a height that is not known is NaN."""
    if "place" not in motion:
        return None
    place = motion["place"]
    return Whereabouts(**{**place, "height_m": math.nan if place["height_m"] is None else place["height_m"]})


def motion_json(state: MachineState) -> dict[str, Any]:
    """Return a machine's pose or whereabouts as they are stored; a height that is not known is null."""
    motion: dict[str, Any] = {}
    if state.pose is not None:
        motion["pose"] = asdict(state.pose)
    if state.place is not None:
        height_m = None if math.isnan(state.place.height_m) else state.place.height_m
        motion["place"] = {**asdict(state.place), "height_m": height_m}
    return motion


def newest_states(site: Any, machines: SiteMachines) -> dict[UUID, MachineState]:
    """Return what is known of every machine of a site, from one look; machines never heard of have no time."""
    known = {row.machine_id: row for row in MachineLatest.objects.filter(site=site)}
    found: dict[UUID, MachineState] = {}
    both: dict[UUID, Crane | Vehicle] = {**machines.cranes, **machines.vehicles}
    for machine_id, machine in both.items():
        row = known.get(machine_id)
        if row is None:
            found[machine_id] = MachineState(machine, None)
        else:
            found[machine_id] = MachineState(machine, row.at, pose_of(row.motion), place_of(row.motion))
    return found


def pair_checks(machines: SiteMachines) -> list[PairCheck]:
    """Return the check on paper of every two cranes of a site, those that fail first."""
    ordered = sorted(machines.cranes.values(), key=lambda crane: crane.code)
    found = [static_check(one, two, machines.limits) for one, two in combinations(ordered, 2)]
    return sorted(found, key=lambda check: (check.met, not check.overlaps, check.one, check.two))


def open_operations(machine_ids: Iterable[UUID]) -> dict[UUID, OperationRecord]:
    """Return the run that is open of each machine."""
    rows = OperationRecord.objects.filter(machine_id__in=list(machine_ids), ended_at__isnull=True)
    return {row.machine_id: row for row in rows.select_related("person")}


def runs_between(machines: Iterable[UUID], since: datetime, until: datetime) -> dict[UUID, Sequence[Run]]:
    """Return who operated machines in a time: they sit in them and are not beside them."""
    rows = OperationRecord.objects.filter(machine_id__in=list(machines), started_at__lte=until)
    rows = rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=since)).order_by("started_at")
    people = {row.person_id for row in rows if row.person_id}
    devices: dict[UUID, set[UUID]] = {}
    for device_id, person_id in Device.objects.filter(person__in=people, active=True).values_list("pk", "person_id"):
        devices.setdefault(person_id, set()).add(device_id)
    found: dict[UUID, list[Run]] = {}
    for row in rows:
        own = frozenset(devices.get(row.person_id, ())) if row.person_id else frozenset()
        found.setdefault(row.machine_id, []).append(Run(row.started_at, row.ended_at, row.verified, own))
    return dict(found)


@dataclass
class Hours:
    """What a machine did in a time: runs, hours, lifts."""

    runs: int = 0
    hours: float = 0.0
    lifts: int = 0


def worked(machines: Iterable[Machine], *, since: datetime, until: datetime) -> dict[UUID, Hours]:
    """Return runs, hours and lifts of machines in a time; a run that is open counts until its end."""
    found: dict[UUID, Hours] = defaultdict(Hours)
    rows = OperationRecord.objects.filter(machine__in=list(machines), started_at__lt=until)
    for row in rows.exclude(ended_at__lte=since):
        spent: timedelta = min(row.ended_at or until, until) - max(row.started_at, since)
        total = found[row.machine_id]
        total.runs += 1
        total.hours += max(0.0, spent.total_seconds() / 3600.0)
        total.lifts += row.lifts
    return found
