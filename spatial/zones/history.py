"""What was where at a past moment, and when a site's colour changed: asked of facts, never of stored colours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connection

from spatial.places.models import FormerAnchor, Site
from spatial.risks.models import FormerRiskPoint, RiskPoint
from spatial.rulebook.queries import edition_for, table

from .models import Zone
from .queries import SiteColours, site_colours
from .rules import Reason
from .set_colours import site_grades

LONGEST = 400
"""How many moments of a period are looked at; a longer list is cut and says so."""

_MOMENTS = """
WITH kinds AS (
    SELECT k.key AS kind, (k.value ->> 'hold_s')::float8 * interval '1 second' AS hold,
        (k.value ->> 'step_s')::float8 * interval '1 second' AS step,
        (k.value ->> 'expires_after_s')::float8 * interval '1 second' AS expires_after
    FROM jsonb_each(%(kinds)s::jsonb) AS k
),
triggers AS (
    SELECT kind, starts_at, ends_at, known_from FROM zones_trigger WHERE site_id = %(site)s
    UNION ALL
    SELECT kind, starts_at, ends_at, known_from FROM zones_formertrigger WHERE site_id = %(site)s
),
moments AS (
    SELECT known_from AS at FROM risks_riskpoint WHERE site_id = %(site)s
    UNION SELECT known_from FROM risks_formerriskpoint WHERE site_id = %(site)s
    UNION SELECT known_from FROM zones_zone WHERE site_id = %(site)s
    UNION SELECT known_from FROM zones_formerzone WHERE site_id = %(site)s
    UNION SELECT f.known_to FROM places_formeranchor f JOIN places_anchor a ON a.id = f.anchor_id
        WHERE a.site_id = %(site)s
    UNION SELECT known_from FROM triggers
    UNION SELECT moment FROM triggers JOIN kinds USING (kind), LATERAL (VALUES (starts_at),
        (starts_at + expires_after), (ends_at), (ends_at + hold), (ends_at + hold + step),
        (ends_at + hold + 2 * step), (ends_at + hold + 3 * step)) AS m (moment)
)
SELECT at FROM moments WHERE at > %(since)s AND at <= %(until)s ORDER BY at LIMIT %(limit)s
"""


@dataclass(frozen=True)
class ZoneThen:
    """A zone as it was: its outline in EPSG:4490 and heights in Yellow Sea metres; `zone` is what it is now."""

    zone: Zone
    code: str
    name: str
    parent_id: UUID | None
    outline: MultiPolygon
    bottom_m: float | None
    top_m: float | None


@dataclass(frozen=True)
class GradeStep:
    """A moment at which a site's colour changed: from which grade to which, and the reasons that came or went."""

    at: datetime
    before: int
    after: int
    came: tuple[Reason, ...]
    went: tuple[Reason, ...]


@dataclass(frozen=True)
class GradeHistory:
    """A site's grade over a period: at its start, then every change; `complete` is false where the list was cut."""

    since: datetime
    until: datetime
    grade_at_start: int
    steps: tuple[GradeStep, ...]
    complete: bool


def _rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _area(ewkb: bytes) -> MultiPolygon:
    area = GEOSGeometry(memoryview(ewkb))
    assert isinstance(area, MultiPolygon)
    return area


def zones_at(site: Any, *, at: datetime) -> list[ZoneThen]:
    """Return the zones in use at a moment, as they were then, by code."""
    sql = """SELECT id, code, name, parent_id, ST_AsEWKB(outline), bottom_m, top_m
             FROM zones_as_of(%(at)s) WHERE site_id = %(site)s AND active ORDER BY code"""
    now = {
        zone.pk: zone
        for zone in Zone.objects.filter(site=site).select_related("fence", "parent").prefetch_related("storeys")
    }
    return [
        ZoneThen(now[key], code, name, parent, _area(outline), bottom, top)
        for key, code, name, parent, outline, bottom, top in _rows(sql, {"at": at, "site": site.pk})
    ]


def risk_points_at(site: Any, *, at: datetime) -> list[RiskPoint]:
    """Return the risk points known at a moment, as they were then and where they stood, by code; not to be saved."""
    former = {
        row.risk_point_id: row
        for row in FormerRiskPoint.objects.filter(site_id=site.pk, known_from__lte=at, known_to__gt=at)
    }
    points = []
    for point in RiskPoint.objects.filter(site=site).select_related("anchor__storey"):
        was = former.get(point.pk)
        if was is not None:
            point.code, point.name, point.state = was.code, was.name, was.state
        elif point.known_from > at:
            continue
        points.append(point)
    moved = FormerAnchor.objects.filter(
        anchor_id__in=[p.anchor_id for p in points], known_from__lte=at, known_to__gt=at
    )
    places = {row.anchor_id: row.geometry for row in moved}
    for point in points:
        point.anchor.geometry = places.get(point.anchor_id, point.anchor.geometry)
    return sorted(points, key=lambda point: point.code)


def moments_of_change(site: Site, *, since: datetime, until: datetime, limit: int) -> list[datetime]:
    """Return the moments in (since, until] at which a fact, or time alone, may have changed a site's colours."""
    content = table(edition_for(site, on=until), "zone_triggers")
    asked = {"site": site.pk, "since": since, "until": until, "limit": limit, "kinds": json.dumps(content["kinds"])}
    return [row[0] for row in _rows(_MOMENTS, asked)]


def grade_history(site: Site, *, since: datetime, until: datetime, limit: int = LONGEST) -> GradeHistory:
    """Return how a site's grade changed between two moments, computed anew from the facts known at each moment."""
    moments = moments_of_change(site, since=since, until=until, limit=limit + 1)
    complete, moments = len(moments) <= limit, moments[:limit]
    before = start = site_grades([site], now=since)[site.pk]
    last, steps = since, []
    for moment in moments:
        after = site_grades([site], now=moment)[site.pk]
        if after != before:
            steps.append(_step(site, last, moment))
        before, last = after, moment
    end = until if complete else moments[-1]
    return GradeHistory(since, end, start, tuple(steps), complete)


def _step(site: Site, last: datetime, moment: datetime) -> GradeStep:
    """Return a change with its causes. `last` is the moment looked at before: nothing changed in between."""
    old: SiteColours = site_colours(site, now=last)
    new: SiteColours = site_colours(site, now=moment)

    def named(reason: Reason) -> tuple[Any, ...]:
        return reason.kind, reason.trigger_id, reason.risk_point_id, reason.grade

    was, now = {named(r): r for r in old.reasons}, {named(r): r for r in new.reasons}
    came = tuple(reason for key, reason in now.items() if key not in was)
    went = tuple(reason for key, reason in was.items() if key not in now)
    return GradeStep(moment, old.grade, new.grade, came, went)
