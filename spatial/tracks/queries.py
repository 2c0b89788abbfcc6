"""Where devices are and were."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import connection

from spatial.devices.rules import MIN_SILENCE_S
from spatial.tracks.models import LatestPosition


class StoredFix(NamedTuple):
    """A fix as it was stored, from a row or from a folded track segment."""

    device_id: UUID
    fix_time: datetime
    received_at: datetime
    lon: float
    lat: float
    height_m: float
    accuracy_m: float
    source: str
    plausible: bool


@dataclass(frozen=True, slots=True)
class HeldFix:
    """A device's newest fix as the way of a message needs it; `doubted` as it was stored."""

    fix_time: datetime
    lon: float
    lat: float
    height_m: float
    accuracy_m: float
    doubted: dict[str, Any] | None


def last_place(device: Any | None) -> tuple[Point | None, Any | None]:
    """Return where a device was last and on which storey; (None, None) where that is not known."""
    row = LatestPosition.objects.select_related("storey").filter(device=device).first() if device is not None else None
    return (row.point, row.storey) if row is not None else (None, None)


def locked_latest(device_ids: Iterable[UUID]) -> dict[UUID, HeldFix]:
    """Return the newest fixes of devices, locked until the transaction ends.

    Of a device that has none the device itself is locked, so that no two can find it new at once.
    """
    wanted = list(device_ids)
    found = _lock_latest(wanted)
    if new := [device_id for device_id in wanted if device_id not in found]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM devices_device WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [new])
        found |= _lock_latest(new)
    return found


def _lock_latest(device_ids: list[UUID]) -> dict[UUID, HeldFix]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT device_id, fix_time, ST_X(point), ST_Y(point), ST_Z(point), accuracy_m, doubted "
            "FROM tracks_latestposition WHERE device_id = ANY(%s) ORDER BY device_id FOR UPDATE",
            [device_ids],
        )
        rows = cursor.fetchall()
    return {
        row[0]: HeldFix(
            row[1], row[2], row[3], row[4], row[5], json.loads(row[6]) if isinstance(row[6], str) else row[6]
        )
        for row in rows
    }


def fixes_between(site: Any, start: datetime, end: datetime, *, device: Any | None = None) -> list[StoredFix]:
    """Return the fixes of a site (or of one device) with start <= fix time < end, in event order.

    Rows and folded track segments are read alike; implausible fixes are there, and marked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM tracks_fixes(%s, %s, %s, %s) ORDER BY fix_time, device_id",
            [site.pk, start, end, device.pk if device is not None else None],
        )
        return [StoredFix(*row) for row in cursor.fetchall()]


def fixes_of(site: Any, device_ids: Sequence[UUID], start: datetime, end: datetime) -> list[StoredFix]:
    """Return the fixes of some devices of a site with start <= fix time < end, in event order, folded or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT fix.* FROM unnest(%s::uuid[]) AS own(id), LATERAL tracks_fixes(%s, %s, %s, own.id) AS fix "
            "ORDER BY fix.fix_time, fix.device_id",
            [list(device_ids), site.pk, start, end],
        )
        return [StoredFix(*row) for row in cursor.fetchall()]


def folded_fixes(device_id: UUID, start: datetime, end: datetime | None = None) -> list[StoredFix]:
    """Return the fixes of a device after `start` and before `end` that were folded into segments, in event order.

    A height that was not stated is NaN.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FOLDED, {"device": device_id, "start": start, "end": end})
        return [StoredFix(*row) for row in cursor.fetchall()]


_FOLDED = """
SELECT fix.* FROM (
    SELECT s.device_id, s.starts_at + ST_M(d.geom) * interval '1 millisecond' AS fix_time, s.received_at,
           ST_X(d.geom), ST_Y(d.geom), CASE WHEN s.height_known THEN ST_Z(d.geom) ELSE 'NaN'::float8 END,
           round((0.01 * 1.05 ^ get_byte(s.accuracy_codes, d.path[1] - 1))::numeric, 4)::float8, s.source, s.plausible
    FROM tracks_tracksegment s, LATERAL ST_DumpPoints(ST_SetSRID(ST_GeomFromTWKB(s.line), 4490)) d
    WHERE s.device_id = %(device)s AND s.ends_at > %(start)s
      AND s.starts_at > %(start)s::timestamptz - interval '1 hour'
      AND (%(end)s::timestamptz IS NULL OR s.starts_at < %(end)s)
) AS fix
WHERE fix.fix_time > %(start)s AND (%(end)s::timestamptz IS NULL OR fix.fix_time < %(end)s)
ORDER BY fix.fix_time
"""


def heard_helmets(site_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, int]:
    """Return how many helmets are on each site and not silent at `now`, counted by the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT latest.site_id, count(*) FROM tracks_latestposition latest "
            "JOIN devices_device device ON device.id = latest.device_id "
            "WHERE latest.site_id = ANY(%s) AND device.kind = 'helmet' AND device.active AND latest.fix_time >= "
            "%s - greatest(3 * device.report_interval_s, %s) * interval '1 second' GROUP BY 1",
            [list(site_ids), now, MIN_SILENCE_S],
        )
        return dict(cursor.fetchall())
