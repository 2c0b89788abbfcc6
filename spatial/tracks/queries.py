"""Where devices are and were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from spatial.devices.models import Device
from spatial.devices.rules import is_stale
from spatial.tracks.models import LatestPosition, Position


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


def locked_latest(device_ids: Iterable[UUID]) -> dict[UUID, LatestPosition]:
    """Return the newest fixes of devices, locked until the transaction ends."""
    rows = LatestPosition.objects.select_for_update().filter(device_id__in=list(device_ids)).order_by("device_id")
    return {row.device_id: row for row in rows}


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
