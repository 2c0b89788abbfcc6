-- What colours.sql reads, from cases in the form of zone_algebra_cases.json, all in one statement.
-- Parameters: cases (jsonb array of point and zone cases), table (jsonb of the edition). Times are seconds.
WITH RECURSIVE epoch AS (
    SELECT timestamptz '2000-01-01 00:00:00+00' AS zero
),
cases AS (
    SELECT number::text AS case_id, body FROM jsonb_array_elements(%(cases)s::jsonb) WITH ORDINALITY AS c (body, number)
),
case_points AS (
    SELECT c.case_id, c.case_id || '/' || number AS point_id, point, point ->> 'id' AS name
    FROM cases c, jsonb_array_elements(
        CASE WHEN c.body ->> 'type' = 'point' THEN jsonb_build_array(c.body -> 'point') ELSE c.body -> 'points' END
    ) WITH ORDINALITY AS p (point, number)
),
clock AS (
    SELECT c.case_id, e.zero + (c.body ->> 'now')::float8 * interval '1 second' AS now_at, %(table)s::jsonb AS content
    FROM cases c, epoch e
),
points AS (
    SELECT case_id, point_id, coalesce(point ->> 'state', 'active') AS state,
        coalesce((point ->> 'direct_major')::boolean, false) AS direct_major,
        (point ->> 'residual')::int AS given_residual,
        coalesce((SELECT max((s ->> 'grade')::int) FROM jsonb_array_elements(point -> 'sources') s), 0) AS top_source
    FROM case_points
),
places AS (
    SELECT case_id, case_id AS place_id, NULL::text AS parent_id, 'zone' AS place_kind
    FROM cases WHERE body ->> 'type' = 'zone'
),
memberships AS (
    SELECT p.case_id AS place_id, p.point_id FROM case_points p JOIN places ON places.place_id = p.case_id
),
trigger_rows AS (
    SELECT p.case_id, p.point_id, trigger
    FROM case_points p JOIN cases c USING (case_id), jsonb_array_elements(
        CASE WHEN c.body ->> 'type' = 'point' THEN c.body -> 'triggers'
             ELSE coalesce(c.body -> 'triggers_by_point' -> p.name, '[]') END
    ) AS trigger
    UNION ALL
    SELECT c.case_id, NULL, trigger
    FROM cases c, jsonb_array_elements(coalesce(c.body -> 'zone_triggers', '[]')) AS trigger
    WHERE c.body ->> 'type' = 'zone'
),
triggers AS (
    SELECT case_id, row_number() OVER ()::text AS trigger_id, point_id, NULL::uuid AS site_id, trigger ->> 'kind' AS kind,
        (trigger ->> 'floor')::int AS given_floor,
        zero + (trigger ->> 'start')::float8 * interval '1 second' AS starts_at,
        zero + (trigger ->> 'end')::float8 * interval '1 second' AS ends_at
    FROM trigger_rows, epoch
),
trigger_targets AS (
    SELECT trigger_id, case_id AS place_id FROM triggers WHERE point_id IS NULL
),
given_children AS (
    SELECT c.case_id AS place_id, child::int AS grade
    FROM cases c, jsonb_array_elements_text(coalesce(c.body -> 'children', '[]')) AS child
    WHERE c.body ->> 'type' = 'zone'
),
