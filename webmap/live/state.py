"""The state of one site: colours with their reasons, alarms, tickets and counts, at one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from spatial.alarms.models import Alarm
from spatial.hazards.models import Hazard
from spatial.notices.models import Event
from spatial.places.models import Anchor, Site
from spatial.risks.models import RiskPoint
from spatial.scope import among
from spatial.tracks.queries import heard_helmets
from spatial.zones.models import Trigger, Zone
from spatial.zones.queries import SiteColours, site_colours
from spatial.zones.rules import Reason
from webmap.wording.alarm_titles import alarm_title
from webmap.wording.hazard_words import FINISHED, state_label
from webmap.wording.reasons import reason_of, without_repeats

from .naming import as_shown, reasons_told
from .payloads import (
    AlarmState,
    Counts,
    ElementState,
    ReasonOut,
    RiskPointState,
    SiteHead,
    SiteState,
    TicketState,
    ZoneState,
)

HAZARD = "hazard"
OVERDUE_KINDS = ("HAZ_GENERAL_OVERDUE", "HAZ_GENERAL_OVERDUE7")
NOT_OPEN = frozenset({*FINISHED, "DRAFT"})


def site_state(site: Site, *, now: datetime, named: bool) -> SiteState:
    """Return everything about a site that changes, in the active language; not `named`, without people's names.

    The cursor is read first, so that the state holds at least every event up to it.
    """
    cursor = newest_event([site.id])
    colours = site_colours(site, now=now)
    tickets = list(open_tickets([site.id]))
    points = list(RiskPoint.objects.filter(site=site).select_related("anchor").order_by("code"))
    alarms = [alarm_state(alarm) for alarm in alarms_shown(active_alarms([site.id]), named=named)]
    late = overdue_ticket_ids([site.id], now=now).get(site.id, set())
    ticket_states = [ticket_state(ticket, overdue=ticket.id in late) for ticket in tickets]

    reasons_of = reasons_out(site, now=now, named=named, every=reasons_within(colours))
    return SiteState(
        site=SiteHead(
            id=site.id,
            code=site.code,
            name=site.name,
            grade=colours.grade,
            reasons=reasons_of(colours.reasons),
        ),
        now=now,
        next_change_at=colours.next_change_at,
        cursor=cursor,
        zones=[
            ZoneState(
                id=zone.id,
                code=zone.code,
                name=zone.name,
                grade=colours.zones[zone.id].grade,
                index=colours.zones[zone.id].index,
                reasons=reasons_of(colours.zones[zone.id].reasons),
            )
            for zone in Zone.objects.filter(site=site, active=True).order_by("code")
            if zone.id in colours.zones
        ],
        risk_points=[point_state(point, colours) for point in points],
        elements=element_states(points, tickets, colours),
        counts=Counts(
            open=len(tickets),
            overdue=sum(ticket.overdue for ticket in ticket_states),
            alarms=len(alarms),
            people=heard_helmets([site.id], now=now).get(site.id, 0),
        ),
        alarms=alarms,
        tickets=ticket_states,
    )


def reasons_within(colours: SiteColours) -> Iterable[Reason]:
    """Return the reasons of a site's colours, its own and those of its zones."""
    return chain(colours.reasons, *(zone.reasons for zone in colours.zones.values()))


def reasons_out(
    site: Site, *, now: datetime, named: bool, every: Iterable[Reason]
) -> Callable[[Iterable[Reason]], list[ReasonOut]]:
    """Return how reasons are told on a site at a moment, in the active language; not `named`, without names.

    `every` are those that will be told: what their alarms are called is looked up at once.
    """
    shown = reasons_told(every, named=named)
    values: dict[str, Any] = {"now": now, "time_zone": site.time_zone, "site_code": site.code}

    def told(reasons: Iterable[Reason]) -> list[ReasonOut]:
        return [ReasonOut(**reason_of(reason, **values)) for reason in without_repeats(shown(reasons))]

    return told


def newest_event(site_ids: Iterable[UUID]) -> int:
    """Return the id of the newest durable event of these sites, 0 where there is none."""
    newest = Event.objects.filter(site__in=among(site_ids)).order_by("-id").values_list("id", flat=True).first()
    return newest or 0


def open_tickets(site_ids: Iterable[UUID]) -> QuerySet[Hazard]:
    """Return the tickets of sites that are handed in and not closed, the most urgent first."""
    rows = Hazard.objects.filter(site__in=list(site_ids)).exclude(state__in=NOT_OPEN)
    return rows.select_related("anchor__storey").order_by("deadline", "number")


def active_alarms(site_ids: Iterable[UUID]) -> QuerySet[Alarm]:
    """Return the live alarms of sites that are not cleared, the newest first; late ones are only in the record."""
    rows = Alarm.objects.filter(site__in=list(site_ids), cleared_at__isnull=True, late=False)
    return rows.select_related("zone", "storey").order_by("-raised_at")


def alarms_shown(alarms: QuerySet[Alarm], *, named: bool) -> Iterable[Alarm]:
    """Return alarms as they are shown to somebody: not `named`, without the names of people."""
    return as_shown(alarms if named else alarms.select_related("device__person"), named=named)


def overdue_ticket_ids(site_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, set[UUID]]:
    """Return the tickets that are overdue at `now`, per site: those whose OVERDUE trigger has started and goes on."""
    rows = Trigger.objects.filter(
        site__in=list(site_ids),
        source_kind=HAZARD,
        kind__in=OVERDUE_KINDS,
        starts_at__lte=now,
        ends_at__isnull=True,
        withdrawn=False,
    )
    found: dict[UUID, set[UUID]] = {}
    for site_id, source_id in rows.values_list("site_id", "source_id"):
        found.setdefault(site_id, set()).add(UUID(source_id))
    return found


def overdue_counts(site_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, int]:
    """Return how many tickets of each site are overdue at `now`; sites without one are left out."""
    rows = Trigger.objects.filter(
        site__in=among(site_ids),
        source_kind=HAZARD,
        kind="HAZ_GENERAL_OVERDUE",
        starts_at__lte=now,
        ends_at__isnull=True,
        withdrawn=False,
    )
    return dict(rows.values_list("site").annotate(n=Count("*")).order_by())  # a ticket has one that goes on


def element_states(points: Iterable[RiskPoint], tickets: Iterable[Hazard], colours: SiteColours) -> list[ElementState]:
    """Return the colours of elements: the highest of the risk points and tickets that are anchored on each."""
    from_ticket: dict[str, int] = {}
    for reason in colours.reasons:
        if reason.source_kind == HAZARD:
            from_ticket[reason.source_id] = max(reason.grade, from_ticket.get(reason.source_id, 0))
    grades: dict[tuple[UUID, str], int] = {}
    marks = [(point.anchor, colours.risk_points[point.id].grade) for point in points if point.id in colours.risk_points]
    marks += [(ticket.anchor, from_ticket.get(str(ticket.id), 0)) for ticket in tickets]
    for anchor, grade in marks:
        if anchor.model_id and anchor.element_global_id:
            key = (anchor.model_id, anchor.element_global_id)
            grades[key] = max(grade, grades.get(key, 0))
    return [
        ElementState(model_id=model_id, global_id=global_id, grade=grade)
        for (model_id, global_id), grade in sorted(grades.items(), key=lambda item: item[0][1])
    ]


def place_of(anchor: Anchor | None) -> dict[str, float | None]:
    """Return longitude, latitude (EPSG:4490) and height of an anchor, by the middle of what is not a point."""
    if anchor is None:
        return {"lon": None, "lat": None, "h": None}
    shape: Any = anchor.geometry
    point = shape if shape.geom_type == "Point" else shape.centroid
    coords = shape.coords if shape.geom_type == "Point" else (point.x, point.y, _mean_height(shape))
    return {"lon": point.x, "lat": point.y, "h": coords[2] if len(coords) > 2 else None}


def _mean_height(shape: Any) -> float | None:
    def heights(coords: Any) -> Iterable[float]:
        if coords and isinstance(coords[0], float | int):
            return [coords[2]] if len(coords) > 2 else []
        return [height for part in coords for height in heights(part)]

    found = list(heights(shape.coords))
    return sum(found) / len(found) if found else None


def point_state(point: RiskPoint, colours: SiteColours) -> RiskPointState:
    """Return a risk point with its colour and place."""
    colour = colours.risk_points.get(point.id)
    return RiskPointState(
        id=point.id,
        code=point.code,
        name=point.name,
        grade=colour.grade if colour else 0,
        zone_ids=list(colours.zones_of_points.get(point.id, ())),
        model_id=point.anchor.model_id,
        global_id=point.anchor.element_global_id,
        **place_of(point.anchor),
    )


def alarm_state(alarm: Alarm) -> AlarmState:
    place = alarm.location
    return AlarmState(
        id=alarm.id,
        rule=alarm.rule,
        device_id=alarm.device_id,
        title=alarm_title(alarm),
        level=alarm.level,
        zone_id=alarm.zone_id,
        zone=alarm.zone.name if alarm.zone else "",
        storey=alarm.storey.name if alarm.storey else "",
        person=alarm.person_name,
        lon=place.x if place else None,
        lat=place.y if place else None,
        h=place.z if place else None,
        raised_at=alarm.raised_at,
        acknowledged_at=alarm.acknowledged_at,
    )


def ticket_state(ticket: Hazard, *, overdue: bool) -> TicketState:
    """Return a ticket with its place."""
    return TicketState(
        id=ticket.id,
        number=ticket.number,
        state=ticket.state,
        state_text=str(state_label(ticket.state)),
        description=ticket.description,
        deadline=ticket.deadline,
        overdue=overdue,
        storey=ticket.anchor.storey.name if ticket.anchor.storey else "",
        model_id=ticket.anchor.model_id,
        global_id=ticket.anchor.element_global_id,
        url=f"/hazards/{ticket.id}/",
        **place_of(ticket.anchor),
    )
