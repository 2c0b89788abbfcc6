"""The acts on a ticket, general path. Each is one transaction: ticket, evidence, triggers, transition, act, event.

Every act takes `now` (server time decides) and a `client_event_id`: the same one again changes nothing and
returns the same ticket. Refusals are those of refusals.py; nothing has changed then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from spatial.people.queries import roles_on
from spatial.places.models import Storey
from spatial.places.operations import PlaceRefused, place_anchor
from spatial.rulebook.queries import edition_for

from .evidence import PhotoGiven, read_pictures, store_pictures
from .extensions import approve_extension, reject_extension, request_extension
from .models import Hazard, Photo
from .queries import ticket_of, workflow_of
from .rechecks import auto_close, recheck_fail, recheck_pass, review_close, review_reject
from .refusals import ActorRefused, EvidenceRefused, HazardRefused, TransitionRefused, refuse
from .rules import (
    Refusal,
    end_of_day,
    gettext_noop,
    handed_in_on_time,
)
from .steps import begin, earlier_answer, finish, next_number, plain_details, required_text, take_photos
from .triggers import start_open, stop_clock

__all__ = [
    "ActorRefused",
    "EvidenceRefused",
    "HazardRefused",
    "TransitionRefused",
    "approve_extension",
    "approve_general",
    "auto_close",
    "reassign",
    "recheck_fail",
    "recheck_pass",
    "reject_extension",
    "report_hazard",
    "request_extension",
    "resubmit",
    "return_hazard",
    "review_close",
    "review_reject",
    "submit_fix",
    "void_hazard",
]
NO_MEMBER = gettext_noop("%(name)s has no role on this site.")


def _anchor(site: Any, place: Mapping[str, Any]) -> Any:
    storey = None
    if place.get("storey_id"):
        storey = Storey.objects.filter(pk=place["storey_id"], site=site).first()
    try:
        return place_anchor(
            site=site,
            lon=place["lon"],
            lat=place["lat"],
            height_m=place.get("height_m"),
            storey=storey,
            model_id=place.get("model_id"),
            element_global_id=place.get("element_global_id") or "",
            element_name=place.get("element_name") or "",
            offset_m=place.get("offset_m"),
        )
    except (PlaceRefused, KeyError) as error:
        refuse(Refusal("value", "%(reason)s", {"reason": str(error)}, "place"))


@transaction.atomic
def report_hazard(
    *,
    site: Any,
    anchor_at: Mapping[str, Any],
    description: str,
    category: str = "",
    photos: Sequence[PhotoGiven],
    found_at: datetime,
    actor: Any,
    now: datetime,
    client_event_id: str = "",
    risk_point: Any | None = None,
    level: str = Hazard.Level.GENERAL,
    source: str = "self_check",
) -> Hazard:
    """This function will report a hazard at a place (T01): `anchor_at` is lon, lat (EPSG:4490), height_m and more.

    `level` "major" is the reporter's proposal; a ticket is major only when judged by a criterion. `found_at`
    later than `now` is taken as now. Raises ActorRefused, HazardRefused, EvidenceRefused.
    """
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    if not roles_on(actor, site):
        refuse(Refusal("role", gettext_noop("You have no role on this site.")))
    if level not in Hazard.Level.values:
        refuse(Refusal("value", gettext_noop("A hazard is general or major."), field_name="level"))
    if risk_point is not None and risk_point.site_id != site.pk:
        refuse(Refusal("value", gettext_noop("The risk point is on another site."), field_name="risk_point"))
    description = required_text(description, "description")
    edition = edition_for(site, on=now)
    workflow = workflow_of(edition)
    pictures = read_pictures(photos, site=site, workflow=workflow)
    found_at = min(found_at, now)
    hazard = Hazard.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        number=next_number(site, "YH", "number", now),
        state="DRAFT",
        description=description,
        category=category[:60],
        source=source,
        anchor=_anchor(site, anchor_at),
        risk_point=risk_point,
        reporter=actor,
        found_at=found_at,
        received_at=now,
        rule_edition=edition,
    )
    step = begin(hazard=hazard, event="submit", actor=actor, now=now, client_event_id=client_event_id)
    step.hazard.submitted_at = now
    hashes = store_pictures(pictures, hazard=hazard, step=Photo.Step.BEFORE, now=now, workflow=workflow)
    hours = (now - found_at).total_seconds() / 3600
    details = {
        "photos": hashes,
        "proposed_level": str(level),
        "category": category,
        "late_report": hours > workflow.settings["offline_mark_after_hours"],
    }
    return finish(step, text=description, details=details, occurred_at=found_at)


def _check_people(site: Any, people: Mapping[str, Any]) -> None:
    for name, person in people.items():
        if person is None or not roles_on(person, site):
            refuse(Refusal("value", NO_MEMBER, {"name": str(person or "-")}, name))


@transaction.atomic
def approve_general(
    *,
    hazard: Hazard,
    rectifier: Any,
    rechecker: Any,
    acceptance_person: Any,
    measure: str,
    deadline_class: str = "",
    deadline: datetime | None = None,
    actor: Any,
    now: datetime,
    client_event_id: str = "",
) -> Hazard:
    """This function will assign a general hazard by the five fixed items (五定, T02) and colour its place.

    Give a class (immediate 0, short 3, normal 7, long 15 days: 24:00 at the site of that day) or an instant.
    """
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    if deadline is None:
        days = workflow_of(hazard.rule_edition).deadline_days.get(deadline_class)
        if days is None:
            sentence = gettext_noop("Choose how long the fix may take.")
            refuse(Refusal("value", sentence, field_name="deadline_class"))
        deadline = end_of_day(now, days, hazard.site.time_zone)
    people = {"rectifier": rectifier, "rechecker": rechecker, "acceptance_person": acceptance_person}
    step = begin(
        hazard=hazard,
        event="approve_general",
        actor=actor,
        now=now,
        client_event_id=client_event_id,
        rectifier=getattr(rectifier, "pk", None),
        rechecker=getattr(rechecker, "pk", None),
        deadline=deadline,
    )
    row = step.hazard
    _check_people(row.site, people)
    row.measure = required_text(measure, "measure")
    row.rectifier, row.rechecker, row.acceptance_person = rectifier, rechecker, acceptance_person
    row.deadline_class, row.deadline, row.first_deadline = deadline_class, deadline, deadline
    row.deadline_set_level, row.assigned_at = step.level, now
    row.state, row.notice_number = step.row.to_state, next_number(row.site, "ZG", "notice_number", now)
    row.save()
    start_open(row, now)
    details: dict[str, Any] = {name: str(person.pk) for name, person in people.items()}
    details |= {"deadline": deadline, "deadline_class": deadline_class, "notice": row.notice_number}
    return finish(step, text=row.measure, details=plain_details(details))


@transaction.atomic
def return_hazard(*, hazard: Hazard, reason: str, actor: Any, now: datetime, client_event_id: str = "") -> Hazard:
    """This function will send a report back to its reporter for more facts (T03), at most three times."""
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    step = begin(hazard=hazard, event="return", actor=actor, now=now, client_event_id=client_event_id)
    step.hazard.return_count += 1
    return finish(step, text=required_text(reason, "reason"))


@transaction.atomic
def resubmit(
    *,
    hazard: Hazard,
    text: str,
    photos: Sequence[PhotoGiven] = (),
    actor: Any,
    now: datetime,
    client_event_id: str = "",
) -> Hazard:
    """This function will report a returned hazard again (T04); its first photos stay, new ones may come."""
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    step = begin(hazard=hazard, event="resubmit", actor=actor, now=now, client_event_id=client_event_id)
    text = required_text(text, "text")
    hashes = take_photos(step, photos, Photo.Step.BEFORE, needed=False)
    step.hazard.submitted_at = now
    return finish(step, text=text, details={"photos": hashes})


@transaction.atomic
def void_hazard(
    *,
    hazard: Hazard,
    reason: str,
    duplicate_of: Hazard | None = None,
    actor: Any,
    now: datetime,
    client_event_id: str = "",
) -> Hazard:
    """This function will void a report: no hazard, a duplicate or a test (T05), by another than its reporter."""
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    step = begin(hazard=hazard, event="void", actor=actor, now=now, client_event_id=client_event_id)
    details = {"duplicate_of": str(duplicate_of.pk)} if duplicate_of else {}
    return finish(step, text=required_text(reason, "reason"), details=details)


@transaction.atomic
def reassign(
    *, hazard: Hazard, rectifier: Any, reason: str, actor: Any, now: datetime, client_event_id: str = ""
) -> Hazard:
    """This function will give the fix to somebody else (T07); the deadline is kept."""
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    step = begin(
        hazard=hazard,
        event="reassign",
        actor=actor,
        now=now,
        client_event_id=client_event_id,
        rectifier=getattr(rectifier, "pk", None),
    )
    _check_people(step.hazard.site, {"rectifier": rectifier})
    details = {"from": str(step.hazard.rectifier_id), "to": str(rectifier.pk)}
    step.hazard.rectifier = rectifier
    return finish(step, text=required_text(reason, "reason"), details=details)


@transaction.atomic
def submit_fix(
    *,
    hazard: Hazard,
    text: str,
    photos: Sequence[PhotoGiven],
    fixed_at: datetime,
    actor: Any,
    now: datetime,
    client_event_id: str = "",
) -> Hazard:
    """This function will hand in a fix with photos (T08). On time it stops the clock; red that started goes on.

    The server's time decides whether it is on time; `fixed_at` is the client's.
    """
    if (earlier := earlier_answer(actor, client_event_id)) is not None:
        return earlier
    workflow = workflow_of(hazard.rule_edition)
    begin(hazard=hazard, event="submit_fix", actor=actor, now=now)  # who and when, before pictures are read
    pictures = read_pictures(photos, site=hazard.site, workflow=workflow)
    times = tuple(picture.taken_at for picture in pictures if picture.taken_at is not None)
    step = begin(
        hazard=hazard,
        event="submit_fix",
        actor=actor,
        now=now,
        client_event_id=client_event_id,
        photo_times=times,
    )
    text = required_text(text, "text")
    hashes = store_pictures(pictures, hazard=step.hazard, step=Photo.Step.AFTER, now=now, workflow=workflow)
    step.hazard.rectified_at = now
    on_time = handed_in_on_time(ticket_of(step.hazard))
    if on_time:
        stop_clock(step.hazard, now)
    details = {"photos": hashes, "on_time": on_time}
    return finish(step, text=text, details=details, occurred_at=min(fixed_at, now))
