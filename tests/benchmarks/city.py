"""A made city, written by the database itself: enterprises with sites, zones, risk points, tickets and triggers.

Sizes of the district platforms of the sources: 2,400 enterprises, 100,000 risk points, 500,000 hazards. Every site is
a square of 200 m with three zones beside each other; its points and tickets lie on a grid in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from spatial.people.models import User
from spatial.people.operations import create_user, grant_role
from spatial.places.models import Organisation, Region, Site
from spatial.places.operations import create_organisation, create_region
from spatial.rulebook.operations import load_editions
from spatial.rulebook.queries import current_edition


@dataclass(frozen=True)
class City:
    """The made city: who sees all of it, and its sites by code."""

    regulator: User
    region: Region
    sites: list[Site]


_SITES = """
INSERT INTO places_organisation (id, path, depth, numchild, name, kind, code)
SELECT gen_random_uuid(), %(top)s || lpad(upper(to_hex(n)), 4, '0'), 2, 0, '企业' || n, 'enterprise', %(mark)s || n
FROM generate_series(1, %(sites)s) n;
INSERT INTO places_site (id, created_at, code, name, organisation_id, region_id, phase, boundary, location,
    projected_srid, ground_height_m, geoid_offset_m, time_zone, people_count)
SELECT gen_random_uuid(), %(since)s, %(mark)s || lpad(n::text, 5, '0'), '工地' || n, o.id, %(region)s, 'active',
    ST_MakeEnvelope(lon, lat, lon + 0.002, lat + 0.002, 4490),
    ST_SetSRID(ST_MakePoint(lon + 0.001, lat + 0.001), 4490), 4547, 90, -18, 'Asia/Shanghai', 20 + n %% 300
FROM (SELECT n, 113.5 + (n %% 60) * 0.01 AS lon, 34.5 + (n / 60) * 0.01 AS lat
      FROM generate_series(1, %(sites)s) n) one
JOIN places_organisation o ON o.code = %(mark)s || n;
INSERT INTO zones_zone (id, created_at, known_from, version, organisation_id, site_id, code, name, kind, outline,
    bottom_m, top_m, active, model_id, element_global_id)
SELECT gen_random_uuid(), %(since)s, %(since)s, 1, s.organisation_id, s.id, 'Z' || z, '区域' || z, 'area',
    ST_Multi(ST_MakeEnvelope(ST_XMin(s.boundary) + z * 0.0006, ST_YMin(s.boundary),
        ST_XMin(s.boundary) + (z + 1) * 0.0006, ST_YMax(s.boundary), 4490)), NULL, NULL, true, NULL, ''
FROM places_site s, generate_series(0, 2) z WHERE s.region_id = %(region)s;
"""
_PLACED = """
CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS
SELECT gen_random_uuid() AS id, gen_random_uuid() AS anchor_id, n, s.id AS site_id, s.organisation_id,
    ST_SetSRID(ST_MakePoint(ST_XMin(s.boundary) + 0.0001 + (k %% 17) * 0.0001,
        ST_YMin(s.boundary) + 0.0001 + (k / 17 %% 17) * 0.0001, 92), 4490) AS place
FROM (SELECT n, n / %(sites)s AS k, n %% %(sites)s AS s FROM generate_series(0, %(count)s - 1) n) one
JOIN (SELECT row_number() OVER (ORDER BY code) - 1 AS s, * FROM places_site WHERE region_id = %(region)s) s USING (s);
INSERT INTO places_anchor (id, created_at, organisation_id, site_id, geometry, element_global_id, element_name,
    known_from)
SELECT anchor_id, %(since)s, organisation_id, site_id, place, '', '', '1970-01-01' FROM {name};
"""
_POINTS = """
INSERT INTO risks_riskpoint (id, created_at, organisation_id, site_id, code, name, kind, state, anchor_id, direct_major,
    direct_major_reason, source_grade, residual_grade, lead_level, graded_at, known_from, rule_edition_id)
SELECT id, %(since)s, organisation_id, site_id, 'R' || lpad(n::text, 6, '0'), '风险点' || n,
    CASE WHEN n %% 2 = 0 THEN 'activity' ELSE 'facility' END, 'active', anchor_id, n %% 97 = 0,
    CASE WHEN n %% 97 = 0 THEN 'DJ-03' ELSE '' END, 1 + n %% 3, 1 + n %% 2, '', %(since)s, %(since)s, %(edition)s
FROM made_points;
INSERT INTO risks_hazardsource (id, created_at, organisation_id, site_id, risk_point_id, name, step, factor_code,
    accident_type, method, scores, value, grade, rule_edition_id)
SELECT gen_random_uuid(), %(since)s, organisation_id, site_id, id, '危险源' || n, '', '', '高处坠落', 'LEC',
    '{{"L": 1, "E": 6, "C": 15}}', 90, 1 + n %% 3, %(edition)s
FROM made_points;
"""
_TICKETS = """
INSERT INTO hazards_hazard (id, created_at, organisation_id, site_id, number, state, level, description, category,
    source, anchor_id, risk_point_id, reporter_id, measure, deadline_class, deadline, first_deadline,
    deadline_set_level, notice_number, extension_count, found_at, received_at, submitted_at, assigned_at, closed_at,
    return_count, recheck_fail_count, reopen_count, rule_edition_id)
SELECT id, %(since)s, organisation_id, site_id, 'YH-' || n, CASE WHEN n %% 5 = 0 THEN 'ASSIGNED' ELSE 'CLOSED' END,
    'general', '隐患' || n, 'edge_protection', 'self_check', anchor_id, NULL, %(reporter)s, '整改', 'normal', due, due,
    1, '', 0, found, found, found, found, CASE WHEN n %% 5 = 0 THEN NULL ELSE found + interval '1 day' END, 0, 0, 0,
    %(edition)s
FROM made_tickets, LATERAL (SELECT %(since)s + n %% 20000 * interval '1 minute' AS found) f,
    LATERAL (SELECT found + interval '10 days' AS due) d;
INSERT INTO zones_trigger (id, created_at, known_from, withdrawn, organisation_id, site_id, kind, location, starts_at,
    ends_at, source_kind, source_id, source_label, rule_edition_id)
SELECT gen_random_uuid(), found, found, false, organisation_id, site_id, 'HAZ_GENERAL_OPEN', place, found,
    CASE WHEN n %% 5 = 0 THEN NULL ELSE found + interval '1 day' END, 'hazard', id::text, 'YH-' || n, %(edition)s
FROM made_tickets, LATERAL (SELECT %(since)s + n %% 20000 * interval '1 minute' AS found) f;
INSERT INTO zones_trigger (id, created_at, known_from, withdrawn, organisation_id, site_id, kind, location, starts_at,
    ends_at, source_kind, source_id, source_label, rule_edition_id)
SELECT gen_random_uuid(), found, found, n %% 5 <> 0, organisation_id, site_id, 'HAZ_GENERAL_OVERDUE', place,
    found + interval '10 days' + n %% 29 * interval '1 day', NULL, 'hazard', id::text, 'YH-' || n, %(edition)s
FROM made_tickets, LATERAL (SELECT %(since)s + n %% 20000 * interval '1 minute' AS found) f;
"""


def _run(sql: str, parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        for statement in sql.split(";\n"):
            if statement.strip():
                cursor.execute(statement.replace("{{", "{").replace("}}", "}"), parameters)


@transaction.atomic
def make_city(*, sites: int, points: int, tickets: int, since: datetime, name: str = "测试市") -> City:
    """This function will write a city whose facts begin at `since`, and return who supervises it."""
    load_editions()
    city_number = Region.objects.count()
    region = create_region(code=f"R-{name}", name=name, level="city", now=since)
    top: Organisation = create_organisation(name=f"{name}集团", now=since)
    regulator = create_user(username=f"reg-{name}", password="一座城市-2026-city", full_name="监管", now=since)
    grant_role(user=regulator, role="dept_reviewer", region=region, now=since)
    edition = current_edition(on=since.date())
    shared = {
        "sites": sites, "since": since, "region": region.pk, "top": top.path, "edition": edition.pk,
        "reporter": regulator.pk, "mark": f"C{city_number}",
    }  # fmt: skip
    _run(_SITES, shared)
    _run(_PLACED.format(name="made_points"), shared | {"count": points})
    _run(_POINTS, shared)
    _run(_PLACED.format(name="made_tickets"), shared | {"count": tickets})
    _run(_TICKETS, shared)
    rows = Site.objects.filter(region=region).select_related("organisation", "region").order_by("code")
    return City(regulator, region, list(rows))


def analyse() -> None:
    """This function will do to the new rows what autovacuum does in time."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
