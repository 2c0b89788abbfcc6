"""The fences of a site, compiled and kept by their version; who is inside; what happened at them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.db.models import QuerySet

from spatial import crs
from spatial.devices.models import Device
from spatial.devices.rules import is_stale
from spatial.fences import shapes
from spatial.fences.memory import fix_from_json, state_from_json
from spatial.fences.models import FenceEvent, FenceMemory, FenceProfile, FenceVersion, Presence
from spatial.fences.permissions import Permissions, breaches
from spatial.fences.recording import DeviceFinding, rule_of
from spatial.fences.rules import Finding, ZoneState
from spatial.fences.schedules import read_schedule
from spatial.fences.zone_index import FenceZone, ZoneIndex
from spatial.permits.queries import facts_of_people
from spatial.places.models import Storey
from spatial.rulebook.queries import followed_table
from spatial.rulebook.tenant_numbers import FENCE_DEFAULTS, shipped
from spatial.tracks.models import LatestPosition

if TYPE_CHECKING:
    from spatial.fences.compiled_index import CompiledIndex

ASKS_WHO = frozenset({"entered", "approaching"})


@dataclass(frozen=True)
class FenceFacts:
    """What an alarm needs to know of a fenced zone."""

    zone_id: UUID
    zone_name: str
    permissions: Permissions
    person_limit: int | None = None
    lone_forbidden: bool = False
    times: Mapping[str, float] | None = None


@dataclass(frozen=True)
class SiteFences:
    """The fences of one site in its projected CRS, and its storeys.

    `index` answers for single fixes; `compiled` for columns of them, and is made (and numba loaded) on first use.
    """

    version: int
    projected_srid: int
    index: ZoneIndex
    facts: dict[UUID, FenceFacts]
    storeys: tuple[Storey, ...]

    @cached_property
    def compiled(self) -> CompiledIndex:
        """The zones as machine code sees them."""
        from spatial.fences.compiled_index import CompiledIndex

        return CompiledIndex(self.index.zones)


_COMPILED: dict[UUID, SiteFences] = {}


def site_fences(site: Any) -> SiteFences:
    """Return the compiled fences of a site; compiled anew when anything that decides them has changed."""
    version = FenceVersion.objects.filter(site_id=site.pk).values_list("version", flat=True).first() or 0
    held = _COMPILED.get(site.pk)
    if held is None or held.version != version or held.projected_srid != site.projected_srid:
        held = _COMPILED[site.pk] = _compile(site, version)
    return held


def compiled_fences(site: Any) -> SiteFences:
    """Return the fences last compiled for a site, without asking whether they changed since."""
    return _COMPILED.get(site.pk) or site_fences(site)


def _compile(site: Any, version: int) -> SiteFences:
    profiles = FenceProfile.objects.filter(site=site, active=True, zone__active=True)
    profiles = profiles.select_related("zone", "storey", "storey__building")
    reshaped = _reshaped_at(site)
    zones: list[FenceZone] = []
    facts: dict[UUID, FenceFacts] = {}
    for profile in profiles.prefetch_related("allowed", "teams", "zone__storeys").order_by("zone_id"):
        zones.append(_fence_zone(profile, site, reshaped.get(profile.zone_id)))
        facts[profile.zone_id] = _facts(profile)
    storeys = tuple(Storey.objects.filter(site=site))
    return SiteFences(version, site.projected_srid, ZoneIndex(zones), facts, storeys)


def starting_table(site: Any, on: datetime) -> Mapping[str, Any]:
    """Return the table of what a new fence of a site starts with on a day; the one that ships where there is none."""
    return followed_table(site, FENCE_DEFAULTS, on=on) or shipped(FENCE_DEFAULTS)


def _reshaped_at(site: Any) -> dict[UUID, datetime]:
    """Return when zones of a site last changed their outline, heights or use, for those that ever did."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.zone_id, max(f.known_to) FROM zones_formerzone f JOIN zones_zone z ON z.id = f.zone_id "
            "WHERE f.site_id = %s AND (NOT f.active OR f.outline IS DISTINCT FROM z.outline "
            "OR f.bottom_m IS DISTINCT FROM z.bottom_m OR f.top_m IS DISTINCT FROM z.top_m) GROUP BY f.zone_id",
            [site.pk],
        )
        return dict(cursor.fetchall())


def _facts(profile: FenceProfile) -> FenceFacts:
    permissions = Permissions(
        open_to_all=profile.admission == FenceProfile.Admission.ANYBODY,
        rule=profile.rule,
        persons=frozenset(person.pk for person in profile.allowed.all()),
        trades=frozenset(profile.trades),
        teams=frozenset(team.pk for team in profile.teams.all()),
        certificates=tuple(profile.certificates),
        needs_briefing=profile.needs_briefing,
        needs_permit=profile.needs_permit,
    )
    return FenceFacts(
        zone_id=profile.zone_id,
        zone_name=profile.zone.name,
        permissions=permissions,
        person_limit=profile.person_limit,
        lone_forbidden=profile.lone_forbidden,
        times={name: getattr(profile, name) for name in ("crowded_after_s", "uncrowded_after_s", "alone_after_s")},
    )


def _fence_zone(profile: FenceProfile, site: Any, reshaped_at: datetime | None) -> FenceZone:
    zone = profile.zone
    storeys = [profile.storey] if profile.storey else list(zone.storeys.all())
    bounds = (None, None) if profile.storey else (zone.bottom_m, zone.top_m)
    bottom_m, top_m = shapes.height_range(*bounds, [(storey.elevation_m, storey.top_m) for storey in storeys])
    changes = [at for at in (profile.revised_at, reshaped_at) if at is not None]
    return FenceZone(
        zone_id=zone.pk,
        outline=plan_shape(profile, site.projected_srid),
        bottom_m=bottom_m,
        top_m=top_m,
        enter_fixes=profile.enter_fixes,
        leave_fixes=profile.leave_fixes,
        enter_probability=profile.enter_probability,
        leave_probability=profile.leave_probability,
        approach_m=profile.approach_m,
        dwell_s=profile.dwell_s,
        receded_beyond_m=profile.receded_beyond_m,
        schedule=read_schedule(profile.schedule, site.time_zone),
        valid_from=max(changes) if changes else None,
    )


def plan_shape(profile: FenceProfile, projected_srid: int) -> shapely.Geometry:
    """Return the plan geometry of a fence in the site's projected CRS."""
    if profile.shape == FenceProfile.Shape.CIRCLE and profile.centre and profile.radius_m:
        centre = _on_plan(profile.centre, projected_srid)
        return shapes.circle(shapely.get_x(centre), shapely.get_y(centre), profile.radius_m)
    if profile.shape == FenceProfile.Shape.CORRIDOR and profile.path and profile.width_m:
        return shapes.corridor(_on_plan(profile.path, projected_srid), profile.width_m)
    if profile.storey and profile.storey.building.outline:
        return _on_plan(profile.storey.building.outline, projected_srid)
    return _on_plan(profile.zone.outline, projected_srid)


def _on_plan(geometry: GEOSGeometry, projected_srid: int) -> shapely.Geometry:
    shape = shapely.from_wkb(bytes(geometry.wkb))
    return crs.transform_shape(shape, from_srid=crs.STORAGE_SRID, to_srid=projected_srid)


def judged(found: Iterable[tuple[Device, Finding, datetime]], fences: Mapping[UUID, SiteFences]) -> list[DeviceFinding]:
    """Return findings (device, finding, received at) with the rules that they break, by who wears the device."""
    rows = list(found)
    asked: dict[tuple[Any, datetime], set[UUID]] = defaultdict(set)
    for device, finding, _ in rows:
        if finding.kind in ASKS_WHO and device.person_id is not None and finding.zone_id in _of(device, fences):
            asked[(device.site, finding.fix.fix_time)].add(device.person_id)
    facts = {
        (person_id, at): known
        for (site, at), person_ids in asked.items()
        for person_id, known in facts_of_people(site, at, person_ids).items()
    }
    judged_rows = []
    for device, finding, received_at in rows:
        fence, at = _of(device, fences).get(finding.zone_id), finding.fix.fix_time
        broken: tuple[str, ...] = ()
        if fence is not None and finding.kind in ASKS_WHO:
            person = facts.get((device.person_id, at)) if device.person_id else None
            broken = breaches(fence.permissions, finding.zone_id, person, at)
        rule = "" if finding.kind == "approaching" and not broken else rule_of(finding, broken)
        judged_rows.append(DeviceFinding(device, finding, received_at, rule, broken))
    return judged_rows


def _of(device: Device, fences: Mapping[UUID, SiteFences]) -> dict[UUID, FenceFacts]:
    return fences[device.site_id].facts if device.site_id in fences else {}


def zone_states(device_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, ZoneState]]:
    """Return the engine's memory of devices: by device, by zone."""
    states: dict[UUID, dict[UUID, ZoneState]] = defaultdict(dict)
    for row in Presence.objects.filter(device_id__in=list(device_ids)):
        states[row.device_id][row.zone_id] = state_from_json(row.inside, row.since, row.state)
    return states


def devices_at_fences() -> set[UUID]:
    """Return the devices that are inside a fenced zone or on the way in; their fixes must not wait."""
    rows = Presence.objects.exclude(inside=False, state={"run": 0})
    return set(rows.values_list("device_id", flat=True))


def people_inside(zone: Any, *, now: datetime) -> list[Presence]:
    """Return who is inside a fenced zone by a fix that is not stale at `now` (spec 07, 7.2 headcount).

    Also who is off shift, whose place is not kept; `tracked` says of whom it is.
    """
    rows = list(Presence.objects.filter(zone=zone, inside=True, device__active=True).select_related("device__person"))
    last = last_fixes([row.device_id for row in rows])
    kept = dict(LatestPosition.objects.filter(device__in=list(last)).values_list("device_id", "fix_time"))
    for row in rows:
        row.tracked = kept.get(row.device_id) == last.get(row.device_id)  # type: ignore[attr-defined]
    return [row for row in rows if not is_stale(last.get(row.device_id), row.device.report_interval_s, now)]


def last_fixes(device_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return the time of the newest fix of devices: of the open record, or of the engine's memory where that is newer,
    because a place off shift is not kept."""
    last = dict(LatestPosition.objects.filter(device__in=device_ids).values_list("device_id", "fix_time"))
    for memory in FenceMemory.objects.filter(device__in=device_ids):
        fix = fix_from_json(memory.last)
        if fix is not None and (memory.device_id not in last or last[memory.device_id] < fix.fix_time):
            last[memory.device_id] = fix.fix_time
    return last


def fence_events(site: Any) -> QuerySet[FenceEvent]:
    """Return the entries and exits of a site, newest event first."""
    return FenceEvent.objects.filter(site=site).select_related("device", "zone").order_by("-fix_time")
