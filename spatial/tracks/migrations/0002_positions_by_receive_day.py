"""Positions in partitions by receive day (UTC), with BRIN by event time.

The application's role owns no table, so partitions are made by a function that runs as the owner.
"""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
ALTER TABLE tracks_position RENAME TO tracks_position_before;
ALTER INDEX position_of_device_by_time RENAME TO position_of_device_by_time_before;
CREATE SEQUENCE tracks_position_number AS bigint;
CREATE TABLE tracks_position (
    id bigint NOT NULL DEFAULT nextval('tracks_position_number'),
    organisation_id uuid NOT NULL,
    site_id uuid NOT NULL,
    device_id uuid NOT NULL,
    fix_time timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    point geometry(PointZ, 4490) NOT NULL,
    accuracy_m double precision NOT NULL,
    source varchar(8) NOT NULL,
    plausible boolean NOT NULL DEFAULT true,
    PRIMARY KEY (received_at, id)
) PARTITION BY RANGE (received_at);
ALTER SEQUENCE tracks_position_number OWNED BY tracks_position.id;
CREATE INDEX position_of_device_by_time ON tracks_position (device_id, fix_time);
CREATE INDEX position_by_time_brin ON tracks_position USING brin (fix_time) WITH (pages_per_range = 32);
CREATE TABLE tracks_position_other PARTITION OF tracks_position DEFAULT;
INSERT INTO tracks_position (organisation_id, site_id, device_id, fix_time, received_at, point, accuracy_m, source)
    SELECT organisation_id, site_id, device_id, fix_time, received_at, point, accuracy_m, source
    FROM tracks_position_before ORDER BY id;
DROP TABLE tracks_position_before;

CREATE FUNCTION tracks_make_partitions(first_day date, days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    day date;
    name text;
    made integer := 0;
BEGIN
    IF days < 0 OR days > 400 THEN
        RAISE EXCEPTION 'Partitions are made for 0 to 400 days, not %.', days;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('tracks_make_partitions'));
    FOR step IN 0 .. days - 1 LOOP
        day := first_day + step;
        name := 'tracks_position_' || to_char(day, 'YYYYMMDD');
        CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
        -- a day that already has rows in the default partition stays there: attaching would have to move them
        CONTINUE WHEN EXISTS (
            SELECT FROM tracks_position_other
            WHERE received_at >= day::timestamp AT TIME ZONE 'UTC'
              AND received_at < (day + 1)::timestamp AT TIME ZONE 'UTC');
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF tracks_position FOR VALUES FROM (%L) TO (%L)',
            name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION tracks_make_partitions(date, integer) FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'twinwall_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON tracks_position, tracks_position_other TO twinwall_app;
        GRANT USAGE, SELECT ON SEQUENCE tracks_position_number TO twinwall_app;
        GRANT EXECUTE ON FUNCTION tracks_make_partitions(date, integer) TO twinwall_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("devices", "0001_devices"),
        ("places", "0001_place_tree"),
        ("tracks", "0001_positions"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD)],
            state_operations=[
                migrations.RemoveIndex("position", "position_of_site_by_time"),
                migrations.AddIndex(
                    "position",
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["fix_time"], name="position_by_time_brin", pages_per_range=32
                    ),
                ),
                migrations.AddField(
                    "position",
                    "plausible",
                    models.BooleanField(default=True, verbose_name="passed the speed check"),
                ),
                *(
                    migrations.AlterField(
                        "position",
                        name,
                        models.ForeignKey(
                            db_constraint=False,
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to=target,
                        ),
                    )
                    for name, target in (
                        ("organisation", "places.organisation"),
                        ("site", "places.site"),
                        ("device", "devices.device"),
                    )
                ),
            ],
        ),
        migrations.AddField(
            "latestposition", "doubted", models.JSONField(null=True, verbose_name="doubted fix")
        ),
    ]
