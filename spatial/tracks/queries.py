"""Where devices are and were."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from spatial.devices.models import Device
from spatial.devices.rules import is_stale
from spatial.tracks.models import LatestPosition, Position


class StoredFix(NamedTuple):
    """A fix as it was stored, from a row or from a folded track segment."""

    device_id: UUID
    fix_time: datetime
    received_at: datetime
    lon: float
    lat: float
    height_m: float
    accuracy_m: float
    source: str
    plausible: bool


@dataclass(frozen=True)
class DeviceHealth:
    """When a device was last heard of and where it was last: `silent` by packet, `stale` by its newest fix."""

    device: Device
    last_packet_at: datetime | None
    last_fix_at: datetime | None
    battery_percent: int | None
    silent: bool
    stale: bool


def latest_positions(site: Any) -> QuerySet[LatestPosition]:
    """Return the newest fix of each device in use on a site, with device and wearer."""
    rows = LatestPosition.objects.filter(site=site, device__active=True)
    return rows.select_related("device", "device__person", "storey").order_by("device__code")


@dataclass(frozen=True, slots=True)
class HeldFix:
    """A device's newest fix as the way of a message needs it; `doubted` as it was stored."""

    fix_time: datetime
    lon: float
    lat: float
    height_m: float
    accuracy_m: float
    doubted: dict[str, Any] | None


def locked_latest(device_ids: Iterable[UUID]) -> dict[UUID, HeldFix]:
    """Return the newest fixes of devices, locked until the transaction ends.

    Of a device that has none the device itself is locked, so that no two can find it new at once.
    """
    wanted = list(device_ids)
    found = _lock_latest(wanted)
    if new := [device_id for device_id in wanted if device_id not in found]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM devices_device WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [new])
        found |= _lock_latest(new)
    return found


def _lock_latest(device_ids: list[UUID]) -> dict[UUID, HeldFix]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT device_id, fix_time, ST_X(point), ST_Y(point), ST_Z(point), accuracy_m, doubted "
            "FROM tracks_latestposition WHERE device_id = ANY(%s) ORDER BY device_id FOR UPDATE",
            [device_ids],
        )
        rows = cursor.fetchall()
    return {
        row[0]: HeldFix(
            row[1], row[2], row[3], row[4], row[5], json.loads(row[6]) if isinstance(row[6], str) else row[6]
        )
        for row in rows
    }


def fixes_between(site: Any, start: datetime, end: datetime, *, device: Any | None = None) -> list[StoredFix]:
    """Return the fixes of a site (or of one device) with start <= fix time < end, in event order.

    Rows and folded track segments are read alike; implausible fixes are there, and marked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM tracks_fixes(%s, %s, %s, %s) ORDER BY fix_time, device_id",
            [site.pk, start, end, device.pk if device is not None else None],
        )
        return [StoredFix(*row) for row in cursor.fetchall()]


def positions_between(site: Any, start: datetime, end: datetime) -> QuerySet[Position]:
    """Return the plausible positions of a site with start <= fix time < end, in event order."""
    rows = Position.objects.filter(site=site, fix_time__gte=start, fix_time__lt=end, plausible=True)
    return rows.order_by("fix_time")


def device_health(site: Any, *, now: datetime) -> list[DeviceHealth]:
    """Return the health of each device in use on a site at `now`, by code."""
    latest = {row.device_id: row for row in LatestPosition.objects.filter(site=site)}
    devices = Device.objects.filter(site=site, active=True).select_related("person").order_by("code")
    return [_health(device, latest.get(device.pk), now) for device in devices]


def _health(device: Device, row: LatestPosition | None, now: datetime) -> DeviceHealth:
    packet = row.received_at if row else None
    fix = row.fix_time if row else None
    return DeviceHealth(
        device=device,
        last_packet_at=packet,
        last_fix_at=fix,
        battery_percent=row.battery_percent if row else None,
        silent=is_stale(packet, device.report_interval_s, now),
        stale=is_stale(fix, device.report_interval_s, now),
    )
