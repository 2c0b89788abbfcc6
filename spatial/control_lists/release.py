"""From draft to list in force: submit, review, approve and sign, publish (S0.51); only publishing changes colours."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from spatial.ledger.rules import canonical_json
from spatial.notices.operations import append_event
from spatial.risks.models import RiskPoint
from spatial.rulebook.queries import edition_for

from .applying import apply_entries, close_unlisted
from .checking import refusals
from .models import EntrySource, ListEntry, ListVersion, ReviewStep
from .operations import record
from .queries import entries_data, plain, problems_of, rows, source_data, tables_of
from .refusals import ListRefused
from .roles import COMPILES, DEPARTMENT, HEAD, locked, role_for
from .rules import Problem, Tables, entry_grades, gettext_noop, grade

State = ListVersion.State


def content_sha256(version: ListVersion) -> str:
    """Return the hash of everything a version says; it is in the signed act of each step."""
    return hashlib.sha256(canonical_json({"rows": plain(entries_data(version))})).hexdigest()


def _step(version: ListVersion, verb: str, to: str, *, actor: Any, role: str, note: str, now: datetime,
          details: dict[str, Any] | None = None) -> ListVersion:  # fmt: skip
    before, version.state = version.state, to
    version.save()
    facts = {"from": before, "to": to, "note": note, "role": role, "content_sha256": content_sha256(version)}
    act = record(version, f"{verb}_control_list", {**facts, **(details or {})}, actor=actor, now=now)
    ReviewStep.objects.create(
        version=version, verb=verb, from_state=before, actor=actor, actor_role=role, note=note.strip()[:1000],
        act_hash=act.hash, at=now,
    )  # fmt: skip
    return version


def _regrade(version: ListVersion, tables: Tables) -> None:
    """Compute every value and grade again, by the edition valid today."""
    sources: list[EntrySource] = []
    entries: list[ListEntry] = []
    for entry in rows(version):
        graded = []
        for source in entry.sources.all():
            result = grade(source_data(source), tables)
            graded.append(result)
            for name, value in vars(result).items():
                setattr(source, name, value)
            sources.append(source)
        entry.grade_before, entry.grade_after = entry_grades(graded)
        entries.append(entry)
    names = ["value_before", "grade_before", "value_after", "grade_after"]
    EntrySource.objects.bulk_update(sources, names, batch_size=500)
    ListEntry.objects.bulk_update(entries, ["grade_before", "grade_after"], batch_size=500)


def _checked(version: ListVersion, now: datetime) -> Tables:
    """Regrade a version by today's edition and refuse it with everything that it lacks."""
    version.rule_edition = edition_for(version.site, on=now.date())
    tables = tables_of(version.rule_edition)
    _regrade(version, tables)
    missing = refusals(problems_of(version, tables)) + _code_problems(version)
    if missing:
        raise ListRefused(missing)
    return tables


def _code_problems(version: ListVersion) -> list[Problem]:
    """Return the new rows whose number a risk point of the site already has."""
    new = version.entries.filter(risk_point__isnull=True).values_list("code", flat=True)
    used = RiskPoint.objects.filter(site=version.site, code__in=list(new)).order_by("code")
    sentence = gettext_noop("The number belongs to the risk point %(name)s (%(state)s): choose another number.")
    return [
        Problem(point.code, "code", sentence, {"name": point.name, "state": str(point.get_state_display())})
        for point in used
    ]


@transaction.atomic
def submit(*, version: ListVersion, note: str = "", actor: Any, now: datetime) -> ListVersion:
    """This function will submit a draft to the company department.

    Raises ListRefused with every missing thing by row and field, ListForbidden, ListStateRefused.
    """
    role = role_for(actor, version.site, COMPILES)
    version = locked(version, State.DRAFT)
    _checked(version, now)
    version.submitted_at = now
    return _step(version, "submit", State.DEPARTMENT, actor=actor, role=role, note=note, now=now)


@transaction.atomic
def withdraw(*, version: ListVersion, note: str = "", actor: Any, now: datetime) -> ListVersion:
    """This function will take a submitted version back into draft, before the head has it."""
    role = role_for(actor, version.site, COMPILES)
    version = locked(version, State.DEPARTMENT)
    return _step(version, "withdraw", State.DRAFT, actor=actor, role=role, note=note, now=now)


@transaction.atomic
def pass_department(*, version: ListVersion, note: str, actor: Any, now: datetime) -> ListVersion:
    """This function will pass a version from the department to the company head, with the department's opinion."""
    role = role_for(actor, version.site, DEPARTMENT)
    version = locked(version, State.DEPARTMENT)
    _need_words(note, gettext_noop("Write the department's opinion."))
    return _step(version, "pass", State.HEAD, actor=actor, role=role, note=note, now=now)


@transaction.atomic
def return_to_project(*, version: ListVersion, note: str, actor: Any, now: datetime) -> ListVersion:
    """This function will return a version to the project with reasons: the department or the head, who has it."""
    allowed = HEAD if version.state == State.HEAD else DEPARTMENT
    role = role_for(actor, version.site, allowed)
    version = locked(version, State.HEAD if allowed == HEAD else State.DEPARTMENT)
    _need_words(note, gettext_noop("Write why the list is returned: the project must know what to change."))
    return _step(version, "return", State.DRAFT, actor=actor, role=role, note=note, now=now)


def _need_words(note: str, sentence: str) -> None:
    if not note.strip():
        raise ListRefused([Problem("", "note", sentence)])


def latest_reassessment(site: Any, tables: Tables, now: datetime) -> date:
    """Return the last day by which a list published now must be assessed again."""
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    return today + timedelta(days=tables.settings["reassess_within_days"])


@transaction.atomic
def publish(
    *, version: ListVersion, note: str = "", reassess_due: date | None = None, actor: Any, now: datetime
) -> ListVersion:
    """This function will approve, sign and publish a version: its rows become the live risk points.

    Rows that changed are created or revised, points no longer listed are closed, the earlier version is replaced,
    and the act that signs it carries the hash of the content. Raises ListRefused, ListForbidden, ListStateRefused.
    """
    role = role_for(actor, version.site, HEAD)
    version = locked(version, State.HEAD)
    tables = _checked(version, now)
    latest = latest_reassessment(version.site, tables, now)
    due = reassess_due or latest
    if not (now.date() < due <= latest):
        sentence = gettext_noop("The next assessment is due after today and by %(latest)s at the latest.")
        raise ListRefused([Problem("", "reassess_due", sentence, {"latest": latest.isoformat()})])
    former = ListVersion.objects.filter(site=version.site, kind=version.kind, state=State.PUBLISHED)
    earlier = former.select_for_update().first()
    applied = apply_entries(version, earlier, actor=actor, now=now)
    closed = close_unlisted(version, earlier, actor=actor, now=now)
    if earlier is not None:
        earlier.state, earlier.superseded_at = State.SUPERSEDED, now
        earlier.save(update_fields=["state", "superseded_at"])
    version.published_at, version.published_by, version.reassess_due = now, actor, due
    details = {"reassess_due": due.isoformat(), **applied, "closed": closed}
    version = _step(version, "publish", State.PUBLISHED, actor=actor, role=role, note=note, now=now, details=details)
    payload = {"control_list": str(version.pk), "version": version.number}
    append_event(site=version.site, kind="zone_changed", payload=payload, occurred_at=now)
    return version
