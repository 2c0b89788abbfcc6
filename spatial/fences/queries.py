"""The fences of a site, compiled and kept by their version; who is inside; entries and exits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import shapely
from django.db.models import QuerySet

from spatial import crs
from spatial.devices.rules import is_stale
from spatial.fences.models import FenceEvent, FenceProfile, FenceVersion, Presence
from spatial.fences.rules import ZoneState
from spatial.fences.zone_index import FenceZone, ZoneIndex
from spatial.places.models import Storey


@dataclass(frozen=True)
class FenceFacts:
    """What an alarm needs to know of a fenced zone."""

    zone_id: UUID
    zone_name: str
    rule: str
    allowed: frozenset[UUID]


@dataclass(frozen=True)
class SiteFences:
    """The compiled fences of one site, in its projected CRS, and its storeys."""

    version: int
    projected_srid: int
    index: ZoneIndex
    facts: dict[UUID, FenceFacts]
    storeys: tuple[Storey, ...]


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
    zones: list[FenceZone] = []
    facts: dict[UUID, FenceFacts] = {}
    for profile in profiles.select_related("zone").prefetch_related("allowed", "zone__storeys").order_by("zone_id"):
        zones.append(_fence_zone(profile, site.projected_srid))
        allowed = frozenset(person.pk for person in profile.allowed.all())
        facts[profile.zone_id] = FenceFacts(profile.zone_id, profile.zone.name, profile.rule, allowed)
    storeys = tuple(Storey.objects.filter(site=site))
    return SiteFences(version, site.projected_srid, ZoneIndex(zones), facts, storeys)


def _fence_zone(profile: FenceProfile, projected_srid: int) -> FenceZone:
    zone = profile.zone
    outline = shapely.from_wkb(bytes(zone.outline.wkb))
    bottom_m, top_m = zone.bottom_m, zone.top_m
    storeys = list(zone.storeys.all())
    if storeys and bottom_m is None:
        bottom_m = min(storey.elevation_m for storey in storeys)
    if storeys and top_m is None and all(storey.top_m is not None for storey in storeys):
        top_m = max(storey.top_m for storey in storeys if storey.top_m is not None)
    return FenceZone(
        zone_id=zone.pk,
        outline=crs.transform_shape(outline, from_srid=crs.STORAGE_SRID, to_srid=projected_srid),
        bottom_m=bottom_m,
        top_m=top_m,
        enter_fixes=profile.enter_fixes,
        leave_fixes=profile.leave_fixes,
        enter_probability=profile.enter_probability,
        leave_probability=profile.leave_probability,
    )


def zone_states(device_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, ZoneState]]:
    """Return the engine's memory of devices: by device, by zone."""
    states: dict[UUID, dict[UUID, ZoneState]] = defaultdict(dict)
    for row in Presence.objects.filter(device_id__in=list(device_ids)):
        states[row.device_id][row.zone_id] = ZoneState(row.inside, int(row.state.get("run", 0)), row.since)
    return states


def devices_at_fences() -> set[UUID]:
    """Return the devices that are inside a fenced zone or on the way in; their fixes must not wait."""
    rows = Presence.objects.exclude(inside=False, state__run=0)
    return set(rows.values_list("device_id", flat=True))


def people_inside(zone: Any, *, now: datetime) -> list[Presence]:
    """Return who is inside a fenced zone by a fix that is not stale at `now` (spec 07, 7.2 headcount)."""
    rows = Presence.objects.filter(zone=zone, inside=True, device__active=True)
    rows = rows.select_related("device", "device__person", "device__latest_position")
    return [row for row in rows if not is_stale(row.device.latest_position.fix_time, row.device.report_interval_s, now)]


def fence_events(site: Any) -> QuerySet[FenceEvent]:
    """Return the entries and exits of a site, newest event first."""
    return FenceEvent.objects.filter(site=site).select_related("device", "zone").order_by("-fix_time")
