-- Of colours.sql over inputs_sites.sql: one row per site with its grade and, by kind, how many triggers hold at now_at.
top_grades AS (
    SELECT p.site_id, max(pc.grade) AS grade FROM points p JOIN point_colours pc USING (point_id) GROUP BY p.site_id
    UNION ALL
    SELECT site_id, max(least(4, floor_now)) FROM effects WHERE point_id IS NULL GROUP BY site_id
),
held AS (
    SELECT site_id, jsonb_object_agg(kind, n) AS kinds
    FROM (
        SELECT site_id, kind, sum(n)::int AS n FROM triggers WHERE ends_at IS NULL GROUP BY site_id, kind
    ) one GROUP BY site_id
)
SELECT s.site_id, coalesce(g.grade, 0)::int, coalesce(h.kinds, '{}')
FROM unnest(%(site_ids)s::uuid[]) AS s (site_id)
LEFT JOIN (SELECT site_id, max(grade) AS grade FROM top_grades GROUP BY site_id) g USING (site_id)
LEFT JOIN held h USING (site_id)
