"""Start and end the triggers that colour zones; zones themselves are made and changed in `zone_operations`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction

from spatial.rulebook.models import Edition
from spatial.rulebook.queries import table

from .models import Trigger, Zone
from .refusals import ZoneRefused
from .zone_operations import create_zone, revise_zone, withdraw_zone

__all__ = [
    "TriggerRefused",
    "ZoneRefused",
    "create_zone",
    "end_triggers",
    "revise_zone",
    "start_trigger",
    "withdraw_zone",
]


class TriggerRefused(ValueError):
    """A trigger cannot be written; the message says why."""


@transaction.atomic
def start_trigger(
    *,
    site: Any,
    kind: str,
    starts_at: datetime,
    source_kind: str,
    source_id: Any,
    source_label: str,
    risk_point: Any | None = None,
    zone: Zone | None = None,
    location: Point | None = None,
    floor: int | None = None,
    edition: Edition,
    now: datetime,
) -> Trigger:
    """This function will write a trigger that counts from `starts_at` on, which may lie in the future.

    `now` is when it became known: a past colour counts only what was known then. Written again for the same
    source, kind and start it stays one row, and goes on where it had been ended or withdrawn. Part of the operation
    that caused it, which writes act and event. Raises TriggerRefused for an unknown kind.
    """
    kinds = table(edition, "zone_triggers")["kinds"]
    if kind not in kinds:
        raise TriggerRefused(f"{kind} is not a kind of trigger in {edition}.")
    if floor is not None and not 0 <= floor <= 4:
        raise TriggerRefused(f"A floor is a grade from 0 to 4, not {floor}.")
    trigger, _ = Trigger.objects.update_or_create(
        source_kind=source_kind,
        source_id=str(source_id),
        kind=kind,
        starts_at=starts_at,
        defaults={
            "organisation_id": site.organisation_id,
            "site": site,
            "risk_point": risk_point,
            "zone": zone,
            "location": location,
            "floor": floor,
            "ends_at": None,
            "withdrawn": False,
            "known_from": now,
            "source_label": source_label[:200],
            "rule_edition": edition,
        },
    )
    return trigger


@transaction.atomic
def end_triggers(
    *, source_kind: str, source_id: Any, kinds: Iterable[str] | None = None, at: datetime, now: datetime | None = None
) -> int:
    """This function will end the open triggers of a source (of these kinds) at `at`, and return how many.

    A trigger that would have started later never comes to be: it is withdrawn. `now` is when the end became known
    (the same moment, when left out).
    """
    rows = Trigger.objects.filter(
        source_kind=source_kind, source_id=str(source_id), ends_at__isnull=True, withdrawn=False
    )
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    known = now or at
    withdrawn = rows.filter(starts_at__gt=at).update(withdrawn=True, known_from=known)
    return withdrawn + rows.filter(starts_at__lte=at).update(ends_at=at, known_from=known)
