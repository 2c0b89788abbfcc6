"""Write planning documents and sign them, seat the leading group, and note trainings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from spatial.ledger.operations import record_act
from spatial.ledger.rules import canonical_json
from spatial.people.queries import roles_on
from spatial.people.rules import add_months
from spatial.places.models import Site

from .body import check_body, unfilled
from .facts import facts_of, people_of_group
from .models import DocumentSignature, DocumentVersion, GroupMember, TrainingSession
from .queries import PENDING, may_edit, standing_signatures
from .rules import STATE_AFTER, check_signature, content_sha256, document_number, used_facts
from .templates import field_list, table_fields, template_set, text_fields

State = DocumentVersion.State


class PlanningRefused(ValueError):
    """Something about planning cannot be stored; nothing was changed. The message says what to do."""


class PlanningForbidden(PlanningRefused):
    """The actor has no role on the site that may do this."""


class DocumentIncomplete(PlanningRefused):
    """A document cannot be signed because fields of it are not filled; `fields` are their names."""

    def __init__(self, fields: list[str]) -> None:
        names = ", ".join(field_list()[name].en for name in fields)
        super().__init__(f"These fields are not filled yet: {names}. Fill them, or take them out of the text.")
        self.fields = fields


def day_on_site(site: Any, now: datetime) -> date:
    """Return the calendar day of a moment on a site."""
    return now.astimezone(ZoneInfo(site.time_zone)).date()


def _check_editor(actor: Any, site: Any) -> None:
    if not may_edit(actor, site):
        raise PlanningForbidden(
            "Only the safety officer, the project manager or the company's safety department may do this."
        )


def _act(row: Any, verb: str, *, site: Any, actor: Any, now: datetime, details: Mapping[str, Any]) -> Any:
    return record_act(
        organisation=site.organisation,
        site=site,
        actor=actor,
        verb=verb,
        subject_kind=row._meta.model_name,
        subject_id=row.pk,
        details=dict(details),
        occurred_at=now,
        received_at=now,
    )


def _lock(site: Any) -> None:
    """Let the writers of one site's planning follow each other."""
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)


@transaction.atomic
def begin_document(*, site: Any, kind: str, from_template: bool = False, actor: Any, now: datetime) -> DocumentVersion:
    """This function will begin a new version of a kind as a draft: the text of the newest one, else the template's.

    `from_template` takes the template's text although there is an older version. Raises PlanningRefused while
    another version of the kind is not issued yet, PlanningForbidden without a role.
    """
    _check_editor(actor, site)
    template = template_set().documents.get(kind)
    if template is None:
        raise PlanningRefused(f"{kind!r} is no kind of planning document.")
    _lock(site)
    rows = DocumentVersion.objects.filter(site=site, kind=kind)
    if rows.filter(state__in=PENDING).exists():
        raise PlanningRefused("There is a version of this document that is not issued yet; go on with that one.")
    newest = rows.order_by("-number").first()
    number = (newest.number if newest else 0) + 1
    version = DocumentVersion.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        kind=kind,
        number=number,
        document_number=document_number(site.code, template.number, number),
        title=newest.title if newest and not from_template else template.zh,
        text=newest.text if newest and not from_template else template.text,
        template=template_set().edition,
    )
    details = {"kind": kind, "number": number, "document_number": version.document_number}
    _act(version, "begin_document", site=site, actor=actor, now=now, details=details)
    return version


def _locked(version: DocumentVersion) -> DocumentVersion:
    return (
        DocumentVersion.objects.select_for_update(of=("self",)).select_related("site__organisation").get(pk=version.pk)
    )


@transaction.atomic
def save_text(*, version: DocumentVersion, title: str, text: str, actor: Any, now: datetime) -> DocumentVersion:
    """This function will keep an edited draft. Raises BodyRefused with the line, PlanningRefused once it is signed."""
    version = _locked(version)
    _check_editor(actor, version.site)
    if version.state != State.DRAFT:
        raise PlanningRefused("A signed version is not edited; return it first, or begin a new version.")
    title, text = title.strip(), text.replace("\r\n", "\n")
    if not 2 <= len(title) <= 160:
        raise PlanningRefused("The title needs 2 to 160 characters.")
    check_body(text, fields=text_fields(), tables=table_fields())
    version.title, version.text = title, text
    version.save(update_fields=["title", "text"])
    details = {"kind": version.kind, "number": version.number, "title": title, "characters": len(text)}
    _act(version, "edit_document", site=version.site, actor=actor, now=now, details=details)
    return version


@transaction.atomic
def sign_document(*, version: DocumentVersion, step: str, actor: Any, now: datetime) -> DocumentVersion:
    """This function will sign a version: compile, review, approve, issue, each by a named person with an act.

    Compiling freezes text and facts; issuing dates the version and replaces the one before. Raises SigningRefused,
    or DocumentIncomplete while fields of the text are not filled.
    """
    version = _locked(version)
    site = version.site
    roles = roles_on(actor, site)
    allowed = template_set().signers.get(step, frozenset())
    signed = {row.step: row.signer_id for row in standing_signatures(version)}
    check_signature(step=step, state=version.state, actor=actor.pk, roles=roles, allowed=allowed, signed=signed)
    if step == "compile":
        _freeze(version, now)
    if step == "issue":
        _date(version, now)
    version.state = STATE_AFTER[step]
    version.save()
    details = {
        "kind": version.kind,
        "document_number": version.document_number,
        "step": step,
        "content_sha256": version.content_sha256,
    }
    act = _act(version, "sign_document", site=site, actor=actor, now=now, details=details)
    DocumentSignature.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        version=version,
        step=step,
        signer=actor,
        signer_name=str(actor),
        signer_role=sorted(roles & allowed)[0],
        content_sha256=version.content_sha256,
        act=act,
        signed_at=now,
    )
    return version


def _freeze(version: DocumentVersion, now: datetime) -> None:
    facts = facts_of(version.site, on=day_on_site(version.site, now))
    if missing := unfilled(version.text, facts):
        raise DocumentIncomplete(missing)
    version.facts = used_facts(version.text, facts)
    version.content_sha256 = content_sha256(version.title, version.text, canonical_json(version.facts).decode())
    seats = {seat.duty: seat.user for seat in reversed(people_of_group(version.site))}
    version.leader, version.officer = seats.get("leader"), seats.get("officer")


def _date(version: DocumentVersion, now: datetime) -> None:
    day = day_on_site(version.site, now)
    version.issued_on = day
    version.valid_until = add_months(day, template_set().documents[version.kind].valid_months)
    before = DocumentVersion.objects.filter(site=version.site, kind=version.kind, state=State.ISSUED)
    before.update(state=State.REPLACED)


@transaction.atomic
def return_document(*, version: DocumentVersion, reason: str, actor: Any, now: datetime) -> DocumentVersion:
    """This function will give a signed but not issued version back to be edited; its signatures become void.

    Who may give the next signature may return it. Raises PlanningRefused without a reason.
    """
    version = _locked(version)
    if version.state not in (State.COMPILED, State.REVIEWED, State.APPROVED):
        raise PlanningRefused("Only a version that was signed and is not issued can be returned.")
    step = {"compiled": "review", "reviewed": "approve", "approved": "issue"}[version.state]
    if not roles_on(actor, version.site) & template_set().signers[step]:
        raise PlanningForbidden(f"Only who may {step} this document may return it.")
    if not reason.strip():
        raise PlanningRefused("Say why the document is returned, so that its compiler knows what to change.")
    version.signatures.filter(voided_at__isnull=True).update(voided_at=now)
    version.state, version.facts, version.content_sha256 = State.DRAFT, {}, ""
    version.leader = version.officer = None
    version.save()
    details = {"kind": version.kind, "document_number": version.document_number, "reason": reason.strip()}
    _act(version, "return_document", site=version.site, actor=actor, now=now, details=details)
    return version


@transaction.atomic
def seat_member(
    *, site: Any, user: Any, duty: str, task: str = "", since: date, actor: Any, now: datetime
) -> GroupMember:
    """This function will give somebody with a role on the site a duty in the leading group.

    Seating a leader ends the seat of the one before. Raises PlanningRefused for an unknown duty, somebody without a
    role on the site, or a duty that the person already has.
    """
    _check_editor(actor, site)
    if duty not in GroupMember.Duty.values:
        raise PlanningRefused(f"{duty!r} is no duty; it is {', '.join(GroupMember.Duty.values)}.")
    if not roles_on(user, site):
        raise PlanningRefused(f"{user} has no role on this site; give a role first.")
    _lock(site)
    held = GroupMember.objects.filter(site=site, ended_at__isnull=True, duty=duty)
    if held.filter(user=user).exists():
        raise PlanningRefused(f"{user} already has this duty.")
    if duty == GroupMember.Duty.LEADER:
        held.update(ended_at=now)
    try:
        seat = GroupMember.objects.create(
            organisation_id=site.organisation_id, site=site, user=user, duty=duty, task=task.strip()[:200], since=since
        )
    except IntegrityError as error:
        raise PlanningRefused(f"{user} cannot be given this duty: {error}") from error
    _act(seat, "seat_member", site=site, actor=actor, now=now, details={"user": str(user), "duty": duty, "task": task})
    return seat


@transaction.atomic
def end_seat(*, seat: GroupMember, actor: Any, now: datetime) -> GroupMember:
    """This function will end a seat in the leading group; ending it again changes nothing."""
    seat = (
        GroupMember.objects.select_for_update(of=("self",)).select_related("site__organisation", "user").get(pk=seat.pk)
    )
    _check_editor(actor, seat.site)
    if seat.ended_at:
        return seat
    seat.ended_at = now
    seat.save(update_fields=["ended_at"])
    _act(seat, "end_seat", site=seat.site, actor=actor, now=now, details={"user": str(seat.user), "duty": seat.duty})
    return seat


@transaction.atomic
def note_training(
    *, site: Any, level: str, topic: str, held_on: date, attended: int, trainer: str = "", actor: Any, now: datetime
) -> TrainingSession:
    """This function will note a training that was held. Raises PlanningRefused for a day to come or nobody trained."""
    _check_editor(actor, site)
    if level not in TrainingSession.Level.values:
        raise PlanningRefused(f"{level!r} is no level; it is {', '.join(TrainingSession.Level.values)}.")
    if not topic.strip():
        raise PlanningRefused("Say what the training was about.")
    if held_on > day_on_site(site, now):
        raise PlanningRefused("A training is noted when it was held, not before.")
    if not 1 <= attended <= 100_000:
        raise PlanningRefused("Between 1 and 100,000 people take part in a training.")
    row = TrainingSession.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        level=level,
        topic=topic.strip()[:160],
        held_on=held_on,
        attended=attended,
        trainer=trainer.strip()[:60],
    )
    details = {"level": level, "topic": row.topic, "held_on": held_on.isoformat(), "attended": attended}
    _act(row, "note_training", site=site, actor=actor, now=now, details=details)
    return row
