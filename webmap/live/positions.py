"""Where the devices of a site are now, from the newest fix of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from spatial.devices.rules import is_stale
from spatial.fences.models import Presence
from spatial.tracks.models import LatestPosition

from .machines import machines_of
from .naming import stand_in_of
from .payloads import PositionOut, Positions

FORGOTTEN_AFTER = timedelta(hours=12)


def positions_of(sites: Iterable[Any], *, now: datetime, named: bool) -> dict[UUID, Positions]:
    """Return the newest position of every device in use, per site id; none older than twelve hours.

    Not `named`, people are their trades.
    """
    found, stand_ins = positions_and_stand_ins(sites, now=now)
    return found if named else {site_id: nameless(items, stand_ins) for site_id, items in found.items()}


def nameless(positions: Positions, stand_ins: Mapping[UUID, str]) -> Positions:
    """Return positions without the names of people."""
    items = [item.model_copy(update={"name": stand_ins[item.id]}) for item in positions.items]
    return Positions(items=items, machines=positions.machines)


def positions_and_stand_ins(sites: Iterable[Any], *, now: datetime) -> tuple[dict[UUID, Positions], dict[UUID, str]]:
    """Return the positions per site id, with names, and what stands for the name of each device."""
    site_ids = list(sites)
    inside: dict[UUID, list[UUID]] = {}
    presences = Presence.objects.filter(inside=True, zone__site__in=site_ids)
    for device_id, zone_id in presences.values_list("device_id", "zone_id"):
        inside.setdefault(device_id, []).append(zone_id)
    rows = LatestPosition.objects.filter(
        site__in=site_ids, device__active=True, fix_time__gt=now - FORGOTTEN_AFTER
    ).exclude(device__attached_to__machine__vehicle__isnull=False)  # these are drawn as machines
    rows = rows.select_related("device__person", "storey")
    found: dict[UUID, Positions] = {site_id: Positions(items=[]) for site_id in site_ids}
    stand_ins: dict[UUID, str] = {}
    for row in rows.order_by("device__code"):
        stand_ins[row.device_id] = stand_in_of(row.device)
        found[row.site_id].items.append(_position(row, inside.get(row.device_id, []), now))
    for site_id, machines in machines_of(site_ids, now=now).items():
        found[site_id].machines = machines
    return found, stand_ins


def _position(row: LatestPosition, zone_ids: list[UUID], now: datetime) -> PositionOut:
    device = row.device
    return PositionOut(
        id=device.id,
        code=device.code,
        name=device.person.full_name if device.person else device.name,
        lon=row.point.x,
        lat=row.point.y,
        h=float(row.point.z or 0.0),
        t=int(row.fix_time.timestamp() * 1000),
        stale=is_stale(row.fix_time, device.report_interval_s, now),
        acc=row.accuracy_m,
        storey=row.storey.name if row.storey else "",
        zone_ids=zone_ids,
    )
