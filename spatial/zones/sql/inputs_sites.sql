-- What colours.sql reads for the grades of sites alone: a site is the highest of all its points and triggers, in
-- whichever zone they lie, so that no geometry is asked, and what colours alike is one row. Ends with colours_sites.sql.
-- Parameters: now_at, table (jsonb of the edition), site_ids.
WITH RECURSIVE clock AS (
    SELECT %(now_at)s::timestamptz AS now_at, %(table)s::jsonb AS content
),
triggers AS MATERIALIZED (
    -- one row for the triggers of a kind that have not ended: the latest start is the last to expire, and `n` are held
    SELECT NULL::text AS trigger_id, point_id::text, site_id, kind, given_floor, max(starts_at) AS starts_at, ends_at,
        count(*) AS n
    FROM (
        SELECT t.risk_point_id AS point_id, t.site_id, t.kind, t.floor AS given_floor, t.starts_at,
            CASE WHEN t.ends_at <= %(now_at)s::timestamptz THEN t.ends_at END AS ends_at
        FROM triggers_as_of(%(now_at)s::timestamptz) t
        WHERE t.site_id = ANY(%(site_ids)s) AND t.starts_at <= %(now_at)s::timestamptz AND NOT t.withdrawn
            AND coalesce(t.ends_at, 'infinity') >= %(now_at)s::timestamptz - (
                SELECT max((k.value ->> 'hold_s')::float8 + 4 * (k.value ->> 'step_s')::float8) * interval '1 second'
                FROM jsonb_each(%(table)s::jsonb -> 'kinds') k)
    ) one
    GROUP BY point_id, site_id, kind, given_floor, ends_at
),
points AS (
    -- one row for the points of a site that are graded alike and hold no trigger of their own
    SELECT coalesce(point_id, 'alike ' || row_number() OVER ()) AS point_id, site_id, state, direct_major,
        given_residual, top_source
    FROM (
        SELECT held.point_id, p.site_id, p.state, p.direct_major, p.residual_grade AS given_residual,
            p.source_grade::int AS top_source
        FROM risk_points_as_of(%(now_at)s::timestamptz) p
        LEFT JOIN (SELECT DISTINCT point_id FROM triggers WHERE point_id IS NOT NULL) held
            ON held.point_id::uuid = p.id
        WHERE p.site_id = ANY(%(site_ids)s)
        GROUP BY 1, 2, 3, 4, 5, 6
    ) one
),
