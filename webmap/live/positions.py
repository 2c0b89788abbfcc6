"""Where the devices of a site are now, from the newest fix of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from spatial.devices.rules import MIN_SILENCE_S

from .machines import machines_of
from .naming import stand_in
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
    found: dict[UUID, Positions] = {site_id: Positions(items=[]) for site_id in site_ids}
    stand_ins: dict[UUID, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _NEWEST, {"sites": site_ids, "now": now, "since": now - FORGOTTEN_AFTER, "least_s": MIN_SILENCE_S}
        )
        names = [column.name for column in cursor.description or ()][len(_OWN) :]
        for site_id, trade, kind, device_name, *values in cursor.fetchall():
            item = PositionOut.model_construct(**dict(zip(names, values, strict=True)))  # the database has checked it
            found[site_id].items.append(item)
            stand_ins[item.id] = stand_in(trade, item.code, kind, device_name)
    for site_id, machines in machines_of(site_ids, now=now).items():
        found[site_id].machines = machines
    return found, stand_ins


_OWN = ("site_id", "trade", "kind", "device_name")
# Made once a second of every device, so without models. Devices of vehicles are drawn as machines.
_NEWEST = """
SELECT latest.site_id, person.trade, device.kind, device.name AS device_name,
       device.id, device.code, coalesce(person.full_name, device.name) AS name, ST_X(latest.point) AS lon,
       ST_Y(latest.point) AS lat, coalesce(ST_Z(latest.point), 0) AS h,
       floor(extract(epoch FROM latest.fix_time) * 1000)::bigint AS t,
       %(now)s - latest.fix_time
           > greatest(3 * device.report_interval_s, %(least_s)s) * interval '1 second' AS stale,
       latest.accuracy_m AS acc, coalesce(storey.name, '') AS storey,
       ARRAY(SELECT presence.zone_id FROM fences_presence presence
             WHERE presence.device_id = device.id AND presence.inside) AS zone_ids
FROM tracks_latestposition latest
JOIN devices_device device ON device.id = latest.device_id AND device.active
LEFT JOIN people_person person ON person.id = device.person_id
LEFT JOIN places_storey storey ON storey.id = latest.storey_id
WHERE latest.site_id = ANY(%(sites)s) AND latest.fix_time > %(since)s
  AND NOT EXISTS (SELECT FROM machines_machinedevice attached
                  JOIN machines_vehiclegeometry vehicle ON vehicle.machine_id = attached.machine_id
                  WHERE attached.device_id = device.id)
ORDER BY device.code
"""
