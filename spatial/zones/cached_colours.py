"""Colours remembered per version of a site's facts: one changed fact costs one site, and an old colour never shows.

The database counts a site's version with every change of a fact (migration 0004). A remembered colour is true only
for the version it was computed from, and only until time alone changes it: readers join both conditions in one
statement, so that no reader can see a colour older than the facts in its own snapshot.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from spatial.places.models import Site
from spatial.risks.models import RiskPoint
from spatial.rulebook.models import Edition, PackChoice

from .models import CachedSite, SiteVersion
from .set_colours import SQL_FOLDER, by_content, colours_of_sites, stored_statement

FRESH = "c.version = v.version AND c.computed_at <= %(now)s AND (c.valid_until IS NULL OR %(now)s < c.valid_until)"
"""The condition under which a remembered colour is true: every statement that reads one carries it."""
ATTEMPTS = 3


@dataclass(frozen=True)
class CachedGrade:
    """A site's grade and index, the risk points of each grade, the version of its facts, and how long it holds."""

    site_id: UUID
    grade: int
    index: float
    point_counts: Mapping[int, int]
    version: int
    valid_until: datetime | None


@cache
def _remember_statement() -> str:
    text = (SQL_FOLDER / "remember.sql").read_text(encoding="utf-8")
    return text.replace("{colours}", stored_statement()).replace("{{}}", "{}")


def rules_change_at(now: datetime, time_zones: Iterable[str]) -> datetime | None:
    """Return the first midnight after `now`, on the clocks of these zones, at which rules may change; None if never.

    An edition and a choice of rules begin and end with days of the site's calendar.
    """
    yesterday = now.date() - timedelta(days=1)
    days = set(Edition.objects.filter(valid_from__gte=yesterday).values_list("valid_from", flat=True))
    days |= set(PackChoice.objects.filter(valid_from__gte=yesterday).values_list("valid_from", flat=True))
    ends = Edition.objects.filter(valid_to__gte=yesterday).values_list("valid_to", flat=True)
    days |= {day + timedelta(days=1) for day in ends if day}
    midnights = (datetime.combine(day, time(), tzinfo=ZoneInfo(zone)) for day in days for zone in set(time_zones))
    return min((moment for moment in midnights if moment > now), default=None)


@transaction.atomic
def remember_colours(site_ids: Iterable[UUID], *, now: datetime) -> None:
    """This function will compute the colours of sites by the set-based rule and remember them with their version.

    Whoever computes the same site waits for the other. The version is read before the facts: what changes in
    between makes the remembered colour old, never wrong.
    """
    ids = sorted(set(site_ids))
    CachedSite.objects.bulk_create([CachedSite(site_id=site_id) for site_id in ids], ignore_conflicts=True)
    list(CachedSite.objects.select_for_update().filter(site__in=ids).order_by("site").values_list("site"))
    versions = dict(SiteVersion.objects.filter(site__in=ids).values_list("site", "version"))
    sites = list(Site.objects.filter(pk__in=ids).select_related("organisation", "region"))
    rules_until = rules_change_at(now, {site.time_zone for site in sites})
    with connection.cursor() as cursor:
        for content, group in by_content(sites, now=now):
            parameters: dict[str, Any] = {
                "now_at": now,
                "table": content,
                "site_ids": group,
                "versions": [versions[site_id] for site_id in group],
                "rules_until": rules_until,
            }
            cursor.execute(_remember_statement(), parameters)


def stale_sites(site_ids: Sequence[UUID], *, now: datetime) -> list[UUID]:
    """Return which sites have no remembered colour that is true at `now`."""
    sql = f"""SELECT v.site_id FROM zones_siteversion v LEFT JOIN zones_cachedsite c USING (site_id)
              WHERE v.site_id = ANY(%(sites)s) AND NOT coalesce({FRESH}, false)"""
    return [row[0] for row in _rows(sql, {"sites": list(site_ids), "now": now})]


def fresh_grades(site_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, CachedGrade]:
    """Return the remembered grades that are true at `now`, in one statement; the others are left out."""
    sql = f"""SELECT c.site_id, c.grade, c.index, c.point_counts, c.version, c.valid_until
              FROM zones_cachedsite c JOIN zones_siteversion v USING (site_id)
              WHERE c.site_id = ANY(%(sites)s) AND {FRESH}"""
    return {row[0]: _grade(row) for row in _rows(sql, {"sites": list(site_ids), "now": now})}


def fresh_colours(site_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, int]:
    """Return the remembered grades of risk points and zones that are true at `now`, by id, in one statement."""
    sql = f"""SELECT o.object_id, o.grade FROM zones_cachedcolour o
              JOIN zones_cachedsite c USING (site_id) JOIN zones_siteversion v USING (site_id)
              WHERE o.site_id = ANY(%(sites)s) AND {FRESH}"""
    return dict(_rows(sql, {"sites": list(site_ids), "now": now}))


@dataclass(frozen=True)
class ShownPoint:
    """A risk point with the grade it has now; degrees in EPSG:4490, height in Yellow Sea metres."""

    id: UUID
    site_id: UUID
    code: str
    name: str
    grade: int
    lon: float
    lat: float
    height_m: float | None


def shown_points(
    site_ids: Iterable[UUID], *, box: tuple[float, float, float, float], now: datetime
) -> list[ShownPoint]:
    """Return the risk points of sites in a box, with colours that are true at `now`.

    What is not coloured now (planned, closed) is left out. Call `remembered_grades` before: sites whose facts changed
    since then are left out too, never shown with an old colour.
    """
    sql = f"""SELECT p.id, p.site_id, p.code, p.name, o.grade, ST_X(at.place), ST_Y(at.place), ST_ZMax(a.geometry)
              FROM zones_cachedcolour o
              JOIN zones_cachedsite c USING (site_id) JOIN zones_siteversion v USING (site_id)
              JOIN risks_riskpoint p ON p.id = o.object_id JOIN places_anchor a ON a.id = p.anchor_id,
              LATERAL (SELECT ST_PointOnSurface(a.geometry) AS place) at
              WHERE o.site_id = ANY(%(sites)s) AND o.kind = 'point' AND o.grade > 0 AND {FRESH}
                  AND a.geometry && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4490)
              ORDER BY p.id"""
    west, south, east, north = box
    asked = {"sites": list(site_ids), "now": now, "west": west, "south": south, "east": east, "north": north}
    return [ShownPoint(*row) for row in _rows(sql, asked)]


def remembered_grades(site_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, CachedGrade]:
    """Return the grade of each site at `now`, computing only those whose facts (or whose time) have moved on.

    `now` is the present: for a past moment ask `colours_of_sites`. What changes faster than it can be remembered is
    computed without remembering, in one statement, and holds for no longer than `now`.
    """
    ids = list(site_ids)
    for _ in range(ATTEMPTS):
        found = fresh_grades(ids, now=now)
        missing = [site_id for site_id in ids if site_id not in found]
        if not missing:
            return found
        remember_colours(missing, now=now)
    found = fresh_grades(ids, now=now)
    return found | _computed([site_id for site_id in ids if site_id not in found], now)


def _computed(site_ids: Sequence[UUID], now: datetime) -> dict[UUID, CachedGrade]:
    sites = Site.objects.filter(pk__in=site_ids).select_related("organisation", "region")
    homes = dict(RiskPoint.objects.filter(site__in=site_ids).values_list("pk", "site"))
    counts: dict[UUID, Counter[int]] = defaultdict(Counter)
    rows = colours_of_sites(sites, now=now)
    for row in rows:
        if row.kind == "point" and UUID(row.id) in homes:
            counts[homes[UUID(row.id)]][row.grade] += 1
    return {
        UUID(row.id): CachedGrade(UUID(row.id), row.grade, round(row.index or 0.0, 2), counts[UUID(row.id)], -1, now)
        for row in rows
        if row.kind == "site"
    }


def _grade(row: tuple[Any, ...]) -> CachedGrade:
    site_id, grade, index, counts, version, valid_until = row
    return CachedGrade(site_id, grade, index, {int(k): n for k, n in json.loads(counts).items()}, version, valid_until)


def _rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
