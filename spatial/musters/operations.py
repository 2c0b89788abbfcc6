"""Begin a muster, tick people as safe, add somebody who was forgotten, end it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from spatial.commands.operations import CommandRefused, send_command
from spatial.devices.models import Device
from spatial.ledger.operations import record_act
from spatial.musters.models import Muster, MusterEntry
from spatial.musters.queries import may_start, may_tick, roll_at, running_muster, standings_of
from spatial.notices.operations import append_event
from spatial.people.models import Person


class MusterRefused(ValueError):
    """A muster cannot be begun, changed or ended like this; `code` names the sentence. Nothing was changed."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@transaction.atomic
def start_muster(*, site: Any, drill: bool, reason: str, actor: Any, now: datetime, call: str = "") -> Muster:
    """This function will begin a muster: the roll is frozen, and every open page of the site learns of it.

    A second press of the button returns the muster that runs. A real one ends a drill that runs. With `call` every
    helmet is told these words. Raises MusterRefused.
    """
    if not may_start(actor, site):
        raise MusterRefused("role", "A muster is begun by who answers for safety on this site.")
    if (held := running_muster(site)) is not None:
        if drill or not held.drill:
            return held
        _close(held, actor, now, "")
    try:
        with transaction.atomic():
            muster = Muster.objects.create(
                organisation_id=site.organisation_id, site=site, drill=drill, reason=reason.strip()[:200],
                started_at=now, started_by=actor,
            )  # fmt: skip
    except IntegrityError:  # somebody else pressed the button at the same moment
        return Muster.objects.get(site=site, ended_at__isnull=True)
    roll = roll_at(site, now=now)
    people = Person.objects.filter(pk__in=roll).select_related("team")
    MusterEntry.objects.bulk_create(_entry(muster, person, roll[person.pk]) for person in people)
    if call.strip():
        _call(muster, call, actor, now)
    _record(muster, "start_muster", actor, now, drill=drill, reason=muster.reason, on_roll=len(roll))
    payload = {"id": str(muster.pk), "drill": drill, "reason": muster.reason, "on_roll": len(roll)}
    append_event(site=site, kind="muster_started", payload=payload, occurred_at=now)
    return muster


def _entry(muster: Muster, person: Person, source: str) -> MusterEntry:
    return MusterEntry(
        organisation_id=muster.organisation_id, site_id=muster.site_id, muster=muster, person=person,
        name=person.full_name, trade=person.trade, team=person.team.name if person.team else "", source=source,
    )  # fmt: skip


def _call(muster: Muster, words: str, actor: Any, now: datetime) -> None:
    """Tell every helmet; that nobody has one must not keep a muster from beginning."""
    devices = Device.objects.filter(site=muster.site, active=True)
    try:
        with transaction.atomic():
            send_command(
                site=muster.site, devices=devices, kind="voice", target="site", target_label=str(muster.site.name),
                actor=None, now=now, text=words, source_kind="muster", source_id=str(muster.pk),
            )  # fmt: skip
    except CommandRefused:
        return


@transaction.atomic
def tick_safe(*, entry: MusterEntry, safe: bool, note: str, actor: Any, now: datetime) -> MusterEntry:
    """This function will note (or take back) a person's word that somebody is safe. Raises MusterRefused."""
    muster = _running(entry.muster_id)
    entry = MusterEntry.objects.select_for_update().get(pk=entry.pk)
    if not may_tick(actor, muster.site):
        raise MusterRefused("tick_role", "People are ticked by those who work on this site.")
    if safe == (entry.ticked_at is not None):
        return entry
    entry.ticked_at, entry.ticked_by = (now, actor) if safe else (None, None)
    entry.ticked_note = note.strip()[:120] if safe else ""
    entry.save(update_fields=["ticked_at", "ticked_by", "ticked_note"])
    verb = "tick_safe" if safe else "take_back_tick"
    _record(muster, verb, actor, now, name=entry.name, person=str(entry.person_id or ""), note=entry.ticked_note)
    append_event(site=muster.site, kind="muster_changed", payload={"id": str(muster.pk)}, occurred_at=now)
    return entry


@transaction.atomic
def add_to_roll(*, muster: Muster, person_id: UUID | None, name: str, actor: Any, now: datetime) -> MusterEntry:
    """This function will put somebody on the roll who was on site but not found: a person of the site, or only a
    name (a visitor). Raises MusterRefused."""
    muster = _running(muster.pk)
    if not may_tick(actor, muster.site):
        raise MusterRefused("tick_role", "People are ticked by those who work on this site.")
    people = Person.objects.filter(site_id=muster.site_id).select_related("team")
    person = people.filter(pk=person_id).first() if person_id else None
    if person is not None:
        held = MusterEntry.objects.filter(muster=muster, person=person).first()
        if held is not None:
            return held
        entry = _entry(muster, person, MusterEntry.Source.ADDED)
    elif name.strip():
        entry = MusterEntry(
            organisation_id=muster.organisation_id, site_id=muster.site_id, muster=muster, name=name.strip()[:60],
            source=MusterEntry.Source.ADDED,
        )  # fmt: skip
    else:
        raise MusterRefused("nobody", "Choose a person or write a name.")
    entry.save()
    _record(muster, "add_to_muster", actor, now, name=entry.name)
    append_event(site=muster.site, kind="muster_changed", payload={"id": str(muster.pk)}, occurred_at=now)
    return entry


@transaction.atomic
def end_muster(*, muster: Muster, note: str, actor: Any, now: datetime) -> Muster:
    """This function will end a muster and write down how everybody stood. Ending twice changes nothing.

    While somebody is missing it needs a note that says why it may end. Raises MusterRefused.
    """
    muster = Muster.objects.select_for_update(of=("self",)).select_related("site").get(pk=muster.pk)
    if not may_start(actor, muster.site):
        raise MusterRefused("role", "A muster is ended by who answers for safety on this site.")
    if muster.ended_at is not None:
        return muster
    missing = standings_of(muster, now=now).missing
    if missing and not note.strip():
        raise MusterRefused("missing", f"{len(missing)} people are not safe yet: say why the muster may end.")
    return _close(muster, actor, now, note)


def _close(muster: Muster, actor: Any, now: datetime, note: str) -> Muster:
    found = standings_of(muster, now=now)
    for one in found.standings:
        one.entry.final_state = one.state
        if one.fix:
            one.entry.final_place, one.entry.final_seen_at = one.fix.assembly or one.fix.storey, one.fix.at
    fields = ["final_state", "final_place", "final_seen_at"]
    MusterEntry.objects.bulk_update([one.entry for one in found.standings], fields)
    muster.ended_at, muster.ended_by, muster.note = now, actor, note.strip()
    muster.save(update_fields=["ended_at", "ended_by", "note"])
    counts = {"safe": len(found.safe), "missing": len(found.missing)}
    _record(muster, "end_muster", actor, now, note=muster.note, **counts)
    payload = {"id": str(muster.pk), **counts}
    append_event(site=muster.site, kind="muster_ended", payload=payload, occurred_at=now)
    return muster


def _running(muster_id: UUID) -> Muster:
    muster = Muster.objects.select_for_update(of=("self",)).select_related("site").get(pk=muster_id)
    if muster.ended_at is not None:
        raise MusterRefused("ended", "This muster has ended; nothing of it can be changed.")
    return muster


def _record(muster: Muster, verb: str, actor: Any, now: datetime, **details: Any) -> None:
    record_act(
        organisation=muster.organisation,
        site=muster.site,
        actor=actor,
        verb=verb,
        subject_kind="muster",
        subject_id=muster.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )
