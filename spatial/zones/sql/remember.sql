-- Keeps the grades of sites, zones and risk points, writing only rows that differ; the colour rule is put in below.
WITH graded AS MATERIALIZED (
    {colours}
),
placed AS (
    SELECT g.id::uuid AS object_id, g.kind, g.grade, g.index, coalesce(p.site_id, z.site_id) AS site_id
    FROM graded g
    LEFT JOIN risks_riskpoint p ON g.kind = 'point' AND p.id = g.id::uuid
    LEFT JOIN zones_zone z ON g.kind = 'zone' AND z.id = g.id::uuid
    WHERE g.kind <> 'site'
),
kept AS (
    INSERT INTO zones_cachedcolour AS c (object_id, site_id, kind, grade, index)
    SELECT object_id, site_id, kind, grade, round(index::numeric, 2) FROM placed ORDER BY object_id
    ON CONFLICT (object_id) DO UPDATE SET grade = excluded.grade, index = excluded.index, site_id = excluded.site_id
    WHERE (c.grade, c.index, c.site_id) IS DISTINCT FROM (excluded.grade, excluded.index, excluded.site_id)
    RETURNING 1
),
counted AS (
    SELECT site_id, jsonb_object_agg(grade, n) AS counts
    FROM (SELECT site_id, grade, count(*) AS n FROM placed WHERE kind = 'point' GROUP BY site_id, grade) one
    GROUP BY site_id
),
later_news AS (
    -- written already, but by a clock ahead of now_at: they count from known_from on
    SELECT site_id, known_from AS moment FROM zones_trigger
    WHERE site_id = ANY(%(site_ids)s) AND known_from > %(now_at)s
    UNION ALL
    SELECT site_id, known_from FROM zones_zone WHERE site_id = ANY(%(site_ids)s) AND known_from > %(now_at)s
    UNION ALL
    SELECT site_id, known_from FROM risks_riskpoint WHERE site_id = ANY(%(site_ids)s) AND known_from > %(now_at)s
    UNION ALL
    SELECT site_id, known_from FROM places_anchor WHERE site_id = ANY(%(site_ids)s) AND known_from > %(now_at)s
),
trigger_edges AS (
    SELECT t.site_id, moment
    FROM zones_trigger t
    JOIN (
        SELECT k.key AS kind, (k.value ->> 'hold_s')::float8 * interval '1 second' AS hold,
            (k.value ->> 'step_s')::float8 * interval '1 second' AS step,
            (k.value ->> 'expires_after_s')::float8 * interval '1 second' AS expires_after
        FROM jsonb_each(%(table)s::jsonb -> 'kinds') AS k
    ) r USING (kind),
    LATERAL (VALUES (t.starts_at), (t.starts_at + r.expires_after), (t.ends_at), (t.ends_at + r.hold),
        (t.ends_at + r.hold + r.step), (t.ends_at + r.hold + 2 * r.step), (t.ends_at + r.hold + 3 * r.step)
    ) AS moments (moment)
    WHERE t.site_id = ANY(%(site_ids)s) AND NOT t.withdrawn AND moment > %(now_at)s
),
edges AS (
    SELECT site_id, min(moment) AS at
    FROM (SELECT * FROM trigger_edges UNION ALL SELECT * FROM later_news) one GROUP BY site_id
)
UPDATE zones_cachedsite c
SET version = v.version, computed_at = %(now_at)s, grade = g.grade, index = round(g.index::numeric, 2),
    point_counts = coalesce(n.counts, '{{}}'), valid_until = least(e.at, %(rules_until)s)
FROM unnest(%(site_ids)s, %(versions)s) AS v (site_id, version)
JOIN graded g ON g.kind = 'site' AND g.id = v.site_id::text
LEFT JOIN counted n USING (site_id)
LEFT JOIN edges e USING (site_id)
WHERE c.site_id = v.site_id
