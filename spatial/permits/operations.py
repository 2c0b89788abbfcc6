"""Ask for a work permit, decide it, test the gas, count people in and out, close it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event
from spatial.people.models import Person, Role
from spatial.people.queries import roles_on
from spatial.places.models import Site
from spatial.places.operations import PlaceRefused, place_anchor
from spatial.rulebook.queries import followed_edition

from .models import GasTest, Passage, PermitEntrant, WorkPermit
from .queries import facts_of_people, lets_in, limits_of, limits_on, people_inside
from .rules import permit_kinds, standing

APPLICANTS = {Role.WORKER, Role.SITE_SAFETY, Role.PROJECT_MANAGER, Role.ENTERPRISE_SAFETY}
APPROVERS = {Role.SITE_SAFETY, Role.PROJECT_MANAGER, Role.ENTERPRISE_SAFETY}
State = WorkPermit.State


class PermitRefused(ValueError):
    """A permit cannot be handled as asked; `code` names the sentence and `field` the place, the message says what
    to do."""

    def __init__(self, code: str, message: str, field: str = "", **values: Any) -> None:
        self.code, self.field, self.values = code, field, values
        super().__init__(message)


@transaction.atomic
def request_permit(
    *,
    site: Site,
    kind: str,
    work: str,
    starts_at: datetime,
    ends_at: datetime,
    entrants: Iterable[Person],
    attendant: Person | None,
    measures: Iterable[str],
    actor: Any | None,
    now: datetime,
    applicant_name: str = "",
    zone: Any | None = None,
    anchor_at: Mapping[str, Any] | None = None,
    place: str = "",
) -> WorkPermit:
    """This function will ask for a permit: what, where, when, who works, who watches, what was checked.

    `anchor_at` says where on the map or on which element (as `place_anchor` takes it): the entrance of a confined
    space.
    Raises PermitRefused for a window that is over, too long or back to front, a missing place, measure, attendant or
    certificate, or somebody of another site.
    """
    _check_actor(site, actor, APPLICANTS)
    known = permit_kinds().get(kind)
    if known is None:
        raise PermitRefused("kind", f"{kind!r} is no kind of permit: {', '.join(permit_kinds())}.", "kind")
    if not work.strip():
        raise PermitRefused("no_work", "Say what is done.", "work")
    if zone is None and anchor_at is None:
        raise PermitRefused("no_place", "Say where: choose a zone.", "zone")
    if zone and zone.site_id != site.pk:
        raise PermitRefused("no_place", "That place is on another site.", "zone")
    if not starts_at < ends_at or ends_at <= now:
        raise PermitRefused("window", "The end must be after the beginning, and not be over yet.", "ends_at")
    most = limits_on(site, starts_at).most[kind]
    if ends_at - starts_at > most:
        hours = f"{most.total_seconds() / 3600:g}"
        raise PermitRefused("too_long", f"This kind holds for at most {hours} h.", "ends_at", hours=hours)
    people = list(entrants)
    _check_people(site, people, attendant, known.needs_attendant)
    missing = [measure.code for measure in known.measures if measure.code not in set(measures)]
    if missing:
        raise PermitRefused("measures", f"Not checked: {', '.join(missing)}.", "measures", codes=missing)
    _check_certificates(site, people, known.certificates, starts_at)
    try:
        anchor = place_anchor(site=site, **anchor_at) if anchor_at is not None else None
    except PlaceRefused as refused:
        raise PermitRefused("no_place", str(refused), "zone") from refused
    permit = WorkPermit.objects.create(
        organisation=site.organisation,
        site=site,
        number=_next_number(site, now),
        kind=kind,
        work=work.strip(),
        zone=zone,
        anchor=anchor,
        place=place.strip(),
        starts_at=starts_at,
        ends_at=ends_at,
        applicant=actor,
        applicant_name=applicant_name or str(actor or ""),
        attendant=attendant,
        measures=[measure.code for measure in known.measures],
    )
    row = {"organisation": site.organisation, "site": site, "permit": permit}
    PermitEntrant.objects.bulk_create([PermitEntrant(**row, person=person) for person in people])
    return _done(permit, "request_permit", actor, now, {"kind": kind, "number": permit.number, "work": permit.work})


def _check_people(site: Site, people: list[Person], attendant: Person | None, needs_attendant: bool) -> None:
    if not people:
        raise PermitRefused("no_entrants", "Name who works.", "entrants")
    if needs_attendant and attendant is None:
        raise PermitRefused("no_attendant", "Name who watches.", "attendant")
    for person in [*people, *([attendant] if attendant else [])]:
        if person.site_id != site.pk or person.left_on is not None:
            name = person.full_name
            raise PermitRefused("stranger", f"{name} does not work on this site.", "entrants", name=name)
    if attendant is not None and attendant.pk in {person.pk for person in people}:
        raise PermitRefused("attendant_works", "Who watches does not work there.", "attendant")


def _check_certificates(site: Site, people: list[Person], kinds: tuple[str, ...], at: datetime) -> None:
    """Somebody of those who work must hold each certificate that the kind of work needs."""
    if not kinds:
        return
    facts = facts_of_people(site, at, [person.pk for person in people])
    for kind in kinds:
        if not any(one.holds(kind, at) for one in facts.values()):
            message = f"None of those who work holds the certificate {kind} on that day."
            raise PermitRefused("no_certificate", message, "entrants", kind=kind)


def _next_number(site: Site, now: datetime) -> str:
    Site.objects.select_for_update().get(pk=site.pk)
    day = now.astimezone(ZoneInfo(site.time_zone)).strftime("%Y%m%d")
    count = WorkPermit.objects.filter(site=site, number__startswith=f"{day}-").count()
    return f"{day}-{count + 1:03d}"


@transaction.atomic
def decide_permit(
    *, permit: WorkPermit, approve: bool, reason: str = "", actor: Any | None, now: datetime
) -> WorkPermit:
    """This function will approve or refuse a request; not by who asked for it. Raises PermitRefused."""
    permit = _locked(permit)
    _check_actor(permit.site, actor, APPROVERS)
    if actor is not None and permit.applicant_id == actor.pk:
        raise PermitRefused("own", "Somebody else must approve what you asked for.")
    _expect(permit, {State.REQUESTED}, now)
    if not approve and not reason.strip():
        raise PermitRefused("no_reason", "Say why it is refused.", "reason")
    permit.state = State.APPROVED if approve else State.REFUSED
    permit.approver, permit.decided_at, permit.refusal = actor, now, "" if approve else reason.strip()
    permit.save(update_fields=["state", "approver", "decided_at", "refusal"])
    return _done(permit, "approve_permit" if approve else "refuse_permit", actor, now, {"reason": permit.refusal})


@transaction.atomic
def test_gas(
    *, permit: WorkPermit, values: Mapping[str, float], tested_by: str, actor: Any | None, now: datetime
) -> GasTest:
    """This function will write down a gas test, also one that failed: then nobody may be inside. Raises
    PermitRefused."""
    permit = _locked(permit)
    _check_actor(permit.site, actor, APPLICANTS)
    _expect(permit, {State.APPROVED, State.RUNNING}, now)
    limits = limits_on(permit.site, now)
    missing = [limit.code for limit in limits.gases if limit.code not in values]
    if missing:
        raise PermitRefused("gas_missing", f"Not measured: {', '.join(missing)}.", missing[0])
    if wrong := [code for code, value in values.items() if not 0 <= value <= 1000]:
        raise PermitRefused("gas_range", "A value is 0 to 1000.", wrong[0])
    if not tested_by.strip():
        raise PermitRefused("no_tester", "Say who tested.", "tested_by")
    test = GasTest.objects.create(
        organisation=permit.organisation,
        site=permit.site,
        permit=permit,
        taken_at=now,
        values=dict(values),
        passed=limits.passed(values),
        tested_by=tested_by.strip(),
    )
    edition = followed_edition(permit.site, on=now)
    details = {"values": dict(values), "passed": test.passed, "edition": str(edition or "")}
    _done(permit, "test_gas", actor, now, details)
    return test


def _check_gas(permit: WorkPermit, now: datetime) -> None:
    if not lets_in(permit, now):
        minutes = f"{limits_of(permit).entry_age.total_seconds() / 60:g}"
        message = f"Test the gas first: a passed test of the last {minutes} minutes is needed."
        raise PermitRefused("gas", message, minutes=minutes)


@transaction.atomic
def start_work(*, permit: WorkPermit, actor: Any | None, now: datetime) -> WorkPermit:
    """This function will start the work of an approved permit within its window. Raises PermitRefused."""
    permit = _locked(permit)
    _check_actor(permit.site, actor, APPLICANTS)
    _expect(permit, {State.APPROVED}, now)
    if now < permit.starts_at:
        raise PermitRefused("early", "The window has not begun yet.")
    _check_gas(permit, now)
    permit.state, permit.started_at = State.RUNNING, now
    permit.save(update_fields=["state", "started_at"])
    return _done(permit, "start_permit", actor, now, {})


@transaction.atomic
def note_passage(*, entrant: PermitEntrant, inwards: bool, actor: Any | None, now: datetime) -> Passage:
    """This function will count an entrant in or out. Out is always possible; in needs a running permit, and where
    gas is tested a passed test of the last 30 minutes. Raises PermitRefused."""
    permit = _locked(entrant.permit)
    _check_actor(permit.site, actor, APPLICANTS)
    name = entrant.person.full_name
    is_inside = entrant.pk in people_inside(permit)
    if inwards:
        _expect(permit, {State.RUNNING}, now)
        if is_inside:
            raise PermitRefused("inside", f"{name} is inside already.", name=name)
        _check_gas(permit, now)
    elif not is_inside:
        raise PermitRefused("outside", f"{name} is not inside.", name=name)
    passage = Passage.objects.create(
        organisation=permit.organisation, site=permit.site, entrant=entrant, inwards=inwards, at=now
    )
    _done(permit, "note_passage", actor, now, {"person": str(entrant.person_id), "inwards": inwards})
    return passage


@transaction.atomic
def close_permit(*, permit: WorkPermit, note: str = "", actor: Any | None, now: datetime) -> WorkPermit:
    """This function will end the work, also after its window; everybody counted in must be out. Raises
    PermitRefused."""
    permit = _locked(permit)
    _check_actor(permit.site, actor, APPLICANTS)
    if permit.state not in (State.APPROVED, State.RUNNING):
        raise PermitRefused("state", f"A permit that is {permit.state} cannot be closed.", state=permit.state)
    inside = people_inside(permit)
    if inside:
        names = "、".join(PermitEntrant.objects.filter(pk__in=inside).values_list("person__full_name", flat=True))
        raise PermitRefused("still_inside", f"Still inside: {names}. Bring them out first.", names=names)
    permit.state, permit.closed_at, permit.closing_note = State.CLOSED, now, note.strip()
    permit.save(update_fields=["state", "closed_at", "closing_note"])
    return _done(permit, "close_permit", actor, now, {"note": permit.closing_note})


def _locked(permit: WorkPermit) -> WorkPermit:
    rows = WorkPermit.objects.select_for_update(of=("self",)).select_related("site__organisation", "site__region")
    return rows.get(pk=permit.pk)


def _check_actor(site: Site, actor: Any | None, roles: set[Role]) -> None:
    if actor is not None and not (actor.is_superuser or roles_on(actor, site) & roles):
        raise PermitRefused("not_yours", "This is for the people of the site who answer for the work.")


def _expect(permit: WorkPermit, states: set[State], now: datetime) -> None:
    stands = standing(permit.state, permit.starts_at, permit.ends_at, now)
    if stands not in states:
        raise PermitRefused("state", f"This cannot be done with a permit that is {stands}.", state=stands)


def _done(permit: WorkPermit, verb: str, actor: Any | None, now: datetime, details: dict[str, Any]) -> WorkPermit:
    record_act(
        organisation=permit.organisation,
        site=permit.site,
        actor=actor,
        verb=verb,
        subject_kind="permit",
        subject_id=permit.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )
    payload = {"permit": str(permit.pk), "number": permit.number, "state": permit.state}
    append_event(site=permit.site, kind="permit_changed", payload=payload, occurred_at=now)
    return permit
