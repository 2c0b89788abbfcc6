"""Keep what cranes and vehicles must stay away from: forbidden sectors, obstacles, pit edges."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.gis.geos import LineString, Polygon
from django.db import transaction

from spatial.alarms.models import Alarm
from spatial.alarms.operations import clear_alarm
from spatial.machines.following import lock_machines
from spatial.machines.models import Machine, Obstacle, PitEdge, SwingBan, Watch, WatchChange
from spatial.machines.operations import MachineRefused, check_role, site_record

ABOUT_PLACES = ("TC-06", "TC-07", "TC-08", "K-02")


@transaction.atomic
def forbid_swing(
    *, site: Any, name: str, outline: Polygon, machine: Machine | None = None, actor: Any | None, now: datetime
) -> SwingBan:
    """This function will forbid cranes (one, or all) to swing a load over a place in EPSG:4490."""
    check_role(actor, site)
    if not name.strip() or not outline.valid or outline.area == 0:
        raise MachineRefused("A forbidden sector needs a name and an outline that does not cross itself.")
    ban = SwingBan.objects.create(
        organisation_id=site.organisation_id, site=site, name=name, outline=outline, machine=machine
    )
    site_record(site, actor, now, "forbid_swing", "swing_ban", ban.pk, {"name": name})
    return ban


@transaction.atomic
def add_obstacle(
    *,
    site: Any,
    name: str,
    actor: Any | None,
    now: datetime,
    outline: Polygon | None = None,
    bottom_m: float | None = None,
    top_m: float | None = None,
    wire: LineString | None = None,
    voltage_kv: float | None = None,
) -> Obstacle:
    """This function will store a structure (outline and top) or a power line (wire with heights and voltage)."""
    check_role(actor, site)
    structure = outline is not None and top_m is not None and wire is None
    line = wire is not None and wire.hasz and voltage_kv is not None and voltage_kv > 0 and outline is None
    if not structure and not line:
        raise MachineRefused("Give a structure with its outline and top, or a wire with heights and a voltage above 0.")
    row = Obstacle.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        name=name,
        outline=outline,
        wire=wire,
        bottom_m=bottom_m,
        top_m=top_m,
        voltage_kv=voltage_kv,
    )
    site_record(site, actor, now, "add_obstacle", "obstacle", row.pk, {"name": name})
    return row


@transaction.atomic
def describe_pit_edge(*, zone: Any, depth_m: float, supported: bool, actor: Any | None, now: datetime) -> PitEdge:
    """This function will store how deep a pit is and whether it is supported; its edge rings follow from that."""
    check_role(actor, zone.site)
    if not 0 < depth_m <= 100:
        raise MachineRefused(f"The depth of a pit is above 0 and at most 100 m, not {depth_m}.")
    facts = {"organisation_id": zone.organisation_id, "site_id": zone.site_id}
    edge, _ = PitEdge.objects.update_or_create(
        zone=zone, defaults={**facts, "depth_m": depth_m, "supported": supported}
    )
    details = {"zone": zone.code, "depth_m": depth_m, "supported": supported}
    site_record(zone.site, actor, now, "describe_pit_edge", "zone", zone.pk, details)
    return edge


@transaction.atomic
def withdraw_danger(*, row: SwingBan | Obstacle, actor: Any | None, now: datetime) -> None:
    """This function will take a forbidden sector or an obstacle out of use; its alarms end, its row stays."""
    check_role(actor, row.site)
    if not row.active:
        return
    row.active = False
    row.save(update_fields=["active"])
    _end_alarms(row.site, row.pk, now)
    kind = "swing_ban" if isinstance(row, SwingBan) else "obstacle"
    site_record(row.site, actor, now, f"withdraw_{kind}", kind, row.pk, {"name": row.name})


@transaction.atomic
def forget_pit_edge(*, edge: PitEdge, actor: Any | None, now: datetime) -> None:
    """This function will let a zone be no pit edge any more: vehicles may come near, and its alarms end."""
    check_role(actor, edge.site)
    zone = edge.zone
    edge.delete()
    _end_alarms(zone.site, zone.pk, now)
    site_record(zone.site, actor, now, "forget_pit_edge", "zone", zone.pk, {"zone": zone.code})


def _end_alarms(site: Any, other: Any, now: datetime) -> None:
    """End the alarms of a danger, and let no rule remember it: late news is judged from what rules remembered."""
    lock_machines(site.pk)
    for memory in (Watch, WatchChange):
        memory.objects.filter(machine__site=site, other=str(other)).delete()
    rows = Alarm.objects.filter(site=site, rule__in=ABOUT_PLACES, cleared_at__isnull=True)
    for alarm in rows.filter(subject__endswith=f":{other}").order_by("pk"):
        clear_alarm(alarm=alarm, cleared_at=now, received_at=now)
