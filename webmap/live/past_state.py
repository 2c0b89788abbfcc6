"""The state of a site as it was at a past moment, in the form of its live state: the same page can show it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from spatial.alarms.models import Alarm
from spatial.hazards.models import Hazard, Transition
from spatial.places.models import Site
from spatial.zones.history import risk_points_at, zones_at
from spatial.zones.queries import site_colours
from webmap.wording.hazard_words import state_label

from .payloads import Counts, SiteHead, SiteState, TicketState, ZoneState
from .state import (
    HAZARD,
    NOT_OPEN,
    alarm_state,
    alarms_shown,
    element_states,
    point_state,
    reasons_out,
    reasons_within,
    ticket_state,
)


def past_state(site: Site, *, at: datetime, named: bool) -> SiteState:
    """Return the colours with their reasons, tickets and alarms of a site as they were known at `at`.

    Not `named`, without the names of people. Computed from the facts of that time; people and devices are not part
    of it (their tracks are).
    """
    colours = site_colours(site, now=at)
    tickets, texts = _tickets_at(site, at)
    points = risk_points_at(site, at=at)
    late = {UUID(r.source_id) for r in colours.reasons if r.source_kind == HAZARD and "OVERDUE" in r.kind}
    alarms = list(alarms_shown(_alarms_at(site, at), named=named))
    states = [_ticket_then(ticket, texts, overdue=ticket.id in late) for ticket in tickets]
    reasons = reasons_out(site, now=at, named=named, every=reasons_within(colours))
    return SiteState(
        site=SiteHead(
            id=site.id, code=site.code, name=site.name, grade=colours.grade, reasons=reasons(colours.reasons)
        ),
        now=at,
        next_change_at=colours.next_change_at,
        cursor=0,
        zones=[
            ZoneState(
                id=then.zone.id,
                code=then.code,
                name=then.name,
                grade=colours.zones[then.zone.id].grade,
                index=colours.zones[then.zone.id].index,
                reasons=reasons(colours.zones[then.zone.id].reasons),
            )
            for then in zones_at(site, at=at)
            if then.zone.id in colours.zones
        ],
        risk_points=[point_state(point, colours) for point in points],
        elements=element_states(points, tickets, colours),
        counts=Counts(open=len(states), overdue=len(late), alarms=len(alarms), people=0),
        alarms=[alarm_state(alarm) for alarm in alarms],
        tickets=states,
    )


def _tickets_at(site: Site, at: datetime) -> tuple[list[Hazard], dict[UUID, str]]:
    """Return the tickets that were open then, with the state each was in by its transitions."""
    rows = Transition.objects.filter(site=site, received_at__lte=at).order_by("received_at", "id")
    states: dict[UUID, str] = dict(rows.values_list("hazard_id", "to_state"))
    open_then = [hazard_id for hazard_id, state in states.items() if state not in NOT_OPEN]
    tickets = Hazard.objects.filter(pk__in=open_then).select_related("anchor__storey").order_by("number")
    return list(tickets), states


def _ticket_then(ticket: Hazard, states: dict[UUID, str], *, overdue: bool) -> TicketState:
    then = ticket_state(ticket, overdue=overdue)
    then.state, then.state_text = states[ticket.id], str(state_label(states[ticket.id]))
    then.deadline = None if ticket.extension_count else ticket.deadline
    return then


def _alarms_at(site: Site, at: datetime) -> QuerySet[Alarm]:
    rows = Alarm.objects.filter(site=site, late=False, received_at__lte=at)
    rows = rows.filter(Q(cleared_at__isnull=True) | Q(cleared_at__gt=at))
    return rows.select_related("zone", "storey").order_by("-raised_at")
