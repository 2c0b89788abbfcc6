"""How the devices of a site stand: cheap facts of all of them to sort and filter by, dear ones for one page only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count

from spatial.devices.expiry_rules import Level
from spatial.devices.health_rules import PRESSING, ClockOffset, State, clock_offset, missing_between, state_of
from spatial.devices.models import Device
from spatial.devices.queries import expiring, refusals
from spatial.places.models import Site

GAPS_LOOKED_AT = 500
REFUSED_SINCE = timedelta(hours=24)
_GAPS = f"""
SELECT wanted.id, min(found.sequence), max(found.sequence), count(found.sequence)
FROM unnest(%s::uuid[], %s::text[]) AS wanted (id, boot),
     LATERAL (SELECT sequence FROM tracks_message
              WHERE device_id = wanted.id AND boot_id = wanted.boot
              ORDER BY sequence DESC LIMIT {GAPS_LOOKED_AT}) AS found
GROUP BY wanted.id
"""
NUMBERED = {Device.Protocol.TWINWALL.value}
"""Protocols whose messages carry running numbers; of the others, missing ones cannot be counted."""


@dataclass(frozen=True)
class Brief:
    """What is known of every device of a site without much work."""

    pk: UUID
    code: str
    name: str
    kind: str
    state: State
    heard_at: datetime | None
    refused: int
    level: Level | None


@dataclass
class Standing:
    """One line of the health page."""

    device: Device
    brief: Brief
    silent_for: timedelta | None
    battery: int | None
    storey: str
    lon: float | None
    lat: float | None
    clock: ClockOffset | None
    missing: int | None
    looked_at: int


@dataclass(frozen=True)
class Asked:
    """What the page was asked to show."""

    words: str = ""
    kind: str = ""
    state: str = ""
    papers: bool = False
    refused: bool = False

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Asked:
        """Return what a query string asks for."""
        return cls(
            given.get("q", "").strip().lower(), given.get("kind", ""), given.get("state", ""),
            "papers" in given, "refused" in given,
        )  # fmt: skip

    def wants(self, brief: Brief) -> bool:
        """Return whether a device is among those asked for; retired ones only when asked for by state."""
        right = brief.state == self.state if self.state else brief.state != "retired"
        return (
            right
            and (not self.kind or brief.kind == self.kind)
            and (not self.papers or brief.level is not None)
            and (not self.refused or brief.refused > 0)
            and self.words in f"{brief.code} {brief.name}".lower()
        )


@dataclass
class SiteHealth:
    """All devices of a site in brief, the most pressing first, with counts by state."""

    briefs: list[Brief]
    counts: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    expired: int = 0
    ending: int = 0


def site_health(site: Site, now: datetime) -> SiteHealth:
    """Return every device of a site in brief. A handful of queries, however many devices there are."""
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    levels: dict[UUID, Level] = {}
    for item in expiring(Device.objects.filter(site=site), today):
        if item.standing.level:
            levels.setdefault(item.row.device_id, item.standing.level)
    since = now - REFUSED_SINCE
    refused = dict(
        refusals(site, since=since).order_by().values_list("device_code").annotate(count=Count("id"))
    )  # fmt: skip
    found = []
    rows = Device.objects.filter(site=site).values_list(
        "pk", "code", "name", "kind", "protocol", "active", "report_interval_s", "sighting__received_at",
        "latest_position__received_at",
    )  # fmt: skip
    for pk, code, name, kind, protocol, active, interval, sighted, positioned in rows:
        heard_at = max((moment for moment in (sighted, positioned) if moment is not None), default=None)
        reports = protocol != Device.Protocol.SILENT and kind != Device.Kind.CAMERA
        state = state_of(in_use=active, reports=reports, heard_at=heard_at, report_interval_s=interval, now=now)
        found.append(Brief(pk, code, name, kind, state, heard_at, refused.get(code, 0), levels.get(pk)))
    found.sort(key=lambda brief: (PRESSING.index(brief.state), -(brief.level.grade if brief.level else 0), brief.code))
    grades = [brief.level for brief in found if brief.level and brief.state != "retired"]
    return SiteHealth(
        found,
        Counter(brief.state for brief in found),
        sum(refused.values()),
        sum(level.level == "expired" for level in grades),
        sum(level.level != "expired" for level in grades),
    )


def standings(briefs: Sequence[Brief], now: datetime) -> list[Standing]:
    """Return the lines of one page: where each was last, battery, clock, missing messages."""
    devices = {
        device.pk: device
        for device in Device.objects.filter(pk__in=[brief.pk for brief in briefs]).select_related(
            "site", "person", "sighting", "latest_position__storey", "anchor__storey"
        )
    }
    gaps = gaps_of(devices.values())
    return [_standing(devices[brief.pk], brief, gaps, now) for brief in briefs if brief.pk in devices]


def gaps_of(devices: Iterable[Device]) -> dict[UUID, tuple[int, int]]:
    """Return, for devices that number their messages, how many of the last ones are missing, and of how many."""
    asked = [
        (device.pk, device.sighting.boot_id)
        for device in devices
        if device.protocol in NUMBERED and hasattr(device, "sighting") and device.sighting.boot_id
    ]
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, [[pk for pk, _boot in asked], [boot for _pk, boot in asked]])
        return {pk: (missing_between(first, last, count), last - first + 1) for pk, first, last, count in cursor}


def _standing(device: Device, brief: Brief, gaps: Mapping[UUID, tuple[int, int]], now: datetime) -> Standing:
    sighting, latest = getattr(device, "sighting", None), getattr(device, "latest_position", None)
    anchor: Any = device.anchor
    battery = sighting.battery_percent if sighting and sighting.battery_percent is not None else None
    if battery is None and latest is not None:
        battery = latest.battery_percent
    point = latest.point if latest is not None else anchor.geometry.centroid if anchor is not None else None
    storey = latest.storey if latest is not None else anchor.storey if anchor is not None else None
    missing, looked_at = gaps.get(device.pk, (None, 0))
    return Standing(
        device=device,
        brief=brief,
        silent_for=now - brief.heard_at if brief.state == "silent" and brief.heard_at else None,
        battery=battery,
        storey=storey.name if storey else "",
        lon=point.x if point is not None else None,
        lat=point.y if point is not None else None,
        clock=clock_offset(sighting.delays_ms) if sighting else None,
        missing=missing,
        looked_at=looked_at,
    )
