"""Take back what cranes and vehicles must stay away from: forbidden sectors, obstacles, pit edges."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from spatial.alarms.life import clear_alarm
from spatial.alarms.models import Alarm
from spatial.machines.models import Obstacle, PitEdge, SwingBan, Watch
from spatial.machines.operations import check_role, site_record

ABOUT_PLACES = ("TC-06", "TC-07", "TC-08", "K-02")


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
    Watch.objects.filter(machine__site=site, other=str(other)).delete()
    rows = Alarm.objects.filter(site=site, rule__in=ABOUT_PLACES, cleared_at__isnull=True)
    for alarm in rows.filter(subject__endswith=f":{other}").order_by("pk"):
        clear_alarm(alarm=alarm, cleared_at=now, received_at=now)
