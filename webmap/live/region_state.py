"""The state of the region page: one summary per site, computed anew only for the sites that changed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models.functions import Centroid
from django.db.models import Count, FloatField, Func
from django.db.models.functions import Coalesce

from spatial.alarms.models import Alarm
from spatial.hazards.models import Hazard
from spatial.places.models import Site
from spatial.scope import among
from spatial.tracks.queries import heard_helmets
from spatial.zones.cached_colours import remembered_grades
from spatial.zones.queries import colour_table
from spatial.zones.rules import SiteShare, region_grade

from .payloads import RegionState, SiteSummary
from .state import NOT_OPEN, newest_event, overdue_counts

FACE = (
    "code",
    "name",
    "people_count",
    "time_zone",
    "organisation__name",
    "organisation__path",
    "region__name",
    "region__path",
)


class Summaries:
    """Remembered summaries of sites; thread-safe, because frames are computed in the database threads."""

    def __init__(self) -> None:
        self._known: dict[UUID, SiteSummary] = {}
        self._lock = threading.Lock()

    def forget(self, site_ids: Iterable[UUID]) -> None:
        """Drop what changed; it is computed at the next question."""
        with self._lock:
            for site_id in site_ids:
                self._known.pop(site_id, None)

    def keep_only(self, site_ids: set[UUID]) -> None:
        """Drop what nobody watches: nobody would tell when it changes."""
        with self._lock:
            self._known = {site_id: known for site_id, known in self._known.items() if site_id in site_ids}

    def of(self, site_ids: Iterable[UUID], *, now: datetime) -> list[SiteSummary]:
        """Return the summaries of sites by code, computing the unknown ones together."""
        wanted = list(site_ids)
        with self._lock:
            unknown = [site_id for site_id in wanted if site_id not in self._known]
            if unknown:
                self._known.update(site_summaries(unknown, now=now))
            found = [self._known[site_id] for site_id in wanted if site_id in self._known]
        return sorted(found, key=lambda summary: summary.code)


def site_summaries(site_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, SiteSummary]:
    """Return one summary per site, in a number of queries that does not grow with the sites."""
    ids = list(site_ids)
    sites = faces_of(ids)
    colours = remembered_grades(ids, now=now)
    tickets = Hazard.objects.filter(site__in=among(ids)).exclude(state__in=NOT_OPEN)
    open_counts = dict(tickets.values_list("site").annotate(n=Count("*")).order_by())
    alarms = Alarm.objects.filter(site__in=among(ids), cleared_at__isnull=True, late=False)
    alarm_counts = dict(alarms.values_list("site").annotate(n=Count("*")).order_by())
    overdue, people = overdue_counts(ids, now=now), heard_helmets(ids, now=now)
    return {
        site.id: summary_of(
            site,
            grade=colours[site.id].grade,
            open_tickets=open_counts.get(site.id, 0),
            overdue=overdue.get(site.id, 0),
            alarms=alarm_counts.get(site.id, 0),
            people=people.get(site.id, 0),
            next_change_at=colours[site.id].valid_until,
        )
        for site in sites
    }


def faces_of(site_ids: Iterable[UUID]) -> list[Any]:
    """Return the sites with what a summary and the rules need of them; `lon` and `lat` are the point that a site is
    shown at, its middle where it has none."""
    place = Coalesce("location", Centroid("boundary"))
    rows = Site.objects.filter(id__in=among(site_ids)).select_related("organisation", "region").only(*FACE)
    return list(
        rows.annotate(
            lon=Func(place, function="ST_X", output_field=FloatField()),
            lat=Func(place, function="ST_Y", output_field=FloatField()),
        )
    )


def summary_of(
    site: Any,
    *,
    grade: int,
    open_tickets: int,
    overdue: int,
    alarms: int,
    people: int = 0,
    next_change_at: datetime | None = None,
) -> SiteSummary:
    """Return the summary of one of `faces_of`, of now or of a past moment; what the database gave is not checked."""
    return SiteSummary.model_construct(
        id=site.id,
        code=site.code,
        name=site.name,
        organisation=site.organisation.name,
        region=site.region.name if site.region else "",
        grade=grade,
        lon=site.lon,
        lat=site.lat,
        people_count=site.people_count,
        open=open_tickets,
        overdue=overdue,
        alarms=alarms,
        people=people,
        next_change_at=next_change_at,
        url=f"/sites/{site.code}/",
    )


def region_state(summaries: Summaries, site_ids: Iterable[UUID], *, now: datetime) -> RegionState:
    """Return the state of a region page: its sites, four counts, and the weighted grade with its score."""
    ids = list(site_ids)
    cursor = newest_event(ids)
    sites = summaries.of(ids, now=now)
    return region_of(sites, now=now, cursor=cursor)


def region_of(sites: list[SiteSummary], *, now: datetime, cursor: int = 0) -> RegionState:
    """Return the weighted grade of a region and its four counts, from the summaries of its sites."""
    _, table = colour_table(now)
    grade, score = region_grade([SiteShare(grade=s.grade, weight=s.people_count) for s in sites], table)
    counts = Counter(site.grade for site in sites)
    changes = [site.next_change_at for site in sites if site.next_change_at]
    return RegionState.model_construct(
        now=now,
        next_change_at=min(changes) if changes else None,
        cursor=cursor,
        grade=grade,
        score=score,
        colour_counts={str(number): counts.get(number, 0) for number in (4, 3, 2, 1, 0)},
        sites=sites,
    )
