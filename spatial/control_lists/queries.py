"""Read control lists: as data, what they lack, what changed, what is in force."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from spatial.risks.models import RiskPoint
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import table

from .checking import list_problems, lowering_problems
from .differences import Change, differences
from .models import EntrySource, ListEntry, ListVersion
from .rules import OPEN_STATES, EntryData, PersonData, PlaceData, Problem, SourceData, Tables

DATA = Path(__file__).resolve().parent / "data"


@lru_cache(maxsize=1)
def _own_settings() -> dict[str, Any]:
    return json.loads((DATA / "settings.json").read_text(encoding="utf-8"))


def tables_of(edition: Edition) -> Tables:
    """Return the tables of an edition that lists read; settings of lists are our own where it has none."""
    try:
        settings = table(edition, "control_lists")
    except KeyError:
        settings = _own_settings()
    return Tables(
        lec=table(edition, "lec"),
        ls=table(edition, "ls"),
        levels=table(edition, "risk_levels"),
        judgements=table(edition, "direct_judgement"),
        settings=settings,
    )


def visible(user: Any) -> QuerySet[ListVersion]:
    """Return the versions on sites that a user may see."""
    return ListVersion.objects.visible_to(user).select_related("site", "made_by", "published_by")


def in_force(site: Any, kind: str) -> ListVersion | None:
    """Return the published version of one of the two lists of a site, or None before the first."""
    return ListVersion.objects.filter(site=site, kind=kind, state=ListVersion.State.PUBLISHED).first()


def under_way(site: Any, kind: str) -> ListVersion | None:
    """Return the version that is being drafted or reviewed, or None."""
    return ListVersion.objects.filter(site=site, kind=kind, state__in=OPEN_STATES).first()


def rows(version: ListVersion) -> QuerySet[ListEntry]:
    """Return the rows of a version in order, with their sources."""
    sources = Prefetch("sources", queryset=EntrySource.objects.order_by("position"))
    return version.entries.order_by("position").select_related("storey").prefetch_related(sources)


def place_data(row: Any) -> PlaceData | None:
    """Return the place of a row or of an anchor (they have the same fields), or None."""
    if row is None or row.geometry is None:
        return None
    return PlaceData(
        geometry=row.geometry.hexewkb.decode(),
        storey_id=str(row.storey_id or ""),
        model_id=str(row.model_id or ""),
        element_global_id=row.element_global_id,
        element_name=row.element_name,
        offset_m=tuple(row.offset_m) if row.offset_m else None,
    )


def source_data(source: EntrySource) -> SourceData:
    """Return a stored source as data; values and grades are left out, they are computed."""
    return SourceData(
        name=source.name,
        step_no=source.step_no,
        step=source.step,
        standard=source.standard,
        deviation=source.deviation,
        factor_code=source.factor_code,
        accident_type=source.accident_type,
        method=source.method,
        before=source.before,
        after=source.after,
        judgement=source.judgement,
        measures={kind: tuple(texts) for kind, texts in source.measures.items() if texts},
        added_measures=source.added_measures,
    )


def entry_data(entry: ListEntry) -> EntryData:
    """Return a stored row as data."""
    return EntryData(
        code=entry.code,
        name=entry.name,
        place_text=entry.place_text,
        columns=dict(entry.columns),
        lead_level=entry.lead_level,
        sources=tuple(source_data(source) for source in entry.sources.all()),
        people=tuple(PersonData(**person) for person in entry.people),
        place=place_data(entry),
        risk_point_id=str(entry.risk_point_id or ""),
        lowering_reason=entry.lowering_reason,
    )


def entries_data(version: ListVersion | None) -> list[EntryData]:
    """Return the rows of a version as data; none for None."""
    return [entry_data(entry) for entry in rows(version)] if version else []


CODE_PREFIX = {"activity": "ZY", "facility": "SB"}


def next_code(version: ListVersion) -> str:
    """Return a number for a new row that no row and no risk point of the site has (ZY-001, SB-001 ...)."""
    prefix = CODE_PREFIX[version.kind]
    used = set(version.entries.values_list("code", flat=True))
    used |= set(RiskPoint.objects.filter(site=version.site, code__startswith=prefix).values_list("code", flat=True))
    return next(code for number in count(1) if (code := f"{prefix}-{number:03d}") not in used)


def point_data(point: RiskPoint) -> EntryData:
    """Return a live risk point as a row, to be taken into a list."""
    judgement = point.direct_major_reason
    sources = []
    for number, source in enumerate(point.sources.all(), start=1):
        measures: dict[str, tuple[str, ...]] = {}
        for measure in source.measures.all():
            measures[measure.kind] = (*measures.get(measure.kind, ()), measure.text)
        sources.append(
            SourceData(
                name=source.name,
                step_no=str(number),
                accident_type=source.accident_type,
                method=source.method,
                before=source.scores,
                judgement=judgement if number == 1 else "",
                measures=measures,
            )
        )
    people = tuple(PersonData(p.level, p.full_name, p.phone) for p in point.responsible.all())
    return EntryData(
        code=point.code,
        name=point.name,
        sources=tuple(sources),
        people=people,
        place=place_data(point.anchor),
        risk_point_id=str(point.pk),
    )


def unlisted_points(site: Any, kind: str, version: ListVersion | None = None) -> QuerySet[RiskPoint]:
    """Return the risk points in force of a kind that stand neither in the list in force nor in `version`."""
    listed = Q(list_entries__version__state=ListVersion.State.PUBLISHED)
    if version is not None:
        listed |= Q(list_entries__version=version)
    known = RiskPoint.objects.filter(site=site).filter(listed).values("id")
    points = RiskPoint.objects.filter(site=site, kind=kind).exclude(state=RiskPoint.State.CLOSED).exclude(id__in=known)
    return points.select_related("anchor").prefetch_related("sources__measures", "responsible").order_by("code")


def earlier_rows(version: ListVersion) -> list[EntryData]:
    """Return the rows that a version is compared with: of the one it is based on; the live points before the first."""
    if version.based_on is not None:
        return entries_data(version.based_on)
    ids = [*version.entries.exclude(risk_point=None).values_list("risk_point", flat=True), *version.closing]
    points = RiskPoint.objects.filter(id__in=ids, created_at__lt=version.published_at or version.created_at)
    points = points.select_related("anchor").prefetch_related("sources__measures", "responsible")
    return [point_data(point) for point in points.order_by("code")]


def changes_of(version: ListVersion, tables: Tables, against: ListVersion | None = None) -> list[Change]:
    """Return what changed in a version against the one it is based on, or against another."""
    earlier = entries_data(against) if against else earlier_rows(version)
    return differences(earlier, entries_data(version), tables)


def problems_of(version: ListVersion, tables: Tables) -> list[Problem]:
    """Return everything that a version lacks before it can be submitted, and its warnings."""
    data = entries_data(version)
    earlier = {entry.code: entry for entry in earlier_rows(version)}
    found = list_problems(data, tables)
    for entry in data:
        found += lowering_problems(entry, earlier.get(entry.code))
    return found


def plain(data: Iterable[EntryData]) -> list[dict[str, Any]]:
    """Return rows as plain values in a fixed order of names, for hashing and signing."""
    return [asdict(entry) for entry in data]


def entries_in_force(site: Any) -> QuerySet[ListEntry]:
    """Return the rows of both lists in force of a site, activities first."""
    published = ListEntry.objects.filter(site=site, version__state=ListVersion.State.PUBLISHED)
    sources = Prefetch("sources", queryset=EntrySource.objects.order_by("position"))
    return published.select_related("version", "risk_point", "storey").prefetch_related(sources).order_by(
        "version__kind", "position"
    )  # fmt: skip


def major_rows(site: Any) -> QuerySet[ListEntry]:
    """Return the rows of grade 4 of the lists in force (重大风险管控统计表, S0.50)."""
    return entries_in_force(site).filter(grade_before=4)
