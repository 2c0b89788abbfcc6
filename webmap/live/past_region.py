"""The state of a region as it was at a past moment: the colours of its sites by the facts known then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from spatial.zones.set_colours import site_sums

from .payloads import RegionState
from .region_state import faces_of, region_of, summary_of


def past_region(site_ids: Iterable[UUID], *, at: datetime) -> RegionState:
    """Return the sites of a region with their colours and counts at `at`; one of which nothing was known is grey."""
    sites = faces_of(site_ids)
    sums = site_sums(sites, now=at)
    summaries = [
        summary_of(
            site,
            grade=sums[site.pk].grade,
            open_tickets=sums[site.pk].held.get("HAZ_GENERAL_OPEN", 0),
            overdue=sums[site.pk].held.get("HAZ_GENERAL_OVERDUE", 0),
            alarms=sum(count for kind, count in sums[site.pk].held.items() if kind.startswith("ALARM")),
        )
        for site in sites
    ]
    return region_of(sorted(summaries, key=lambda summary: summary.code), now=at)
