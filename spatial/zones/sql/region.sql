-- Weighted share of a region's sites (spec/domain/02, 2.4). Parameters: table (jsonb of the edition) and sites:
-- a jsonb array of {"region", "grade", "weight", "supervised_overdue", "fatal_30d"}; sums run in the given order.
WITH sites AS (
    SELECT s.value ->> 'region' AS region, (s.value ->> 'grade')::int AS grade,
        coalesce((s.value ->> 'weight')::float8, 1) AS weight, s.ordinality AS number,
        coalesce((s.value ->> 'supervised_overdue')::boolean, false) AS supervised_overdue,
        coalesce((s.value ->> 'fatal_30d')::boolean, false) AS fatal_30d
    FROM jsonb_array_elements(%(sites)s::jsonb) WITH ORDINALITY AS s
),
rule AS (
    SELECT (%(table)s::jsonb) -> 'region' AS content
),
shares AS (
    SELECT region,
        100 * sum(weight * (rule.content -> 'values' ->> grade::text)::float8 ORDER BY number) FILTER (WHERE grade > 0)
            / sum(weight ORDER BY number) FILTER (WHERE grade > 0) AS score,
        bool_or(supervised_overdue) FILTER (WHERE grade > 0) AS supervised_overdue,
        bool_or(fatal_30d) FILTER (WHERE grade > 0) AS fatal_30d,
        count(*) FILTER (WHERE grade = 4) AS red, count(*) FILTER (WHERE grade = 3) AS orange,
        count(*) FILTER (WHERE grade = 2) AS yellow, count(*) FILTER (WHERE grade = 1) AS blue,
        count(*) FILTER (WHERE grade = 0) AS grey
    FROM sites, rule GROUP BY region
)
SELECT region,
    CASE
        WHEN score IS NULL THEN 0
        WHEN fatal_30d THEN (rule.content ->> 'fatal_30d')::int
        ELSE greatest(
            (SELECT max((band ->> 'grade')::int) FROM jsonb_array_elements(rule.content -> 'bands') band
             WHERE shares.score >= (band ->> 'from')::float8),
            CASE WHEN supervised_overdue THEN (rule.content ->> 'supervised_overdue_at_least')::int ELSE 0 END)
    END AS grade,
    coalesce(score, 0) AS score, red, orange, yellow, blue, grey
FROM shares, rule
