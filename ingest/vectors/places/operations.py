"""Import a file of places: kept when it arrives, previewed as often as one likes, written at once or not at all."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from ingest.vectors.places.coordinates import check_datum
from ingest.vectors.places.drafts import read_drafts
from ingest.vectors.places.headings import COLUMNS, known_headings, settle_axes
from ingest.vectors.places.organisations import OrganisationJudge
from ingest.vectors.places.plan import Plan
from ingest.vectors.places.problems import Problem
from ingest.vectors.places.reach import Reach, reach_of
from ingest.vectors.places.regions import RegionJudge
from ingest.vectors.places.sites import SiteJudge
from ingest.vectors.places.structure import StructureJudge
from ingest.vectors.places.tables import Table, read_table
from spatial import media
from spatial.ledger.operations import record_act
from spatial.places.models import PlaceFile

Judge = RegionJudge | OrganisationJudge | SiteJudge | StructureJudge


class ImportRefused(ValueError):
    """A file of places that is not written; the message says why, and nothing was changed."""


@dataclass(frozen=True)
class Answers:
    """What somebody said about a file: its sheet, its columns, its coordinates, and whether shapes may be mended."""

    sheet: str
    mapping: Mapping[str, str]
    datum: str
    repair: bool = False


@transaction.atomic
def keep_file(
    *, kind: str, site: Any | None, content: bytes, file_name: str, actor: Any | None, now: datetime
) -> PlaceFile:
    """This function will keep a file for preview and import, readable or not being the preview's matter."""
    row = PlaceFile.objects.create(
        kind=kind,
        site=site,
        sent_by=actor,
        file_name=file_name[:255],
        source_sha256=media.store_blob(io.BytesIO(content)),
    )
    record_act(
        organisation=site.organisation if site else None,
        site=site,
        actor=actor,
        verb="send_place_file",
        subject_kind="place_file",
        subject_id=row.pk,
        details={"kind": kind, "file_name": row.file_name, "sha256": row.source_sha256},
        occurred_at=now,
        received_at=now,
    )
    return row


def table_of(file: PlaceFile, sheet: str = "") -> Table:
    """This function will read a kept file. Raises FileRefused."""
    with media.open_blob(file.source_sha256) as blob:
        content = blob.read()
    return read_table(content, file.file_name, name=sheet, wanted=file.kind, known=known_headings(file.kind))


def preview(file: PlaceFile, table: Table, answers: Answers, user: Any) -> tuple[Plan, Judge]:
    """This function will say what an import would do, row by row; it writes nothing.

    Raises FieldRefused for a coordinate system that does not exist.
    """
    plan = Plan(file.kind, notes=list(table.notes))
    datum = check_datum(answers.datum) if answers.datum else ""
    mapping = settle_axes(dict(answers.mapping), (row.values for row in table.rows))
    if mapping != dict(answers.mapping):
        sentence = gettext_noop("%(x)s was taken as east and %(y)s as north, by their values.")
        plan.notes.append(Problem(0, "x", sentence, {"x": mapping["x"], "y": mapping["y"]}))
    shaped = table.has_shapes or bool({"wkt", "x"} & mapping.keys())
    if shaped and not datum and file.kind != PlaceFile.Kind.ORGANISATIONS:
        sentence = gettext_noop("Say which coordinates the file has: an EPSG code, GCJ-02 or BD-09.")
        plan.problems.append(Problem(0, "datum", sentence))
        return plan, _judge(file, user)
    _note_other_crs(plan, table, datum)
    drafts = read_drafts(file.kind, table, mapping, datum=datum, repair=answers.repair)
    plan.problems.extend(drafts.problems)
    for draft in drafts.good:
        if draft.repaired_m2 is not None:
            sentence = gettext_noop("Row %(row)s: the boundary was repaired; its area changes by %(area)s m².")
            plan.notes.append(Problem(0, "geometry", sentence, {"row": draft.row, "area": f"{draft.repaired_m2:+.1f}"}))
    judge = _judge(file, user)
    judge.judge(drafts.good, plan)
    plan.problems.sort(key=lambda problem: problem.row)
    _suggest_datum(plan, len(table.rows))
    return plan, judge


def _judge(file: PlaceFile, user: Any) -> Judge:
    reach = reach_of(user) if user is not None else Reach(everything=True)
    if file.kind == PlaceFile.Kind.REGIONS:
        return RegionJudge(reach, file.file_name)
    if file.kind == PlaceFile.Kind.ORGANISATIONS:
        return OrganisationJudge(reach)
    if file.kind == PlaceFile.Kind.SITES:
        return SiteJudge(reach, user)
    assert file.site is not None
    return StructureJudge(file.site)


def _note_other_crs(plan: Plan, table: Table, datum: str) -> None:
    if table.srid is None or not datum.startswith("EPSG:") or datum == f"EPSG:{table.srid}":
        return
    if {datum, f"EPSG:{table.srid}"} <= {"EPSG:4326", "EPSG:4490"}:
        return  # equal for this purpose (spec 08, 8.1)
    sentence = gettext_noop("The file says EPSG:%(file)s; %(datum)s was declared and is used.")
    plan.warnings.append(Problem(0, "datum", sentence, {"file": table.srid, "datum": datum}, f"EPSG:{table.srid}"))


def _suggest_datum(plan: Plan, rows: int) -> None:
    """Suggest another declaration when most rows are refused for the same reason."""
    wanted = [problem.datum for problem in plan.problems if problem.datum]
    for datum in dict.fromkeys(wanted):
        if wanted.count(datum) * 2 > rows:
            plan.suggested_datum = datum


def import_places(*, file: PlaceFile, answers: Answers, digest: str, actor: Any | None, now: datetime) -> Plan:
    """This function will write what was consented to, in one transaction, with an act for each place and one for all.

    `digest` is that of the preview that was consented to. Raises ImportRefused when a row is refused, when nothing
    would change, when the places have changed since the preview, or when the file was imported already.
    """
    table = table_of(file, answers.sheet)
    with transaction.atomic():
        file = PlaceFile.objects.select_for_update(of=("self",)).select_related("site__organisation").get(pk=file.pk)
        if file.imported_at is not None:
            raise ImportRefused(gettext_noop("This file was imported already."))
        plan, judge = preview(file, table, answers, actor)
        if plan.problems:
            raise ImportRefused(
                gettext_noop("Some rows are refused: nothing was imported. Correct the file and send it again.")
            )
        if not plan.writes:
            raise ImportRefused(gettext_noop("Nothing would change: every row is as it is stored."))
        if plan.digest != digest:
            raise ImportRefused(gettext_noop("The places have changed since the preview: look at it again."))
        judge.write(plan, actor, now)
        file.imported_at, file.datum = now, answers.datum
        file.answers = {"sheet": answers.sheet, "mapping": dict(answers.mapping), "repair": answers.repair}
        file.counts = plan.counts
        file.save(update_fields=["imported_at", "datum", "answers", "counts"])
        record_act(
            organisation=file.site.organisation if file.site else None,
            site=file.site,
            actor=actor,
            verb="import_places",
            subject_kind="place_file",
            subject_id=file.pk,
            details={"kind": file.kind, "file_name": file.file_name, "sha256": file.source_sha256,
                     "datum": answers.datum, **plan.counts},
            occurred_at=now,
            received_at=now,
        )  # fmt: skip
    return plan


def mapped_columns(kind: str, posted: Mapping[str, str], headings: tuple[str, ...]) -> dict[str, str]:
    """Return which heading each field of a kind is read from, of those that the file has."""
    return {column.key: posted[column.key] for column in COLUMNS[kind] if posted.get(column.key) in headings}
