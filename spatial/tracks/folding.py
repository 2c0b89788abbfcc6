"""Fold positions into track segments after some minutes, and let old tracks go.

A segment holds the fixes of one device, source and hour as TWKB, a few bytes each where a row costs two hundred.
Every fix is kept: rounded to 1e-7 degrees (1.2 cm), a centimetre of height, a millisecond, and 5 % of its accuracy
(decision 0027). What tracks are kept for how long is the tenant's; `spatial.privacy` calls `forget_tracks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

FOLD_AFTER = timedelta(minutes=10)
FOLD_SPAN = timedelta(hours=1)  # so much of receive time is folded in one transaction


@dataclass(frozen=True, slots=True)
class Folded:
    """What a fold did: fixes that went into segments, and how many segments they made."""

    fixes: int
    segments: int


def fold_positions(*, now: datetime, after: timedelta = FOLD_AFTER) -> Folded:
    """This function will fold the positions that were received more than `after` ago, an hour of them at a time.

    None of them stays a row, so that the next fold begins where this one ended. Writes no act: nothing is lost or
    gained by it.
    """
    fixes = segments = 0
    until = now - after
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(received_at) FROM tracks_position WHERE received_at < %s", [until])
        start = cursor.fetchone()[0]
    while start is not None and start < until:
        end = min(until, start + FOLD_SPAN)
        done = _fold_span(start, end)
        fixes, segments, start = fixes + done.fixes, segments + done.segments, end
    return Folded(fixes, segments)


@transaction.atomic
def _fold_span(start: datetime, end: datetime) -> Folded:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tracks_fold'))")
        cursor.execute(_FOLD, {"start": start, "end": end})
        segments, fixes = cursor.fetchone()
    return Folded(int(fixes or 0), int(segments or 0))


# The accuracy's byte is log 1.05 of centimetres.
_FOLD = """
WITH grouped AS (
    SELECT organisation_id, site_id, device_id, source, plausible, date_trunc('hour', fix_time) AS hour,
           height_accuracy_m >= 0 AS height_known, min(fix_time) AS starts_at
    FROM tracks_position
    WHERE received_at >= %(start)s AND received_at < %(end)s
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), gone AS (
    DELETE FROM tracks_position p USING grouped g
    WHERE p.received_at >= %(start)s AND p.received_at < %(end)s AND (p.height_accuracy_m >= 0) = g.height_known
      AND p.device_id = g.device_id AND p.site_id = g.site_id AND p.organisation_id = g.organisation_id
      AND p.source = g.source AND p.plausible = g.plausible AND date_trunc('hour', p.fix_time) = g.hour
    RETURNING p.organisation_id, p.site_id, p.device_id, p.source, p.plausible, g.height_known, g.hour,
              g.starts_at, p.fix_time, p.received_at, p.point, p.accuracy_m, p.id
), measured AS (
    SELECT *, ST_MakePoint(ST_X(point), ST_Y(point), ST_Z(point),
                           round(extract(epoch FROM fix_time - starts_at) * 1000)::float8) AS vertex,
           least(255, greatest(0, round(ln(accuracy_m / 0.01) / ln(1.05))))::int AS code
    FROM gone
), made AS (
    INSERT INTO tracks_tracksegment (organisation_id, site_id, device_id, source, plausible, height_known, starts_at,
                                     ends_at, received_at, fixes, line, accuracy_codes)
    SELECT organisation_id, site_id, device_id, source, plausible, height_known, starts_at, max(fix_time),
           max(received_at),
           count(*),
           ST_AsTWKB(CASE WHEN count(*) = 1 THEN ST_Collect(vertex)
                     ELSE ST_MakeLine(vertex ORDER BY fix_time, id) END, 7, 2, 0),
           string_agg(decode(lpad(to_hex(code), 2, '0'), 'hex'), ''::bytea ORDER BY fix_time, id)
    FROM measured
    GROUP BY organisation_id, site_id, device_id, source, plausible, height_known, hour, starts_at
    RETURNING fixes
)
SELECT count(*), sum(fixes) FROM made
"""


@transaction.atomic
def forget_tracks(*, site: Any, since: datetime, until: datetime) -> int:
    """This function will delete the fixes of a site between two whole hours, in rows and segments, and the last place
    of whoever was heard last then; returns how many fixes went. The act is written by whoever decides it."""
    values = {"site": site.pk, "since": since, "until": until}
    gone = 0
    with connection.cursor() as cursor:
        for statement in _FORGET:
            cursor.execute(statement, values)
            gone += int(cursor.fetchone()[0])
    return gone


# A segment lies within one hour, so whole hours never cut one.
_FORGET = (
    """
    WITH gone AS (
        DELETE FROM tracks_position
        WHERE site_id = %(site)s AND fix_time >= %(since)s AND fix_time < %(until)s RETURNING 1
    ) SELECT count(*) FROM gone
    """,
    """
    WITH gone AS (
        DELETE FROM tracks_tracksegment
        WHERE site_id = %(site)s AND starts_at >= %(since)s AND starts_at < %(until)s RETURNING fixes
    ) SELECT coalesce(sum(fixes), 0) FROM gone
    """,
    """
    WITH gone AS (
        DELETE FROM tracks_latestposition
        WHERE site_id = %(site)s AND fix_time >= %(since)s AND fix_time < %(until)s
    ) SELECT 0
    """,
)


def drop_empty_partitions(*, before: date) -> int:
    """This function will drop the day partitions before a day that hold nothing any more; returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tracks_drop_empty_partitions(%s)", [before])
        return int(cursor.fetchone()[0])
