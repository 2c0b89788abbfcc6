"""Work permits to look at, and what they let people do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from spatial.people.models import Person
from spatial.people.queries import facts_without_permits
from spatial.people.rules import PermitWindow, PersonFacts
from spatial.rulebook.queries import followed_table
from spatial.rulebook.tenant_numbers import PERMIT_LIMITS

from .models import Passage, PermitEntrant, WorkPermit
from .rules import (
    GasTestTaken,
    PermitLimits,
    Span,
    may_go_in,
    permit_kinds,
    read_limits,
    shipped_limits,
    stay_spans,
    still_inside,
)

LOOK_BACK = timedelta(days=2)
"""How old the end of a permit may be to be told to the engine: positions come late by hours, not days."""
HELD = (WorkPermit.State.APPROVED, WorkPermit.State.RUNNING, WorkPermit.State.CLOSED)
"""The states of permits that let people in, now or once."""


def visible(user: Any) -> QuerySet[WorkPermit]:
    """Return the permits on sites that a user may see."""
    return WorkPermit.objects.visible_to(user).select_related(
        "zone", "anchor__storey", "attendant", "approver", "applicant"
    )


def permit_windows(site: Any, at: datetime) -> dict[UUID, list[PermitWindow]]:
    """Return when permits let whom into which zone, by person: entrants and the attendant.

    Windows around `at` are given with their moments, so that a late position is judged by its own time. A permit
    that was closed ends then.
    """
    rows = WorkPermit.objects.filter(site=site, state__in=HELD, zone__isnull=False, ends_at__gt=at - LOOK_BACK)
    found: dict[UUID, list[PermitWindow]] = defaultdict(list)
    for permit in rows.prefetch_related("entrants", "gas_tests").order_by("starts_at", "pk"):
        for window in _windows(permit, site):
            people = {entrant.person_id for entrant in permit.entrants.all()}
            if permit.attendant_id:
                people.add(permit.attendant_id)
            for person_id in people:
                found[person_id].append(window)
    return found


def window_of(permit: WorkPermit) -> Span:
    """Return from when to when a permit holds: from its decision on, until it ends or was closed."""
    begin = max(permit.starts_at, permit.decided_at or permit.starts_at)
    return Span(begin, min(permit.ends_at, permit.closed_at or permit.ends_at))


def limits_on(site: Any, on: date | datetime) -> PermitLimits:
    """Return the limits of permits that the rule edition of a site has on a day; those that ship where it has none."""
    content = followed_table(site, PERMIT_LIMITS, on=on)
    return shipped_limits() if content is None else read_limits(content)


def limits_of(permit: WorkPermit) -> PermitLimits:
    """Return the limits that count for a permit all its time: those of the day on which its window begins."""
    return limits_on(permit.site, permit.starts_at)


def lets_in(permit: WorkPermit, at: datetime) -> bool:
    """Return whether people may go in by a permit as far as gas is concerned: no test is needed, or one is fresh."""
    return not permit_kinds()[permit.kind].needs_gas_test or may_go_in(tests_of(permit), at, limits_of(permit))


def _windows(permit: WorkPermit, site: Any) -> list[PermitWindow]:
    kind = permit_kinds()[permit.kind]
    limits = limits_on(site, permit.starts_at) if kind.needs_gas_test else None
    tests = [GasTestTaken(test.taken_at, test.passed) for test in permit.gas_tests.all()]
    holds = window_of(permit)
    assert permit.zone_id is not None
    return [
        PermitWindow(permit.pk, permit.zone_id, permit.kind, span.starts_at, span.ends_at)
        for span in stay_spans(holds.starts_at, holds.ends_at, kind, tests, limits)
    ]


def facts_of_people(site: Any, at: datetime, person_ids: Iterable[UUID] | None = None) -> dict[UUID, PersonFacts]:
    """Return what decides where the people of a site may work, as known at `at`, by person id."""
    return facts_without_permits(site, at, permit_windows(site, at), person_ids)


def tests_of(permit: WorkPermit) -> list[GasTestTaken]:
    """Return the gas tests of a permit, in order."""
    return [GasTestTaken(test.taken_at, test.passed) for test in permit.gas_tests.order_by("taken_at")]


def people_inside(permit: WorkPermit) -> set[UUID]:
    """Return the entrants (their row ids) who were counted in and not out."""
    passages = Passage.objects.filter(entrant__permit=permit).order_by("at", "pk")
    return still_inside(passages.values_list("entrant_id", "inwards"))


def entered_since(permit: WorkPermit) -> list[tuple[Person, datetime]]:
    """Return who was counted in and not out, and when they went in."""
    inside = people_inside(permit)
    rows = Passage.objects.filter(entrant__in=inside, inwards=True).order_by("entrant", "-at").distinct("entrant")
    at = dict(rows.values_list("entrant_id", "at"))
    entrants = PermitEntrant.objects.filter(pk__in=inside).select_related("person").order_by("pk")
    return [(entrant.person, at[entrant.pk]) for entrant in entrants]
