"""Find alarms, and the form in which pages and the stream see one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from spatial.alarms.models import Alarm


def visible(user: Any) -> QuerySet[Alarm]:
    """Return the alarms on sites that a user may see, newest first."""
    return _with_names(Alarm.objects.visible_to(user))


def active_alarms(site: Any) -> QuerySet[Alarm]:
    """Return the live alarms of a site that are not cleared, newest first; late ones are only in the record."""
    return _with_names(Alarm.objects.filter(site=site, cleared_at__isnull=True, late=False))


def _with_names(rows: QuerySet[Alarm]) -> QuerySet[Alarm]:
    return rows.select_related("zone", "device", "storey").order_by("-raised_at", "-id")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def alarm_item(alarm: Alarm) -> dict[str, Any]:
    """Return an alarm as JSON for state, stream and API: names of zone, storey and person, place, and times."""
    place = alarm.location
    return {
        "id": str(alarm.pk),
        "rule": alarm.rule,
        "title": alarm.title,
        "level": alarm.level,
        "late": alarm.late,
        "zone_id": str(alarm.zone_id) if alarm.zone_id else None,
        "zone": alarm.zone.name if alarm.zone else "",
        "storey": alarm.storey.name if alarm.storey else "",
        "person": alarm.person_name,
        "device": alarm.device.code if alarm.device else "",
        "lon": place.x if place else None,
        "lat": place.y if place else None,
        "h": round(float(place.z or 0), 2) if place else None,
        "raised_at": _iso(alarm.raised_at),
        "received_at": _iso(alarm.received_at),
        "acknowledged_at": _iso(alarm.acknowledged_at),
        "cleared_at": _iso(alarm.cleared_at),
    }
