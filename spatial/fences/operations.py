"""Make danger zones and change them; what the engine decides is written by `spatial.fences.recording`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from spatial.fences.models import FenceProfile
from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event
from spatial.rulebook.queries import edition_for, table
from spatial.zones.models import Zone


class FenceRefused(ValueError):
    """A fence cannot be stored as given; the message says which value and why."""


@transaction.atomic
def create_fence(
    *,
    zone: Zone,
    actor: Any | None,
    now: datetime,
    rule: str = "P-01",
    enter_fixes: int = 2,
    leave_fixes: int = 2,
    enter_probability: float = 0.5,
    leave_probability: float = 0.2,
    allowed: Iterable[Any] = (),
) -> FenceProfile:
    """This function will make a zone a danger zone: who enters it raises an alarm of `rule`, unless allowed.

    Raises FenceRefused for a zone that is one already, an unknown rule, limits out of order, or a person of
    another site.
    """
    people = list(allowed)
    if FenceProfile.objects.filter(zone=zone).exists():
        raise FenceRefused(f"The zone {zone.code} is a danger zone already.")
    rules = table(edition_for(zone.site, on=now), "alarm_rules")["rules"]
    if rule not in {row["id"] for row in rules}:
        raise FenceRefused(f"{rule} is not an alarm rule of the current edition.")
    if enter_fixes < 1 or leave_fixes < 1:
        raise FenceRefused("At least one fix must decide an entry and an exit.")
    if not 0 <= leave_probability < enter_probability <= 1:
        raise FenceRefused("The probability to leave must be below the one to enter, both within 0 to 1.")
    if strangers := [person.full_name for person in people if person.site_id != zone.site_id]:
        raise FenceRefused(f"{strangers[0]} belongs to another site.")
    fence = FenceProfile.objects.create(
        organisation_id=zone.organisation_id,
        site_id=zone.site_id,
        zone=zone,
        rule=rule,
        enter_fixes=enter_fixes,
        leave_fixes=leave_fixes,
        enter_probability=enter_probability,
        leave_probability=leave_probability,
    )
    fence.allowed.set(people)
    record_act(
        organisation=zone.organisation,
        site=zone.site,
        actor=actor,
        verb="create_fence",
        subject_kind="fence",
        subject_id=fence.pk,
        details={"zone": zone.code, "rule": rule, "allowed": [str(person.pk) for person in people]},
        occurred_at=now,
        received_at=now,
    )
    payload = {"zone": str(zone.pk), "code": zone.code, "fence": rule}
    append_event(site=zone.site, kind="zone_changed", payload=payload, occurred_at=now)
    return fence
