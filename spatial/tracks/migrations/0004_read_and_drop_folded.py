"""Fixes read from rows and folded segments alike; empty day partitions dropped by a function of the owner."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION tracks_fixes(of_site uuid, since timestamptz, until timestamptz, of_device uuid DEFAULT NULL)
RETURNS TABLE (device_id uuid, fix_time timestamptz, received_at timestamptz, lon float8, lat float8,
               height_m float8, accuracy_m float8, source varchar, plausible boolean)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT p.device_id, p.fix_time, p.received_at, ST_X(p.point), ST_Y(p.point), ST_Z(p.point), p.accuracy_m,
           p.source, p.plausible
    FROM tracks_position p
    WHERE p.site_id = of_site AND p.fix_time >= since AND p.fix_time < until
      AND (of_device IS NULL OR p.device_id = of_device)
    UNION ALL
    SELECT f.* FROM (
        SELECT s.device_id, s.starts_at + ST_M(d.geom) * interval '1 millisecond' AS fix_time, s.received_at,
               ST_X(d.geom), ST_Y(d.geom), ST_Z(d.geom),
               round((0.01 * 1.05 ^ get_byte(s.accuracy_codes, d.path[1] - 1))::numeric, 4)::float8,
               s.source, s.plausible
        FROM tracks_tracksegment s, LATERAL ST_DumpPoints(ST_SetSRID(ST_GeomFromTWKB(s.line), 4490)) d
        WHERE s.site_id = of_site AND s.starts_at < until AND s.ends_at >= since
          AND s.starts_at > since - interval '1 hour'
          AND (of_device IS NULL OR s.device_id = of_device)
    ) f
    WHERE f.fix_time >= since AND f.fix_time < until
$$;
CREATE FUNCTION tracks_drop_empty_partitions(before_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    name text;
    filled boolean;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('tracks_make_partitions'));
    FOR name IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'tracks_position'::regclass AND c.relname ~ '^tracks_position_[0-9]{8}$'
          AND to_date(right(c.relname, 8), 'YYYYMMDD') < before_day
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
        CONTINUE WHEN filled;
        EXECUTE format('DROP TABLE %I', name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION tracks_drop_empty_partitions(date) FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'twinwall_app') THEN
        GRANT EXECUTE ON FUNCTION tracks_drop_empty_partitions(date) TO twinwall_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("tracks", "0003_segments_and_grids")]

    operations = [
        migrations.RunSQL(
            FORWARD,
            "DROP FUNCTION tracks_drop_empty_partitions(date); "
            "DROP FUNCTION tracks_fixes(uuid, timestamptz, timestamptz, uuid);",
        )
    ]
