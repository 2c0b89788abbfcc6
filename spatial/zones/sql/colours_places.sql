-- Of colours.sql: one row per risk point and per place (zone, site).
own_grades AS (
    SELECT m.place_id, pc.grade FROM memberships m JOIN point_colours pc USING (point_id)
    UNION ALL
    SELECT tt.place_id, least(4, e.floor_now) FROM trigger_targets tt JOIN effects e USING (trigger_id)
    UNION ALL
    SELECT place_id, grade FROM given_children
),
above (place_id, ancestor_id) AS (
    SELECT place_id, place_id FROM places
    UNION ALL
    SELECT a.place_id, p.parent_id FROM above a JOIN places p ON p.place_id = a.ancestor_id
    WHERE p.parent_id IS NOT NULL
),
place_grades AS (
    SELECT a.ancestor_id AS place_id, max(o.grade) AS grade
    FROM above a JOIN own_grades o USING (place_id) GROUP BY a.ancestor_id
),
place_indexes AS (
    SELECT m.place_id, 100 * (1 - exp(sum(ln(1 - w.weight)))) AS index
    FROM memberships m JOIN point_colours pc USING (point_id) JOIN weights w USING (grade) GROUP BY m.place_id
)
SELECT 'point' AS kind, point_id AS id, grade, inherent, residual, NULL::float8 AS index FROM point_colours
UNION ALL
SELECT p.place_kind, p.place_id, coalesce(g.grade, 0), NULL, NULL, coalesce(i.index, 0)
FROM places p LEFT JOIN place_grades g USING (place_id) LEFT JOIN place_indexes i USING (place_id)
