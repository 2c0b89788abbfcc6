"""After the fix: recheck, the town's review, closing (T13 to T17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from .evidence import PhotoGiven
from .models import Hazard, Photo
from .queries import ticket_of
from .refusals import refuse
from .rules import Refusal, gettext_noop, handed_in_on_time, is_overdue, resumed_deadline
from .steps import Step, begin, earlier_answer, finish, plain_details, required_text, take_photos
from .triggers import end_all, start_clock


@transaction.atomic
def recheck_pass(
    *,
    hazard: Hazard,
    conclusion: str,
    photos: Sequence[PhotoGiven],
    actor: Any,
    now: datetime,
    client_event_id: str = "",
) -> Hazard:
    """This function will pass a recheck (T13); closing follows by `auto_close` or the town's `review_close`."""
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    step = begin(hazard=hazard, event="recheck_pass", actor=actor, now=now, client_event_id=client_event_id)
    conclusion = required_text(conclusion, "conclusion")
    hashes = take_photos(step, photos, Photo.Step.RECHECK)
    step.hazard.rechecked_at = now
    return finish(step, text=conclusion, details={"photos": hashes})


def _back_to_fixing(step: Step, new_deadline: datetime | None) -> dict[str, Any]:
    """Let the clock run again: the remaining time, or a new deadline; a ticket that is late stays late."""
    row, now = step.hazard, step.now
    ticket = ticket_of(row)
    late = is_overdue(ticket, now) or not handed_in_on_time(ticket)
    if new_deadline is not None and new_deadline <= now:
        sentence = gettext_noop("The new deadline must lie after now.")
        refuse(Refusal("value", sentence, field_name="new_deadline"))
    if not late:
        row.deadline = new_deadline or resumed_deadline(ticket, now)
    row.rectified_at = None
    row.rechecked_at = None
    if not late:
        start_clock(row, now)
    asked = new_deadline.isoformat() if new_deadline else None
    return plain_details({"deadline": row.deadline, "new_deadline": asked, "late": late})


@transaction.atomic
def recheck_fail(
    *,
    hazard: Hazard,
    reason: str,
    photos: Sequence[PhotoGiven],
    new_deadline: datetime | None = None,
    actor: Any,
    now: datetime,
    client_event_id: str = "",
) -> Hazard:
    """This function will fail a recheck (T14): back to fixing with the remaining time or a new deadline.

    It never ends a started overdue: a new deadline is then only noted.
    """
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    step = begin(hazard=hazard, event="recheck_fail", actor=actor, now=now, client_event_id=client_event_id)
    reason = required_text(reason, "reason")
    hashes = take_photos(step, photos, Photo.Step.RECHECK)
    step.hazard.recheck_fail_count += 1
    details = _back_to_fixing(step, new_deadline)
    return finish(step, text=reason, details={"photos": hashes, **details})


@transaction.atomic
def review_reject(
    *,
    hazard: Hazard,
    reason: str,
    new_deadline: datetime | None = None,
    actor: Any,
    now: datetime,
    client_event_id: str = "",
) -> Hazard:
    """This function will refuse the closing in the town's review (T17): as a failed recheck."""
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    step = begin(hazard=hazard, event="review_reject", actor=actor, now=now, client_event_id=client_event_id)
    step.hazard.recheck_fail_count += 1
    details = _back_to_fixing(step, new_deadline)
    return finish(step, text=required_text(reason, "reason"), details=details)


def _close(step: Step, text: str) -> Hazard:
    row = step.hazard
    row.closed_at, row.state = step.now, step.row.to_state
    row.save()
    end_all(row, step.now)
    return finish(step, text=text)


@transaction.atomic
def review_close(*, hazard: Hazard, conclusion: str, actor: Any, now: datetime, client_event_id: str = "") -> Hazard:
    """This function will close a ticket by the town's review (T15); every trigger of it ends."""
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    step = begin(hazard=hazard, event="review_close", actor=actor, now=now, client_event_id=client_event_id)
    return _close(step, required_text(conclusion, "conclusion"))


@transaction.atomic
def auto_close(*, hazard: Hazard, actor: Any | None, now: datetime, client_event_id: str = "") -> Hazard:
    """This function will close a self-check without town review (T16), by the site or the system (actor None)."""
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    step = begin(hazard=hazard, event="auto_close", actor=actor, now=now, client_event_id=client_event_id)
    return _close(step, "")
