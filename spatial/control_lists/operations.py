"""Compile a control list: start a draft, write its rows, put them in place, give it up; remarks of reviewers.

Rows are written only while the version is a draft. What a row lacks is no refusal here: `release.submit` asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from spatial.ledger.operations import record_act
from spatial.risks.models import RiskPoint
from spatial.rulebook.queries import edition_for

from .checking import entry_faults
from .models import EntrySource, ListEntry, ListVersion, Remark, SuggestionVerdict
from .queries import entries_data, in_force, place_data, point_data, tables_of, under_way, unlisted_points
from .refusals import ListForbidden, ListRefused, ListStateRefused
from .roles import COMPILES, REMARKS, locked, role_for
from .rules import EntryData, PlaceData, Problem, gettext_noop
from .storing import new_entry, set_facts, set_place, source_row, store_entries

__all__ = [
    "ListForbidden", "ListRefused", "ListStateRefused", "dismiss_suggestion", "drop_draft", "place_entry",
    "remark", "remove_entry", "replace_entries", "save_entry", "settle_remark", "start_draft", "take_suggestion",
    "take_unlisted",
]  # fmt: skip


def record(version: ListVersion, verb: str, details: dict[str, Any], *, actor: Any, now: datetime) -> Any:
    """Record an act on a version in the ledger, and return it."""
    return record_act(
        organisation=version.site.organisation,
        site=version.site,
        actor=actor,
        verb=verb,
        subject_kind="controllist",
        subject_id=version.pk,
        details={"list": version.kind, "version": version.number, **details},
        occurred_at=now,
        received_at=now,
        rule_edition=version.rule_edition,
    )


def _live_places(data: Iterable[EntryData]) -> list[EntryData]:
    """Return rows with the place where their risk point stands now: anchors move with the model."""
    rows = list(data)
    ids = [row.risk_point_id for row in rows if row.risk_point_id]
    anchors = {str(p.pk): p.anchor for p in RiskPoint.objects.filter(id__in=ids).select_related("anchor")}
    return [
        replace(row, place=place_data(anchors[row.risk_point_id])) if row.risk_point_id in anchors else row
        for row in rows
    ]


@transaction.atomic
def start_draft(*, site: Any, kind: str, reason: str = "", actor: Any, now: datetime) -> ListVersion:
    """This function will start the next version of a list: a copy of the one in force, or of the live points.

    Raises ListForbidden, ListStateRefused while another version is under way.
    """
    role_for(actor, site, COMPILES)
    if kind not in ListVersion.Kind.values:
        raise ListRefused([Problem("", "kind", gettext_noop("A list is of activities or of facilities."))])
    type(site).objects.select_for_update().get(pk=site.pk)
    if (open_version := under_way(site, kind)) is not None:
        sentence = gettext_noop("Version %(number)s of this list is under way; finish or give it up first.")
        raise ListStateRefused([Problem("", "", sentence, {"number": open_version.number})])
    base = in_force(site, kind)
    last = ListVersion.objects.filter(site=site, kind=kind).aggregate(last=Max("number"))["last"] or 0
    version = ListVersion.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        kind=kind,
        number=last + 1,
        based_on=base,
        reason=reason.strip()[:200],
        made_by=actor,
        rule_edition=edition_for(site, on=now.date()),
    )
    data = entries_data(base) if base else [point_data(point) for point in unlisted_points(site, kind)]
    data = [replace(row, lowering_reason="") for row in _live_places(data)]
    store_entries(version, data, tables_of(version.rule_edition), placed=set())
    record(version, "start_control_list", {"rows": len(data), "reason": reason}, actor=actor, now=now)
    return version


@transaction.atomic
def drop_draft(*, version: ListVersion, reason: str, actor: Any, now: datetime) -> ListVersion:
    """This function will give up a draft; its rows stay in the archive. Raises ListForbidden, ListStateRefused."""
    role_for(actor, version.site, COMPILES)
    version = locked(version, ListVersion.State.DRAFT)
    version.state = ListVersion.State.DROPPED
    version.save(update_fields=["state"])
    record(version, "drop_control_list", {"reason": reason}, actor=actor, now=now)
    return version


def _faults(version: ListVersion, data: Sequence[EntryData]) -> None:
    tables = tables_of(version.rule_edition)
    found = [fault for row in data for fault in entry_faults(version.kind, row, tables)]
    if found:
        raise ListRefused(found)


@transaction.atomic
def save_entry(
    *,
    version: ListVersion,
    data: EntryData,
    entry: ListEntry | None = None,
    revision: int | None = None,
    actor: Any,
    now: datetime,
) -> ListEntry:
    """This function will add a row to a draft (`entry` None), or write one anew with its sources and people.

    `revision` is the one the writer saw. The place is changed only when `data.place` differs. The number of a
    risk point that exists stays. Raises ListForbidden, ListStateRefused, ListRefused.
    """
    role_for(actor, version.site, COMPILES)
    version = locked(version, ListVersion.State.DRAFT)
    tables = tables_of(version.rule_edition)
    if entry is None:
        last = version.entries.aggregate(last=Max("position"))["last"] or 0
        entry = new_entry(version, last + 1)
    else:
        entry = _entry_locked(version, entry, revision)
    if entry.risk_point_id:
        data = replace(data, code=entry.code)
    _faults(version, [data])
    if data.code.strip() and version.entries.filter(code=data.code.strip()).exclude(pk=entry.pk).exists():
        raise ListRefused([Problem(data.code, "code", gettext_noop("The number is used by two rows."))])
    set_facts(entry, data, tables)
    if data.place != place_data(entry):
        set_place(entry, data.place)
        entry.place_set = True
    entry.save()
    entry.sources.all().delete()
    EntrySource.objects.bulk_create(
        [source_row(entry, number, source, tables) for number, source in enumerate(data.sources, start=1)]
    )
    details = {"code": entry.code, "name": entry.name, "grade": entry.grade_before, "after": entry.grade_after}
    record(version, "write_control_list_row", details, actor=actor, now=now)
    return entry


def _entry_locked(version: ListVersion, entry: ListEntry, revision: int | None) -> ListEntry:
    row = version.entries.select_for_update(of=("self",)).select_related("site").filter(pk=entry.pk).first()
    if row is None:
        raise ListRefused([Problem(entry.code, "", gettext_noop("The row is no longer in this draft."))])
    if revision is not None and revision != row.revision:
        sentence = gettext_noop("Somebody else changed this row meanwhile: load it again and repeat your change.")
        raise ListRefused([Problem(row.code, "", sentence)])
    row.revision += 1
    return row


@transaction.atomic
def place_entry(
    *, version: ListVersion, entry: ListEntry, place: PlaceData, revision: int | None = None, actor: Any, now: datetime
) -> ListEntry:
    """This function will put a row of a draft on the map or on an element. Raises as `save_entry` does."""
    role_for(actor, version.site, COMPILES)
    version = locked(version, ListVersion.State.DRAFT)
    entry = _entry_locked(version, entry, revision)
    set_place(entry, place)
    entry.place_set = True
    entry.save()
    details = {"code": entry.code, "geometry": place.geometry, "element": place.element_global_id}
    record(version, "place_control_list_row", details, actor=actor, now=now)
    return entry


def _take_out(version: ListVersion, point_ids: Iterable[Any]) -> None:
    """Remember which risk points a draft takes out, so that publishing closes them."""
    version.closing = sorted({*version.closing, *(str(one) for one in point_ids if one)})
    version.save(update_fields=["closing"])


@transaction.atomic
def remove_entry(*, version: ListVersion, entry: ListEntry, actor: Any, now: datetime) -> None:
    """This function will take a row out of a draft; its risk point closes when the version is published."""
    role_for(actor, version.site, COMPILES)
    version = locked(version, ListVersion.State.DRAFT)
    entry = _entry_locked(version, entry, None)
    code, name = entry.code, entry.name
    entry.delete()
    _take_out(version, [entry.risk_point_id])
    record(version, "remove_control_list_row", {"code": code, "name": name}, actor=actor, now=now)


@transaction.atomic
def replace_entries(
    *, version: ListVersion, data: Sequence[EntryData], source: dict[str, Any], actor: Any, now: datetime
) -> ListVersion:
    """This function will replace all rows of a draft (an Excel file that somebody looked through and agreed to).

    Rows keep risk point and place of the row with the same number; `source` says in the ledger where they come from.
    Raises ListForbidden, ListStateRefused, ListRefused; nothing has changed then.
    """
    role_for(actor, version.site, COMPILES)
    version = locked(version, ListVersion.State.DRAFT)
    _faults(version, data)
    codes = [row.code.strip() for row in data if row.code.strip()]
    if doubled := sorted({code for code in codes if codes.count(code) > 1}):
        raise ListRefused([Problem(code, "code", gettext_noop("The number is used by two rows.")) for code in doubled])
    there = {row.code: row for row in entries_data(version)}
    were_placed = set(version.entries.filter(place_set=True).values_list("code", flat=True))
    merged, placed = [], set()
    for row in data:
        old = there.get(row.code.strip())
        place = row.place or (old.place if old else None)
        if place is not None and (old is None or place != old.place or row.code in were_placed):
            placed.add(row.code)
        merged.append(replace(row, place=place, risk_point_id=old.risk_point_id if old else ""))
    version.source_sha256 = source.get("sha256", "")
    version.save(update_fields=["source_sha256"])
    _take_out(version, {row.risk_point_id for row in there.values()} - {row.risk_point_id for row in merged})
    version.entries.all().delete()
    store_entries(version, merged, tables_of(version.rule_edition), placed=placed)
    record(version, "replace_control_list_rows", {"rows": len(merged), **source}, actor=actor, now=now)
    return version


@transaction.atomic
def take_unlisted(*, version: ListVersion, actor: Any, now: datetime) -> int:
    """This function will add the risk points in force that stand in no list to a draft, and return how many."""
    role_for(actor, version.site, COMPILES)
    version = locked(version, ListVersion.State.DRAFT)
    codes = set(version.entries.values_list("code", flat=True))
    points = [p for p in unlisted_points(version.site, version.kind, version) if p.code not in codes]
    tables = tables_of(version.rule_edition)
    last = version.entries.aggregate(last=Max("position"))["last"] or 0
    for position, point in enumerate(points, start=last + 1):
        data = point_data(point)
        entry = new_entry(version, position)
        set_facts(entry, data, tables)
        set_place(entry, data.place)
        entry.risk_point = point
        entry.save()
        for number, source in enumerate(data.sources, start=1):
            source_row(entry, number, source, tables).save()
    if points:
        record(version, "take_unlisted_points", {"codes": [p.code for p in points]}, actor=actor, now=now)
    return len(points)


@transaction.atomic
def remark(*, version: ListVersion, text: str, row: str = "", actor: Any, now: datetime) -> Remark:
    """This function will note what somebody has to say about a version or one of its rows."""
    role_for(actor, version.site, REMARKS)
    version = locked(version, ListVersion.State.DRAFT, ListVersion.State.DEPARTMENT, ListVersion.State.HEAD)
    if not text.strip():
        raise ListRefused([Problem(row, "text", gettext_noop("Write the remark."))])
    if row and not version.entries.filter(code=row).exists():
        raise ListRefused([Problem(row, "row", gettext_noop("The list has no row with this number."))])
    made = Remark.objects.create(version=version, row=row, text=text.strip()[:1000], author=actor, at=now)
    record(version, "remark_on_control_list", {"row": row, "text": made.text}, actor=actor, now=now)
    return made


@transaction.atomic
def settle_remark(*, remark: Remark, answer: str, actor: Any, now: datetime) -> Remark:
    """This function will note that a remark was dealt with, and how. Raises ListForbidden, ListRefused."""
    role_for(actor, remark.version.site, COMPILES)
    version = locked(remark.version, ListVersion.State.DRAFT, ListVersion.State.DEPARTMENT, ListVersion.State.HEAD)
    remark = Remark.objects.select_for_update().get(pk=remark.pk)
    if not answer.strip():
        raise ListRefused([Problem(remark.row, "answer", gettext_noop("Write how the remark was dealt with."))])
    remark.answer, remark.settled_at, remark.settled_by = answer.strip()[:1000], now, actor
    remark.save(update_fields=["answer", "settled_at", "settled_by"])
    record(version, "settle_remark", {"row": remark.row, "answer": remark.answer}, actor=actor, now=now)
    return remark


def _verdict(
    site: Any, key: str, *, taken: bool, entry: ListEntry | None, reason: str, actor: Any, now: datetime
) -> SuggestionVerdict:
    verdict, created = SuggestionVerdict.objects.get_or_create(
        site=site,
        key=key,
        defaults={
            "organisation_id": site.organisation_id, "taken": taken, "entry": entry, "reason": reason[:200],
            "by": actor, "at": now,
        },
    )  # fmt: skip
    if not created:
        raise ListRefused([Problem("", "", gettext_noop("Somebody has already decided on this suggestion."))])
    return verdict


@transaction.atomic
def take_suggestion(*, version: ListVersion, key: str, data: EntryData, actor: Any, now: datetime) -> ListEntry:
    """This function will take a suggestion read from the model into a draft as a row, and note who confirmed it."""
    entry = save_entry(version=version, data=data, actor=actor, now=now)
    _verdict(version.site, key, taken=True, entry=entry, reason="", actor=actor, now=now)
    return entry


@transaction.atomic
def dismiss_suggestion(*, site: Any, key: str, reason: str, actor: Any, now: datetime) -> SuggestionVerdict:
    """This function will dismiss a suggestion for good. Raises ListRefused without a reason."""
    role_for(actor, site, COMPILES)
    if not reason.strip():
        raise ListRefused([Problem("", "reason", gettext_noop("Say why this is no risk here."))])
    verdict = _verdict(site, key, taken=False, entry=None, reason=reason.strip(), actor=actor, now=now)
    record_act(
        organisation=site.organisation, site=site, actor=actor, verb="dismiss_suggestion",
        subject_kind="suggestion", subject_id=verdict.pk, details={"key": key, "reason": reason},
        occurred_at=now, received_at=now,
    )  # fmt: skip
    return verdict
