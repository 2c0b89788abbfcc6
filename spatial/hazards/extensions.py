"""More time for a fix: asked for, granted, refused (T09 to T11, spec 03, 3.7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from .models import Hazard
from .steps import begin, earlier_answer, finish, plain_details, required_text
from .triggers import start_clock, stop_clock


@transaction.atomic
def request_extension(
    *,
    hazard: Hazard,
    new_deadline: datetime,
    reason: str,
    interim_protection: str = "",
    actor: Any,
    now: datetime,
    client_event_id: str = "",
) -> Hazard:
    """This function will ask for more time (T09), before the deadline; the deadline stays until it is granted."""
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    step = begin(
        hazard=hazard,
        event="request_extension",
        actor=actor,
        now=now,
        client_event_id=client_event_id,
        deadline=new_deadline,
    )
    reason = required_text(reason, "reason")
    interim_protection = required_text(interim_protection, "interim_protection")
    step.hazard.extension_deadline, step.hazard.extension_asked_by = new_deadline, actor
    details = {"new_deadline": new_deadline, "interim_protection": interim_protection}
    return finish(step, text=reason, details=plain_details(details))


@transaction.atomic
def approve_extension(
    *, hazard: Hazard, reason: str = "", actor: Any, now: datetime, client_event_id: str = ""
) -> Hazard:
    """This function will grant the time asked for (T10): red of the old deadline ends, the new one counts."""
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    step = begin(hazard=hazard, event="approve_extension", actor=actor, now=now, client_event_id=client_event_id)
    row = step.hazard
    details = plain_details({"from": row.deadline, "to": row.extension_deadline})
    row.deadline, row.extension_deadline, row.extension_asked_by = row.extension_deadline, None, None
    row.extension_count += 1
    stop_clock(row, now)
    start_clock(row, now)
    return finish(step, text=required_text(reason, "reason"), details=details)


@transaction.atomic
def reject_extension(*, hazard: Hazard, reason: str, actor: Any, now: datetime, client_event_id: str = "") -> Hazard:
    """This function will refuse the time asked for (T11); the deadline is unchanged."""
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    step = begin(hazard=hazard, event="reject_extension", actor=actor, now=now, client_event_id=client_event_id)
    row = step.hazard
    details = plain_details({"asked": row.extension_deadline})
    row.extension_deadline, row.extension_asked_by = None, None
    return finish(step, text=required_text(reason, "reason"), details=details)
