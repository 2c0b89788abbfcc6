"""Counts of risk points: by grade, kind, accident, control level and place, and how they came to be over days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

GRADES = (4, 3, 2, 1)
Counts = Mapping[int, int]
"""How many of each grade, 4 to 1."""

_SHOWN = "state IN ('active', 'suspended') AND site_id = ANY(%(sites)s)"
_INHERENT = "CASE WHEN direct_major THEN 4 ELSE source_grade END"
_RESIDUAL = f"""CASE WHEN direct_major AND state = 'active' THEN 4
    ELSE least(coalesce(residual_grade, {_INHERENT}), {_INHERENT}) END"""
_BY_KIND = f"SELECT kind, {_INHERENT}, count(*) FROM risks_riskpoint WHERE {_SHOWN} GROUP BY 1, 2"
_BY_GRADE = f"SELECT {_INHERENT}, {_RESIDUAL}, count(*) FROM risks_riskpoint WHERE {_SHOWN} GROUP BY 1, 2"
_BY_SITE = f"SELECT site_id, {_INHERENT}, count(*) FROM risks_riskpoint WHERE {_SHOWN} GROUP BY 1, 2"
_BY_LEVEL = f"SELECT lead_level, {_INHERENT}, count(*) FROM risks_riskpoint WHERE {_SHOWN} GROUP BY 1, 2"
_BY_ACCIDENT = """
SELECT accident_type, grade, count(*) FROM (
    SELECT DISTINCT ON (p.id, s.accident_type) s.accident_type, s.grade
    FROM risks_hazardsource s JOIN risks_riskpoint p ON p.id = s.risk_point_id
    WHERE p.state IN ('active', 'suspended') AND p.site_id = ANY(%(sites)s) AND s.accident_type <> ''
    ORDER BY p.id, s.accident_type, s.grade DESC
) one GROUP BY 1, 2
"""
_BY_ZONE = f"""
SELECT z.id, {_INHERENT}, count(*)
FROM risks_riskpoint p JOIN places_anchor a ON a.id = p.anchor_id
JOIN zones_zone z ON z.site_id = p.site_id AND z.active AND ST_Covers(z.outline, a.geometry)
    AND (z.bottom_m IS NULL OR ST_ZMin(a.geometry) >= z.bottom_m)
    AND (z.top_m IS NULL OR ST_ZMax(a.geometry) <= z.top_m)
WHERE p.state IN ('active', 'suspended') AND p.site_id = ANY(%(sites)s)
GROUP BY 1, 2
"""
_TREND = f"""
WITH versions AS (
    SELECT {_INHERENT} AS grade, known_from, 'infinity'::timestamptz AS known_to FROM risks_riskpoint WHERE {_SHOWN}
    UNION ALL
    SELECT {_INHERENT}, known_from, known_to FROM risks_formerriskpoint WHERE {_SHOWN}
),
moments AS (SELECT unnest(%(moments)s::timestamptz[]) AS moment),
steps AS (
    SELECT grade, known_from AS at, 1 AS change FROM versions
    UNION ALL
    SELECT grade, known_to, -1 FROM versions WHERE known_to < 'infinity'
)
SELECT m.moment, s.grade, sum(s.change)
FROM moments m JOIN (SELECT grade, at, sum(change) AS change FROM steps GROUP BY 1, 2) s ON s.at <= m.moment
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class TrendDay:
    """How many risk points of each grade were in force at the end of a day (or now, for today)."""

    day: date
    counts: Counts


def _rows(sql: str, site_ids: Iterable[UUID], **more: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"sites": list(site_ids), **more})
        return cursor.fetchall()


def _grouped(rows: Iterable[tuple[Any, Any, Any]]) -> dict[Any, dict[int, int]]:
    found: dict[Any, dict[int, int]] = defaultdict(lambda: dict.fromkeys(GRADES, 0))
    for key, grade, count in rows:
        found[key][int(grade)] = int(count)
    return dict(found)


def by_grade(site_ids: Iterable[UUID]) -> tuple[Counts, Counts]:
    """Return the counts of grades without controls and with them, of what is active or suspended."""
    inherent, residual = dict.fromkeys(GRADES, 0), dict.fromkeys(GRADES, 0)
    for before, after, count in _rows(_BY_GRADE, site_ids):
        inherent[before] += count
        residual[after] += count
    return inherent, residual


def by_kind(site_ids: Iterable[UUID]) -> dict[str, dict[int, int]]:
    """Return the counts of grades per kind (activity, facility)."""
    return _grouped(_rows(_BY_KIND, site_ids))


def by_accident(site_ids: Iterable[UUID]) -> dict[str, dict[int, int]]:
    """Return per accident type (GB 6441) how many risk points may lead to it, by the grade of their worst source."""
    return _grouped(_rows(_BY_ACCIDENT, site_ids))


def by_lead_level(site_ids: Iterable[UUID], levels: Mapping[str, Any]) -> dict[str, dict[int, int]]:
    """Return the counts per level that leads the control: the lifted one, else that of the grade (`risk_levels`)."""
    own = {row["grade"]: row["lead_level"] for row in levels["scale"]}
    found: dict[str, dict[int, int]] = {row["code"]: dict.fromkeys(GRADES, 0) for row in levels["control_levels"]}
    for lifted, grade, count in _rows(_BY_LEVEL, site_ids):
        found[lifted or own[grade]][grade] += count
    return found


def by_site(site_ids: Iterable[UUID]) -> dict[UUID, dict[int, int]]:
    """Return the counts of grades per site."""
    return _grouped(_rows(_BY_SITE, site_ids))


def by_zone(site_ids: Iterable[UUID]) -> dict[UUID, dict[int, int]]:
    """Return the counts of grades per zone in use; a point counts in every zone that holds it."""
    return _grouped(_rows(_BY_ZONE, site_ids))


def trend(site_ids: Iterable[UUID], *, days: int, now: datetime, time_zone: str) -> Sequence[TrendDay]:
    """Return the counts of grades at the end of each of the last days, the last being today until now.

    Asked of what was known then, so that a list published today changes nothing before today.
    """
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    listed = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    midnight = datetime.min.time()
    moments = [datetime.combine(day + timedelta(days=1), midnight, tzinfo=zone) for day in listed[:-1]] + [now]
    counts = _grouped(_rows(_TREND, site_ids, moments=moments))
    none = dict.fromkeys(GRADES, 0)
    return [TrendDay(day, counts.get(moment, none)) for day, moment in zip(listed, moments, strict=True)]
