"""What was sent, and what waits to be sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from spatial.devices.models import Device

from .models import Command, Delivery

OPEN = (Delivery.State.QUEUED, Delivery.State.SENT)
HEARING = ("helmet", "tag")


def sent_on(site: Any) -> QuerySet[Command]:
    """Return the commands of a site with how many got them, the newest first."""
    done = Q(deliveries__state__in=["received", "played", "confirmed"])
    return (
        Command.objects.filter(site=site)
        .select_related("sent_by")
        .annotate(
            count=Count("deliveries"),
            got=Count("deliveries", filter=done),
            confirmed=Count("deliveries", filter=Q(deliveries__state="confirmed")),
            expired=Count("deliveries", filter=Q(deliveries__state="expired")),
        )
        .order_by("-ordered_at")
    )


def sent_because_of(site: Any, source_kind: str, source_id: str) -> QuerySet[Command]:
    """Return the commands that were sent because of an alarm or another thing."""
    return sent_on(site).filter(source_kind=source_kind, source_id=source_id)


def helmets_of(person: Any) -> list[Device]:
    """Return the devices that a person wears now and can hear by."""
    return list(Device.objects.filter(person=person, active=True, kind__in=HEARING).order_by("code"))


def due_to_send(now: datetime) -> QuerySet[Delivery]:
    """Return the deliveries whose next try has come, locked; those that another sender holds are passed over."""
    rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state__in=OPEN, next_try_at__lte=now
    )
    return rows.select_related("command", "device", "site").order_by("next_try_at")
