"""The facts of an assessment, read in a fixed order at one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from spatial.control_lists.models import ListVersion
from spatial.hazards.models import Hazard
from spatial.hazards.rules import OPEN_STATES
from spatial.risks.models import HazardSource, ResponsiblePerson, RiskPoint
from spatial.risks.rules import required_levels
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import editions_for, table
from spatial.zones.models import Trigger
from spatial.zones.set_colours import colours_of_sites

from .rules import MAJOR_OPEN, MISSED, OVERDUE, Facts, MonthFacts, PointFacts, RaisingFacts, SiteFacts, SourceFacts

ZONE = ZoneInfo("Asia/Shanghai")
_POINTS_THEN = """
SELECT grade, count(*) FROM (
    SELECT CASE WHEN direct_major THEN 4 ELSE source_grade END AS grade
    FROM risk_points_as_of(%(then)s::timestamptz) WHERE state = 'active' AND site_id = ANY(%(sites)s)
) known GROUP BY grade"""


def facts_of(organisation: Any, sites: Iterable[Any], *, as_of: datetime, months: int) -> Facts:
    """Return what an assessment of an enterprise's sites is computed from; `sites` come with region selected."""
    rows = sorted(sites, key=lambda site: site.code)
    editions = editions_for(rows, on=as_of.astimezone(ZONE).date())
    return Facts(
        enterprise=organisation.name,
        as_of=as_of.isoformat(),
        sites=_sites(rows, editions, as_of),
        points=_points(rows, editions),
        raising=_raising(rows, as_of),
        open_hazards=Hazard.objects.filter(site__in=rows, state__in=OPEN_STATES).count(),
        months=_months(rows, as_of, months),
    )


def _sites(sites: Sequence[Any], editions: dict[UUID, Edition], as_of: datetime) -> list[SiteFacts]:
    colours = {row.id: row for row in colours_of_sites(sites, now=as_of) if row.kind == "site"}
    lists: dict[UUID, int] = defaultdict(int)
    for site_id in ListVersion.objects.filter(site__in=sites, state="published").values_list("site", flat=True):
        lists[site_id] += 1
    return [
        SiteFacts(
            code=site.code,
            name=site.name,
            region=site.region.name if site.region else "",
            people=site.people_count,
            grade=colours[str(site.pk)].grade,
            index=round(colours[str(site.pk)].index or 0.0, 4),
            lists_in_force=lists[site.pk],
            edition=str(editions[site.pk]),
        )
        for site in sites
    ]


def _points(sites: Sequence[Any], editions: dict[UUID, Edition]) -> list[PointFacts]:
    codes = {site.pk: site.code for site in sites}
    points = RiskPoint.objects.filter(site__in=sites, state=RiskPoint.State.ACTIVE).order_by("site__code", "code")
    people, sources = _people(sites), _sources(sites)
    found = []
    for point in points:
        levels = table(editions[point.site_id], "risk_levels")
        grade = point.inherent_grade
        found.append(
            PointFacts(
                site=codes[point.site_id],
                code=point.code,
                name=point.name,
                kind=point.kind,
                grade=grade,
                direct=point.direct_major_reason if point.direct_major else "",
                levels=required_levels(grade, levels, point.lead_level),
                people=people[point.pk],
                sources=sources[point.pk],
            )
        )
    return found


def _people(sites: Sequence[Any]) -> dict[UUID, list[list[str]]]:
    found: dict[UUID, list[list[str]]] = defaultdict(list)
    rows = ResponsiblePerson.objects.filter(risk_point__site__in=sites).order_by("level", "full_name")
    for point, level, name in rows.values_list("risk_point", "level", "full_name"):
        found[point].append([level, name])
    return found


def _sources(sites: Sequence[Any]) -> dict[UUID, list[SourceFacts]]:
    found: dict[UUID, list[SourceFacts]] = defaultdict(list)
    rows = HazardSource.objects.filter(site__in=sites).order_by("risk_point", "name", "id").prefetch_related("measures")
    for source in rows:
        measures = sorted([measure.kind, measure.text] for measure in source.measures.all())
        facts = SourceFacts(name=source.name, accident=source.accident_type, grade=source.grade, measures=measures)
        found[source.risk_point_id].append(facts)
    return found


def _raising(sites: Sequence[Any], as_of: datetime) -> list[RaisingFacts]:
    holds = Q(ends_at__isnull=True) | Q(ends_at__gt=as_of)
    rows = Trigger.objects.filter(
        holds, site__in=sites, starts_at__lte=as_of, withdrawn=False, kind__in=(*OVERDUE, *MAJOR_OPEN, *MISSED)
    )
    found = []
    seen = set()
    for row in rows.select_related("site").order_by("site__code", "starts_at", "source_id", "kind"):
        what = (row.source_kind, row.source_id, "overdue" if row.kind in OVERDUE else row.kind)
        if what in seen:  # a ticket more than seven days late carries both kinds; it is one ticket
            continue
        seen.add(what)
        found.append(
            RaisingFacts(
                site=row.site.code,
                kind=row.kind,
                label=row.source_label,
                since=row.starts_at.isoformat(),
                source_kind=row.source_kind,
                source_id=row.source_id,
            )
        )
    return found


def month_ends(as_of: datetime, months: int) -> list[tuple[str, datetime, datetime]]:
    """Return the last months as (name, first moment, first moment after), the newest one ending at `as_of`."""
    local = as_of.astimezone(ZONE)
    start = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = [(f"{start:%Y-%m}", start, local)]
    while len(found) < months:
        earlier = (start - timedelta(days=1)).replace(day=1)
        found.append((f"{earlier:%Y-%m}", earlier, start))
        start = earlier
    return found[::-1]


def _months(sites: Sequence[Any], as_of: datetime, months: int) -> list[MonthFacts]:
    site_ids = [site.pk for site in sites]
    published = ListVersion.objects.filter(site__in=site_ids)
    hazards = Hazard.objects.filter(site__in=site_ids)
    return [
        MonthFacts(
            month=name,
            points=_points_then(site_ids, end),
            published=published.filter(published_at__gte=start, published_at__lt=end).count(),
            found=hazards.filter(found_at__gte=start, found_at__lt=end).count(),
            closed=hazards.filter(closed_at__gte=start, closed_at__lt=end).count(),
        )
        for name, start, end in month_ends(as_of, months)
    ]


def _points_then(site_ids: list[UUID], then: datetime) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_POINTS_THEN, {"then": then, "sites": site_ids})
        counts = dict(cursor.fetchall())
    return {str(grade): counts.get(grade, 0) for grade in (4, 3, 2, 1)}
