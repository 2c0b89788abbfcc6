"""Read routes, what is due, late or missed, the records, and how many were done of how many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from spatial.people.queries import roles_on
from spatial.places.models import Site
from spatial.risks.models import ResponsiblePerson, RiskPoint
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import edition_for, table

from .models import Patrol, PatrolRoute, PatrolStop
from .rules import PLANNERS, Calendar, may_patrol, periods_of

TABLE = "patrol_periods"
PATROLLED = (RiskPoint.State.ACTIVE, RiskPoint.State.SUSPENDED)


class PeriodsMissing(LookupError):
    """The edition that the site follows says nothing about patrols."""


@dataclass(frozen=True)
class Wanted:
    """A patrol that a risk point asks for: who, how often."""

    level: str
    period: str
    responsible: str
    phone: str


@dataclass
class Tally:
    """Patrols of a place or person in a time: how many periods asked for one, how many got it in time or late."""

    name: str
    due: int = 0
    in_time: int = 0
    late: int = 0
    findings: int = 0

    def add(self, other: Tally) -> None:
        """Count what another tally counted."""
        self.due += other.due
        self.in_time += other.in_time
        self.late += other.late
        self.findings += other.findings

    @property
    def done(self) -> int:
        """How many were done at all."""
        return self.in_time + self.late

    @property
    def share(self) -> float | None:
        """Share of periods whose patrol was done in time; None where none was due."""
        return self.in_time / self.due if self.due else None


def visible_routes(user: Any) -> QuerySet[PatrolRoute]:
    """Return the routes on sites that a user may see."""
    return PatrolRoute.objects.visible_to(user).select_related("assignee", "site__organisation", "site__region")


def visible_stops(user: Any) -> QuerySet[PatrolStop]:
    """Return the stops on sites that a user may see, in the order of their walks."""
    rows = PatrolStop.objects.visible_to(user).filter(active=True, route__active=True)
    return rows.select_related(
        "route__assignee", "site__organisation", "site__region", "risk_point__anchor__storey"
    ).order_by("position")


def visible_patrols(user: Any) -> QuerySet[Patrol]:
    """Return the patrols, open and done, on sites that a user may see."""
    return Patrol.objects.visible_to(user).select_related("stop__route", "risk_point", "site")


def open_patrols(site: Site) -> QuerySet[Patrol]:
    """Return the open patrols of a site, the one due first before the others."""
    rows = Patrol.objects.filter(site=site, done_at__isnull=True, withdrawn_at__isnull=True)
    rows = rows.filter(stop__active=True, stop__route__active=True)
    return rows.select_related("stop__route", "risk_point").order_by("due_at", "stop__position")


def standing(patrol: Patrol, now: datetime) -> str:
    """Return how an open patrol stands: later (not open yet), due, late, or missed; a done one is done."""
    if patrol.done_at is not None:
        return "done"
    if now >= patrol.missed_from:
        return "missed"
    if now >= patrol.due_at:
        return "late"
    return "due" if now >= patrol.opens_at else "later"


def calendar_of(site: Site, edition: Edition) -> Calendar:
    """Return the calendar of a site under an edition. Raises PeriodsMissing."""
    return Calendar(site.time_zone, periods_table(edition)["shift_starts"])


def periods_table(edition: Edition) -> dict[str, Any]:
    """Return the edition's patrol periods. Raises PeriodsMissing with what to do."""
    try:
        return table(edition, TABLE)
    except KeyError as error:
        raise PeriodsMissing(f"{edition} has no patrol periods; choose an edition of 2026-11-27 or later.") from error


def wanted_of(site: Site, edition: Edition) -> dict[UUID, list[Wanted]]:
    """Return which patrols each active or suspended risk point of a site asks for, by its id."""
    periods = periods_table(edition)
    people: dict[UUID, dict[str, ResponsiblePerson]] = {}
    for person in ResponsiblePerson.objects.filter(risk_point__site=site).order_by("-created_at"):
        people.setdefault(person.risk_point_id, {})[person.level] = person  # the first named stays
    found: dict[UUID, list[Wanted]] = {}
    for point in RiskPoint.objects.filter(site=site, state__in=PATROLLED).order_by("code"):
        named = people.get(point.pk, {})
        for level, period in periods_of(point.inherent_grade, periods).items():
            if (answerable := named.get(level)) is not None:
                found.setdefault(point.pk, []).append(Wanted(level, period, answerable.full_name, answerable.phone))
    return found


def without_plan(site: Site, *, now: datetime) -> tuple[int, int]:
    """Return how many patrols the risk points ask for that no route holds, and how many stops nobody asks for."""
    wanted = {
        (point, row.level, row.period, row.responsible)
        for point, rows in wanted_of(site, edition_for(site, on=now)).items()
        for row in rows
    }
    stops = PatrolStop.objects.filter(site=site, active=True, route__active=True)
    planned = set(stops.values_list("risk_point", "route__level", "route__period", "route__responsible_name"))
    return len(wanted - planned), len(planned - wanted)


def records(site: Site) -> QuerySet[Patrol]:
    """Return the patrols that were done on a site, the newest first."""
    rows = Patrol.objects.filter(site=site, done_at__isnull=False)
    return rows.select_related("stop__route", "risk_point", "done_by").order_by("-done_at")


def _count(patrol: Patrol, calendar: Calendar, since: datetime, until: datetime) -> Tally:
    """Return the periods of one patrol that ended in the time, and the one it was done in."""
    found = Tally("")
    last = min(until, patrol.done_at or patrol.withdrawn_at or until)
    if patrol.due_at <= last:  # most were done in time: nothing ended
        period = patrol.stop.route.period
        found.due = calendar.ends_between(period, patrol.due_at, last)
        found.due -= calendar.ends_between(period, patrol.due_at, since) if patrol.due_at <= since else 0
    if patrol.done_at is not None and since < patrol.done_at <= until:
        found.due += 1
        found.in_time = int(patrol.done_at < patrol.due_at)
        found.late = 1 - found.in_time
        found.findings = int(patrol.outcome == Patrol.Outcome.FINDING)
    return found


def tallies(site: Site, *, since: datetime, until: datetime) -> tuple[list[Tally], list[Tally], Tally]:
    """Return done and due per risk point, per responsible person, and in sum, of a time.

    A period counts once it has ended or its patrol was done. A patrol done late leaves the periods that ended
    before it undone, and does the one in which it was made.
    """
    calendar = calendar_of(site, edition_for(site, on=until))
    rows = Patrol.objects.filter(site=site, opens_at__lt=until).filter(
        Q(done_at__isnull=True, withdrawn_at__isnull=True) | Q(done_at__gt=since) | Q(withdrawn_at__gt=since)
    )
    places: dict[UUID, Tally] = {}
    people: dict[str, Tally] = {}
    total = Tally("")
    for patrol in rows.select_related("stop__route", "risk_point"):
        name, counted = patrol.stop.route.responsible_name, _count(patrol, calendar, since, until)
        places.setdefault(patrol.risk_point_id, Tally(str(patrol.risk_point))).add(counted)
        people.setdefault(name, Tally(name)).add(counted)
        total.add(counted)

    def ordered(found: Iterable[Tally]) -> list[Tally]:
        return sorted((row for row in found if row.due), key=lambda row: (row.share or 0.0, -row.due, row.name))

    return ordered(places.values()), ordered(people.values()), total


def may_plan(user: Any, site: Site) -> bool:
    """Return whether a user may plan the patrols of a site."""
    return bool(PLANNERS & roles_on(user, site)) or bool(user.is_superuser)


def may_do(user: Any, route: PatrolRoute) -> bool:
    """Return whether a user may do the patrols of a route: the named account, or a role of its level or above."""
    if user.is_superuser or (route.assignee_id and route.assignee_id == user.pk):
        return True
    return may_patrol(route.level, roles_on(user, route.site))
