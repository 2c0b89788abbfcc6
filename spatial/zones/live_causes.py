"""What colours a zone by itself now or later; asked before it is withdrawn."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from spatial.geometry import covers_height

from .models import Trigger, Zone


def live_triggers_of(zone: Zone, *, now: datetime) -> list[Trigger]:
    """Return the triggers that count for a zone and have not ended: named ones, and those that lie in it."""
    open_rows = Trigger.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=now), site_id=zone.site_id, withdrawn=False
    )
    named = open_rows.filter(zone=zone, risk_point__isnull=True)
    lying = open_rows.filter(zone__isnull=True, risk_point__isnull=True, location__coveredby=zone.outline)
    inside = [row for row in lying if covers_height(zone.bottom_m, zone.top_m, _height_of(row))]
    return sorted([*named, *inside], key=lambda row: (row.starts_at, row.source_label))


def _height_of(row: Trigger) -> float:
    return float(row.location.z or 0.0) if row.location is not None else 0.0
