-- What colours.sql reads for the grades of sites alone: a site is the highest of all its points and triggers, in
-- whichever zone they lie, so that no geometry is asked. Ends with colours_sites.sql.
-- Parameters: now_at, table (jsonb of the edition), site_ids.
WITH RECURSIVE clock AS (
    SELECT %(now_at)s::timestamptz AS now_at, %(table)s::jsonb AS content
),
points AS (
    SELECT p.id AS point_id, p.state, p.direct_major, p.residual_grade AS given_residual,
        p.source_grade::int AS top_source, p.site_id
    FROM risk_points_as_of(%(now_at)s::timestamptz) p
    WHERE p.site_id = ANY(%(site_ids)s)
),
triggers AS (
    SELECT NULL::text AS trigger_id, t.risk_point_id AS point_id, t.kind, t.floor AS given_floor,
        t.starts_at, t.ends_at, t.site_id
    FROM triggers_as_of(%(now_at)s::timestamptz) t
    WHERE t.site_id = ANY(%(site_ids)s) AND t.starts_at <= %(now_at)s::timestamptz AND NOT t.withdrawn
        AND (t.ends_at IS NULL OR t.ends_at >= %(now_at)s::timestamptz - (
            SELECT max((k.value ->> 'hold_s')::float8 + 4 * (k.value ->> 'step_s')::float8) * interval '1 second'
            FROM jsonb_each(%(table)s::jsonb -> 'kinds') k))
),
