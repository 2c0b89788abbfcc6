"""What every step of a ticket has in common: lock, decide, write the transition, the act and the event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from spatial.ledger.operations import claim_client_event, record_act
from spatial.notices.operations import append_event
from spatial.places.models import Site

from .evidence import PhotoGiven, read_pictures, store_pictures
from .models import Hazard, Transition
from .queries import roles_on_ticket, ticket_of, workflow_of
from .refusals import refuse
from .rules import Attempt, Refusal, Workflow, decide, gettext_noop, level_of
from .rules import Transition as TableRow
from .triggers import anchor_point


@dataclass
class Step:
    """One step under way: the locked ticket, who tries what, and the row of the table it takes."""

    hazard: Hazard
    row: TableRow
    workflow: Workflow
    actor: Any
    roles: frozenset[str]
    now: datetime
    client_event_id: str

    @property
    def level(self) -> int:
        """The highest level among the actor's roles."""
        return level_of(self.roles, self.workflow)


def earlier_answer(actor: Any, client_event_id: str) -> Hazard | None:
    """Return the ticket of a client event that was answered before; a repeated request changes nothing."""
    answer = claim_client_event(actor=actor, client_event_id=client_event_id)
    if answer is None:
        return None
    return Hazard.objects.get(pk=answer["hazard"])


def required_text(text: str, field: str) -> str:
    """Return a text without blanks around it. Raises HazardRefused when nothing is left."""
    text = (text or "").strip()
    if not text:
        refuse(Refusal("value", gettext_noop("This must be filled in: %(field)s."), {"field": field}, field))
    return text


def begin(
    *,
    hazard: Hazard,
    event: str,
    actor: Any,
    now: datetime,
    client_event_id: str = "",
    **attempt: Any,
) -> Step:
    """This function will lock a ticket and decide an event by the transition table; call it in a transaction.

    `attempt` are fields of rules.Attempt. Raises TransitionRefused, ActorRefused or HazardRefused.
    """
    related = ("organisation", "site__organisation", "site__region", "anchor", "risk_point", "rule_edition")
    locked = Hazard.objects.select_for_update(of=("self",)).select_related(*related)
    hazard = locked.defer("rule_edition__tables").get(pk=hazard.pk)
    workflow = workflow_of(hazard.rule_edition)
    roles = roles_on_ticket(actor, hazard)
    who = Attempt(actor=getattr(actor, "pk", None), roles=roles, now=now, **attempt)
    decision = decide(ticket_of(hazard), event, who, workflow)
    if isinstance(decision, Refusal):
        refuse(decision)
    return Step(hazard, decision, workflow, actor, roles, now, client_event_id)


def finish(
    step: Step, *, text: str = "", details: Mapping[str, Any] | None = None, occurred_at: datetime | None = None
) -> Hazard:
    """This function will save the ticket in its new state and write transition, act and (last) the event."""
    hazard, row = step.hazard, step.row
    hazard.state = row.to_state
    hazard.save()
    written = dict(details or {})
    happened = occurred_at or step.now
    Transition.objects.create(
        organisation_id=hazard.organisation_id,
        site_id=hazard.site_id,
        hazard=hazard,
        transition=row.id,
        event=row.event,
        from_state=row.from_state,
        to_state=row.to_state,
        actor=step.actor,
        text=text,
        details=written,
        occurred_at=happened,
        received_at=step.now,
    )
    record_act(
        organisation=hazard.organisation,
        site=hazard.site,
        actor=step.actor,
        verb=row.event,
        subject_kind="hazard",
        subject_id=hazard.pk,
        details={"number": hazard.number, "transition": row.id, "to": row.to_state, "text": text, **written},
        occurred_at=happened,
        received_at=step.now,
        location=anchor_point(hazard.anchor),
        rule_edition=hazard.rule_edition,
        client_event_id=step.client_event_id,
        result={"hazard": str(hazard.pk), "transition": row.id, "state": row.to_state},
    )
    payload = {
        "hazard": str(hazard.pk),
        "number": hazard.number,
        "event": row.event,
        "transition": row.id,
        "state": row.to_state,
    }
    append_event(site=hazard.site, kind="hazard_changed", payload=payload, occurred_at=step.now)
    return hazard


def take_photos(step: Step, photos: Sequence[PhotoGiven], kind: str, *, needed: bool = True) -> list[str]:
    """This function will check and store photos as evidence of a step, and return their hashes."""
    pictures = read_pictures(photos, site=step.hazard.site, workflow=step.workflow, needed=needed)
    return store_pictures(pictures, hazard=step.hazard, step=kind, now=step.now, workflow=step.workflow)


def plain_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return details with moments as ISO text, so that they can be stored."""
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in details.items()}


def next_number(site: Any, prefix: str, field: str, now: datetime) -> str:
    """Return the next number of a kind on a site: `prefix-site-yyyyMM-0001`, the month being the site's.

    Numbers of one site are given one at a time: its row is locked until the transaction ends.
    """
    Site.objects.select_for_update(no_key=True, of=("self",)).get(pk=site.pk)
    head = f"{prefix}-{site.code}-{now.astimezone(ZoneInfo(site.time_zone)):%Y%m}-"
    given = Hazard.objects.filter(site=site, **{f"{field}__startswith": head}).values_list(field, flat=True)
    highest = max((int(number.rsplit("-", 1)[1]) for number in given), default=0)
    return f"{head}{highest + 1:04d}"
