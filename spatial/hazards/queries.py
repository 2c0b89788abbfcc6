"""Read tickets: what a user may see, what may be done next, and what is late."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from spatial.people.queries import roles_on
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import table

from . import rules
from .models import Hazard
from .rules import OPEN_STATES, Attempt, Ticket, Workflow, read_workflow, standing_refusal

SPINE_EVENTS = (
    "approve_general",
    "return",
    "void",
    "resubmit",
    "reassign",
    "submit_fix",
    "request_extension",
    "approve_extension",
    "reject_extension",
    "recheck_pass",
    "recheck_fail",
    "review_close",
    "auto_close",
    "review_reject",
)
_WORKFLOWS: dict[str, Workflow] = {}


def visible(user: Any) -> QuerySet[Hazard]:
    """Return the tickets on sites that a user may see."""
    return Hazard.objects.visible_to(user)


def open_hazards(site: Any) -> QuerySet[Hazard]:
    """Return a site's tickets that were assigned and are not closed."""
    return Hazard.objects.filter(site=site, state__in=OPEN_STATES)


def overdue_hazards(site: Any, *, now: datetime) -> QuerySet[Hazard]:
    """Return a site's tickets that are late at `now`: not handed in before their deadline, not closed."""
    late = Q(state="ASSIGNED") | Q(rectified_at__isnull=True) | Q(rectified_at__gt=F("deadline"))
    return open_hazards(site).filter(late, deadline__lte=now)


def workflow_of(edition: Edition) -> Workflow:
    """Return the transition table and settings of an edition."""
    if edition.sha256 not in _WORKFLOWS:
        content, settings = table(edition, "hazard_workflow"), table(edition, "hazard_settings")
        _WORKFLOWS[edition.sha256] = read_workflow(content, settings)
    return _WORKFLOWS[edition.sha256]


def ticket_of(hazard: Hazard) -> Ticket:
    """Return a ticket as the rules see it."""
    return Ticket(
        state=hazard.state,
        reporter=hazard.reporter_id,
        rectifier=hazard.rectifier_id,
        rechecker=hazard.rechecker_id,
        source=hazard.source,
        found_at=hazard.found_at,
        assigned_at=hazard.assigned_at,
        deadline=hazard.deadline,
        first_deadline=hazard.first_deadline,
        rectified_at=hazard.rectified_at,
        return_count=hazard.return_count,
        extension_count=hazard.extension_count,
        extension_asked_by=hazard.extension_asked_by_id,
        extension_deadline=hazard.extension_deadline,
        deadline_set_level=hazard.deadline_set_level,
    )


def roles_on_ticket(user: Any, hazard: Hazard) -> frozenset[str]:
    """Return a user's roles on the site and on the ticket (reporter, rectifier, rechecker); None is the system."""
    if user is None:
        return frozenset({"system"})
    roles = roles_on(user, hazard.site)
    if not roles:
        return frozenset()
    people = {"reporter": hazard.reporter_id, "rectifier": hazard.rectifier_id, "rechecker": hazard.rechecker_id}
    return frozenset(roles | {role for role, person in people.items() if person == user.pk})


def next_events(hazard: Hazard, user: Any, *, now: datetime | None = None) -> list[str]:
    """Return the events that this user may cause on a ticket now, in the order of the transition table."""
    workflow = workflow_of(hazard.rule_edition)
    attempt = Attempt(actor=getattr(user, "pk", None), roles=roles_on_ticket(user, hazard), now=now or timezone.now())
    ticket = ticket_of(hazard)
    return [
        transition.event
        for transition in workflow.transitions
        if transition.from_state == hazard.state
        and transition.event in SPINE_EVENTS
        and standing_refusal(ticket, transition, attempt, workflow) is None
    ]


def is_overdue(hazard: Hazard, now: datetime) -> bool:
    """Return whether a ticket is late at `now`."""
    return rules.is_overdue(ticket_of(hazard), now)


def overdue_days(hazard: Hazard, now: datetime) -> int:
    """Return the started days a ticket is late at `now`, 0 when it is not."""
    return rules.overdue_days(ticket_of(hazard), now)
