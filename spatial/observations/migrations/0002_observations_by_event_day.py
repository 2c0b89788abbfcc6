"""Observations in partitions by event day (UTC).

The application's role owns no table, so partitions are made by a function that runs as the owner.
"""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE SEQUENCE observations_observation_number AS bigint;
CREATE TABLE observations_observation (
    id bigint NOT NULL DEFAULT nextval('observations_observation_number'),
    datastream_id uuid NOT NULL,
    time timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    value double precision NOT NULL,
    PRIMARY KEY (time, id)
) PARTITION BY RANGE (time);
ALTER SEQUENCE observations_observation_number OWNED BY observations_observation.id;
CREATE INDEX observation_of_stream_by_time ON observations_observation (datastream_id, time);
CREATE TABLE observations_observation_other PARTITION OF observations_observation DEFAULT;

CREATE FUNCTION observations_make_partitions(first_day date, days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    day date;
    name text;
    made integer := 0;
BEGIN
    IF days < 0 OR days > 400 THEN
        RAISE EXCEPTION 'Partitions are made for 0 to 400 days, not %.', days;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('observations_make_partitions'));
    FOR step IN 0 .. days - 1 LOOP
        day := first_day + step;
        name := 'observations_observation_' || to_char(day, 'YYYYMMDD');
        CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
        -- a day that already has rows in the default partition stays there: attaching would have to move them
        CONTINUE WHEN EXISTS (
            SELECT FROM observations_observation_other
            WHERE time >= day::timestamp AT TIME ZONE 'UTC'
              AND time < (day + 1)::timestamp AT TIME ZONE 'UTC');
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF observations_observation FOR VALUES FROM (%L) TO (%L)',
            name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION observations_make_partitions(date, integer) FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'twinwall_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON observations_observation, observations_observation_other TO twinwall_app;
        GRANT USAGE, SELECT ON SEQUENCE observations_observation_number TO twinwall_app;
        GRANT EXECUTE ON FUNCTION observations_make_partitions(date, integer) TO twinwall_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("observations", "0001_datastreams")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    FORWARD,
                    "DROP FUNCTION observations_make_partitions(date, integer); DROP TABLE observations_observation;",
                )
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Observation",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("time", models.DateTimeField(verbose_name="event time")),
                        ("received_at", models.DateTimeField(verbose_name="received at")),
                        ("value", models.FloatField(verbose_name="value")),
                        (
                            "datastream",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="observations.datastream",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "observation",
                        "verbose_name_plural": "observations",
                        "indexes": [
                            models.Index(fields=["datastream", "time"], name="observation_of_stream_by_time")
                        ],
                    },
                )
            ],
        )
    ]
