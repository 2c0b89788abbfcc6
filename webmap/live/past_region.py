"""The state of a region as it was at a past moment: the colours of its sites by the facts known then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection

from spatial.places.models import Site
from spatial.zones.set_colours import site_grades

from .payloads import RegionState
from .region_state import region_of, summary_of

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
    summaries = []
    for site in sites:
        tickets, overdue, alarms = counts.get(site.pk, (0, 0, 0))
        summaries.append(summary_of(site, grade=grades[site.pk], open_tickets=tickets, overdue=overdue, alarms=alarms))
    return region_of(sorted(summaries, key=lambda summary: summary.code), now=at)
