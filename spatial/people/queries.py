"""Who may do what where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from .models import (
    BriefingSignature,
    Certificate,
    CertificateRequirement,
    Education,
    Membership,
    Person,
    Role,
    Shift,
    User,
)
from .rules import EDUCATION_LEVELS, PermitWindow, PersonFacts, briefed_until, end_of_day, last_ends, start_of_day
from .shift_rules import ShiftTimes


def roles_on(user: Any, site: Any) -> set[str]:
    """Return the roles a user has on a site: of the site, of an organisation or a region at or above it."""
    if user is None or not user.is_authenticated or not user.is_active:
        return set()
    organisation_path = site.organisation.path
    region_path = site.region.path if site.region_id else ""
    roles = set()
    for membership in user.memberships.select_related("organisation", "region"):
        if (
            (membership.site_id and membership.site_id == site.pk)
            or (membership.organisation_id and organisation_path.startswith(membership.organisation.path))
            or (membership.region_id and region_path.startswith(membership.region.path))
        ):
            roles.add(str(membership.role))
    return roles


def all_roles(user: Any) -> set[str]:
    """Return every role that a user has anywhere; it decides which page is shown first."""
    if user is None or not user.is_authenticated:
        return set()
    return set(user.memberships.values_list("role", flat=True))


def _above(path: str, step: int = 4) -> list[str]:
    """Return a treebeard path and the paths of all nodes above it."""
    return [path[:end] for end in range(step, len(path) + 1, step)]


def users_on(site: Any, *, role: Role | str | None = None) -> QuerySet[User]:
    """Return the active users with any role (or this one) on a site, by name; for pick lists."""
    reach = Q(site=site) | Q(organisation__path__in=_above(site.organisation.path))
    if site.region_id:
        reach |= Q(region__path__in=_above(site.region.path))
    memberships = Membership.objects.filter(reach)
    if role:
        memberships = memberships.filter(role=role)
    return User.objects.filter(is_active=True, id__in=memberships.values("user")).order_by("full_name", "username")


def certificate_requirements(organisation: Any) -> QuerySet[CertificateRequirement]:
    """Return what an organisation, and those above it, require of trades beyond `data/trades.json`, by trade."""
    rows = CertificateRequirement.objects.filter(organisation__path__in=_above(organisation.path))
    return rows.select_related("organisation").order_by("trade", "kind", "organisation__path")


def visible(user: Any) -> QuerySet[Person]:
    """Return the people on sites that a user may see."""
    return Person.objects.visible_to(user).select_related("team")


def on_the_books(site: Any) -> QuerySet[Person]:
    """Return the people who work on a site and have not left it, by name."""
    return Person.objects.filter(site=site, left_on=None).select_related("team", "employer").order_by("full_name", "pk")


def facts_without_permits(
    site: Any, at: datetime, permits: dict[UUID, list[PermitWindow]], person_ids: Iterable[UUID] | None = None
) -> dict[UUID, PersonFacts]:
    """Return what decides where people may work, by person; `spatial.permits.queries.facts_of_people` brings the
    permits, because permits are above people."""
    people = Person.objects.filter(site=site)
    if person_ids is not None:
        people = people.filter(pk__in=list(person_ids))
    ids = [person.pk for person in people]
    zone = site.time_zone
    certificates: dict[UUID, list[tuple[str, datetime, datetime]]] = defaultdict(list)
    for row in Certificate.objects.filter(person_id__in=ids).exclude(withdrawn_at__lte=at):
        span = (row.kind, start_of_day(row.valid_from, zone), end_of_day(row.valid_until, zone))
        certificates[row.person_id].append(span)
    levels = _levels(ids, at.astimezone(start_of_day(at.date(), zone).tzinfo).date())
    briefings: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    signed = BriefingSignature.objects.filter(person_id__in=ids, signed_at__lte=at).select_related("briefing")
    for signature in signed:
        first, last = signature.briefing.valid_from, signature.briefing.valid_until
        briefings[signature.person_id].append((start_of_day(first, zone), end_of_day(last, zone)))
    return {
        person.pk: PersonFacts(
            person_id=person.pk,
            trade=person.trade,
            team_id=person.team_id,
            certificates=last_ends(certificates[person.pk], at),
            briefed_until=briefed_until(levels[person.pk], briefings[person.pk], at),
            permits=tuple(permits.get(person.pk, ())),
        )
        for person in people
    }


def _levels(person_ids: Iterable[UUID], until: date) -> dict[UUID, set[str]]:
    """Return the levels of safety education that people had by a day."""
    levels: dict[UUID, set[str]] = defaultdict(set)
    held = Education.objects.filter(person_id__in=list(person_ids), held_on__lte=until)
    for person_id, level in held.values_list("person_id", "level"):
        levels[person_id].add(level)
    return levels


@dataclass(frozen=True, slots=True)
class PaperEnds:
    """When papers of a person ended last within a stretch of time: certificates by kind, and a signed briefing."""

    certificates: dict[str, datetime]
    briefing: datetime | None


def paper_ends(people: Iterable[Person], after: datetime, until: datetime) -> dict[UUID, PaperEnds]:
    """Return which papers of people ended after a moment and not after another, by person; a certificate that was
    withdrawn ends then. Another paper may hold on: `facts_without_permits` says what does. People come with sites."""
    zones = {person.pk: person.site.time_zone for person in people}
    certificates: dict[UUID, dict[str, datetime]] = defaultdict(dict)
    briefings: dict[UUID, datetime] = {}
    days = (after.date() - timedelta(days=2), until.date() + timedelta(days=1))
    held = Certificate.objects.filter(person_id__in=zones, valid_until__gte=days[0])
    for row in held.filter(Q(valid_until__lte=days[1]) | Q(withdrawn_at__gt=after)) if zones else ():
        end = end_of_day(row.valid_until, zones[row.person_id])
        end = min(end, row.withdrawn_at or end)
        if after < end <= until and start_of_day(row.valid_from, zones[row.person_id]) < end:
            kinds = certificates[row.person_id]
            kinds[row.kind] = max(kinds.get(row.kind, end), end)
    signed = BriefingSignature.objects.filter(person_id__in=zones, signed_at__isnull=False)
    signed = signed.filter(briefing__valid_until__range=days).select_related("briefing")
    for signature in signed if zones else ():
        end = end_of_day(signature.briefing.valid_until, zones[signature.person_id])
        if after < end <= until and signature.signed_at is not None and signature.signed_at < end:
            briefings[signature.person_id] = max(briefings.get(signature.person_id, end), end)
    if briefings:  # who lacks a level of education was not briefed before either: nothing of theirs ended
        levels = _levels(briefings, until.date())
        briefings = {pk: end for pk, end in briefings.items() if set(EDUCATION_LEVELS) <= levels[pk]}
    return {person_id: PaperEnds(certificates[person_id], briefings.get(person_id)) for person_id in zones}


def newest_certificates(site: Any) -> QuerySet[Certificate]:
    """Return of each kind the certificate that holds longest, of the people who work on a site."""
    rows = Certificate.objects.filter(site=site, withdrawn_at=None, person__left_on=None).select_related("person")
    return rows.order_by("person", "kind", "-valid_until", "-valid_from").distinct("person", "kind")


def shift_times(shift: Shift) -> ShiftTimes:
    """Return a shift as the rules take it."""
    return ShiftTimes(
        name=shift.name,
        starts=shift.starts,
        ends=shift.ends,
        weekdays=frozenset(shift.weekdays or range(1, 8)),
        breaks=tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in shift.breaks),
        early_min=shift.early_min,
        late_min=shift.late_min,
    )


def shifts_by_team(site: Any) -> dict[UUID | None, list[ShiftTimes]]:
    """Return the shifts of a site by team; under None those that are everybody's."""
    found: dict[UUID | None, list[ShiftTimes]] = defaultdict(list)
    for shift in Shift.objects.filter(site=site, active=True).prefetch_related("teams").order_by("starts", "name"):
        team_ids: list[UUID | None] = [team.pk for team in shift.teams.all()]
        for team_id in team_ids or [None]:
            found[team_id].append(shift_times(shift))
    return dict(found)


def shifts_for(team_id: UUID | None, by_team: dict[UUID | None, list[ShiftTimes]]) -> list[ShiftTimes]:
    """Return the shifts of somebody of a team: the team's own, or else everybody's."""
    return by_team.get(team_id) or by_team.get(None, [])
