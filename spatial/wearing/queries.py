"""Who wears what now, and who wore it then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from spatial.devices.models import Device

from .models import Issue
from .rules import Wearer, Worn


def visible(user: Any) -> QuerySet[Issue]:
    """Return the issues of devices on sites that a user may see, the newest first."""
    rows = Issue.objects.visible_to(user).select_related("device", "person", "issued_by", "returned_by")
    return rows.order_by("-issued_at")


def wearers(devices: Mapping[UUID, UUID | None]) -> dict[UUID, Wearer]:
    """Return the wearers of devices over all time; `devices` names whom each is registered to now.

    A device that was never issued belongs to whom it is registered to.
    """
    worn: dict[UUID, list[Worn]] = defaultdict(list)
    rows = Issue.objects.filter(device_id__in=list(devices))
    for device_id, person_id, start, end in rows.values_list("device_id", "person_id", "issued_at", "returned_at"):
        worn[device_id].append(Worn(start, end, person_id))
    return {device_id: Wearer(worn[device_id], registered) for device_id, registered in devices.items()}


def wearers_of(device_ids: Iterable[UUID]) -> dict[UUID, Wearer]:
    """Return the wearers of devices over all time, by device id."""
    rows = Device.objects.filter(pk__in=list(device_ids)).values_list("pk", "person_id")
    return wearers(dict(rows))


def devices_worn(person: Any, start: datetime, end: datetime) -> list[tuple[UUID, datetime, datetime]]:
    """Return which devices a person wore within start to end: device id, from, until."""
    rows = Issue.objects.filter(person=person, issued_at__lt=end).filter(
        Q(returned_at__isnull=True) | Q(returned_at__gt=start)
    )
    found = [
        (row.device_id, max(start, row.issued_at), min(end, row.returned_at or end))
        for row in rows.order_by("issued_at")
    ]
    never_issued = Device.objects.filter(person=person).exclude(pk__in=Issue.objects.values("device_id"))
    found += [(device_id, start, end) for device_id in never_issued.values_list("pk", flat=True)]
    return found
