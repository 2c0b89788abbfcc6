-- The colour rule of spec/domain/02 as sets: shares no code with rules.py, and is compared with it.
-- Reads the inputs above it; a tail below it asks for places (colours_places.sql) or for sites alone (colours_sites.sql).
-- {same_case} joins an input to its clock: every row has the same clock in the tables, its own in a case file.
kind_rules AS (
    SELECT DISTINCT k.key AS kind, (k.value ->> 'floor')::int AS floor, k.value ->> 'lift_group' AS lift_group,
        (k.value ->> 'hold_s')::float8 * interval '1 second' AS hold, (k.value ->> 'step_s')::numeric AS step_s,
        (k.value ->> 'expires_after_s')::float8 * interval '1 second' AS expires_after
    FROM (SELECT %(table)s::jsonb AS content) one, jsonb_each(one.content -> 'kinds') AS k
),
weights AS (
    SELECT w.key::int AS grade, w.value::float8 AS weight
    FROM (SELECT %(table)s::jsonb AS content) one, jsonb_each_text(one.content -> 'index_weights') AS w
),
effects AS (
    SELECT t.trigger_id, t.point_id, t.site_id, k.lift_group,
        k.lift_group IS NOT NULL AND t.starts_at <= c.now_at AND (t.ends_at IS NULL OR c.now_at < t.ends_at) AS lifting,
        CASE
            WHEN c.now_at < t.starts_at THEN 0
            WHEN c.now_at >= t.starts_at + k.expires_after THEN 0
            WHEN t.ends_at IS NULL OR c.now_at < t.ends_at + k.hold THEN coalesce(t.given_floor, k.floor)
            WHEN k.step_s = 0 OR k.expires_after IS NOT NULL THEN 0
            ELSE greatest(0, coalesce(t.given_floor, k.floor) - 1
                - floor(extract(epoch FROM c.now_at - t.ends_at - k.hold) / k.step_s))::int
        END AS floor_now
    FROM triggers t JOIN clock c ON {same_case} JOIN kind_rules k USING (kind)
),
point_effects AS (
    SELECT point_id, max(floor_now) AS floor_now, count(DISTINCT lift_group) FILTER (WHERE lifting) AS lift_kinds
    FROM effects WHERE point_id IS NOT NULL GROUP BY point_id
),
graded_points AS (
    SELECT p.point_id, p.state, CASE WHEN p.direct_major THEN 4 ELSE p.top_source END AS inherent,
        CASE
            WHEN p.direct_major AND p.state = 'active' THEN 4
            WHEN p.direct_major THEN least(coalesce(p.given_residual, 4), 4)
            ELSE least(coalesce(p.given_residual, p.top_source), p.top_source)
        END AS residual
    FROM points p
),
point_colours AS (
    SELECT g.point_id, g.inherent, g.residual,
        CASE WHEN g.state NOT IN ('active', 'suspended') THEN 0 ELSE least(4, greatest(
            coalesce(e.floor_now, 0),
            CASE WHEN g.residual > 0
                THEN g.residual + least(coalesce(e.lift_kinds, 0), (%(table)s::jsonb ->> 'lift_cap')::int) ELSE 0 END
        )) END::int AS grade
    FROM graded_points g LEFT JOIN point_effects e USING (point_id)
),
