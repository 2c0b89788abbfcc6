"""The state of a region as it was at a past moment: the colours of its sites by the facts known then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection

from spatial.places.models import Site
from spatial.zones.queries import colour_table
from spatial.zones.rules import SiteShare, region_grade
from spatial.zones.set_colours import site_grades

from .payloads import RegionState, SiteSummary

_COUNTS = """
SELECT site_id,
    count(*) FILTER (WHERE kind = 'HAZ_GENERAL_OPEN'),
    count(*) FILTER (WHERE kind = 'HAZ_GENERAL_OVERDUE'),
    count(*) FILTER (WHERE kind LIKE 'ALARM%%')
FROM triggers_as_of(%(at)s)
WHERE site_id = ANY(%(sites)s) AND NOT withdrawn AND starts_at <= %(at)s AND (ends_at IS NULL OR ends_at > %(at)s)
GROUP BY site_id
"""


def past_region(site_ids: Iterable[UUID], *, at: datetime) -> RegionState:
    """Return the sites of a region with their colours and counts at `at`; one of which nothing was known is grey."""
    sites = list(
        Site.objects.filter(id__in=list(site_ids)).select_related("organisation", "region").defer("region__boundary")
    )
    grades = site_grades(sites, now=at)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"at": at, "sites": [site.pk for site in sites]})
        counts = {row[0]: row[1:] for row in cursor.fetchall()}
    summaries = [_summary(site, grades[site.pk], counts.get(site.pk, (0, 0, 0))) for site in sites]
    _, table = colour_table(at)
    grade, score = region_grade([SiteShare(grade=s.grade, weight=s.people_count) for s in summaries], table)
    by_grade = Counter(site.grade for site in summaries)
    return RegionState(
        now=at,
        next_change_at=None,
        cursor=0,
        grade=grade,
        score=score,
        colour_counts={str(number): by_grade.get(number, 0) for number in (4, 3, 2, 1, 0)},
        sites=sorted(summaries, key=lambda summary: summary.code),
    )


def _summary(site: Site, grade: int, counts: tuple[int, int, int]) -> SiteSummary:
    place = site.location or (site.boundary.centroid if site.boundary else None)
    return SiteSummary(
        id=site.id,
        code=site.code,
        name=site.name,
        organisation=site.organisation.name,
        region=site.region.name if site.region else "",
        grade=grade,
        lon=place.x if place else None,
        lat=place.y if place else None,
        people_count=site.people_count,
        open=counts[0],
        overdue=counts[1],
        alarms=counts[2],
        people=0,
        next_change_at=None,
        url=f"/sites/{site.code}/",
    )
