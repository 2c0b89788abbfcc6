-- What colours.sql reads, from the tables as they were known at now_at, which may be any past moment.
-- Parameters: now_at, table (jsonb of the edition), site_ids (uuid[]).
WITH RECURSIVE clock AS (
    SELECT %(now_at)s::timestamptz AS now_at, %(table)s::jsonb AS content
),
points AS (
    SELECT p.id::text AS point_id, p.state, p.direct_major, p.residual_grade AS given_residual,
        p.source_grade::int AS top_source, p.site_id, p.anchor_id, p.id
    FROM risk_points_as_of(%(now_at)s::timestamptz) p
    WHERE p.site_id = ANY(%(site_ids)s)
),
live_zones AS (
    SELECT z.id, z.site_id, z.parent_id, z.outline, z.bottom_m, z.top_m
    FROM zones_as_of(%(now_at)s::timestamptz) z
    WHERE z.active AND z.site_id = ANY(%(site_ids)s)
),
places AS (
    SELECT z.id::text AS place_id, coalesce(up.id, z.site_id)::text AS parent_id, 'zone' AS place_kind
    FROM live_zones z LEFT JOIN live_zones up ON up.id = z.parent_id
    UNION ALL
    SELECT s.id::text, NULL, 'site' FROM places_site s WHERE s.id = ANY(%(site_ids)s)
),
memberships AS (
    SELECT z.id::text AS place_id, p.point_id
    FROM points p
    JOIN anchors_as_of(%(now_at)s::timestamptz) a ON a.id = p.anchor_id
    JOIN live_zones z ON z.site_id = p.site_id AND ST_Covers(z.outline, a.geometry)
        AND ST_ZMin(a.geometry) >= coalesce(z.bottom_m, '-infinity')
        AND ST_ZMax(a.geometry) <= coalesce(z.top_m, 'infinity')
    UNION ALL
    SELECT p.site_id::text, p.point_id FROM points p
),
triggers AS (
    SELECT t.id::text AS trigger_id, t.risk_point_id::text AS point_id, t.kind, t.floor AS given_floor,
        t.starts_at, t.ends_at, t.zone_id, t.site_id, t.location
    FROM triggers_as_of(%(now_at)s::timestamptz) t
    WHERE t.site_id = ANY(%(site_ids)s) AND t.starts_at <= %(now_at)s::timestamptz AND NOT t.withdrawn
        AND (t.ends_at IS NULL OR t.ends_at >= %(now_at)s::timestamptz - (
            SELECT max((k.value ->> 'hold_s')::float8 + 4 * (k.value ->> 'step_s')::float8) * interval '1 second'
            FROM jsonb_each(%(table)s::jsonb -> 'kinds') k))
),
in_zones AS (
    SELECT t.trigger_id, z.id::text AS place_id
    FROM triggers t
    JOIN live_zones z ON z.site_id = t.site_id AND CASE
        WHEN t.zone_id IS NOT NULL THEN z.id = t.zone_id
        ELSE ST_Covers(z.outline, t.location)
            AND ST_Z(t.location) BETWEEN coalesce(z.bottom_m, '-infinity') AND coalesce(z.top_m, 'infinity')
        END
    WHERE t.point_id IS NULL
),
trigger_targets AS (
    SELECT trigger_id, place_id FROM in_zones
    UNION ALL
    SELECT t.trigger_id, t.site_id::text FROM triggers t
    WHERE t.point_id IS NULL AND NOT EXISTS (SELECT FROM in_zones i WHERE i.trigger_id = t.trigger_id)
),
given_children AS (
    SELECT NULL::text AS place_id, 0 AS grade WHERE false
),
