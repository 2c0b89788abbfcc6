"""Take messages once, store positions, and keep the newest one of each device.

These three write no act: they run many times a second for facts that a device states, inside the one
transaction of an ingest batch; what follows from them (alarms) writes acts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import connection, transaction

from spatial.tracks.models import LatestPosition, Position
from spatial.tracks.position_rows import COLUMNS, PositionRow, pack_rows

STORAGE_SRID = 4490


@dataclass(frozen=True, slots=True)
class MessageKey:
    """What makes a message one: the device, its boot, and the number within the boot."""

    device_id: UUID
    boot_id: str
    sequence: int


@dataclass(frozen=True, slots=True)
class NewestFix:
    """The newest used fix of a device, with what else its message said."""

    row: PositionRow
    battery_percent: int | None
    worn: bool | None
    storey_id: UUID | None


@transaction.atomic
def take_messages(*, keys: Iterable[MessageKey], received_at: datetime) -> set[MessageKey]:
    """This function will take messages that were never taken and return them; the others are duplicates."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tracks_message (device_id, boot_id, sequence, received_at) "
            "SELECT device, boot, number, %s FROM unnest(%s::uuid[], %s::text[], %s::bigint[]) "
            "AS given(device, boot, number) "
            "ON CONFLICT ON CONSTRAINT message_taken_once DO NOTHING RETURNING device_id, boot_id, sequence",
            [
                received_at,
                [key.device_id for key in wanted],
                [key.boot_id for key in wanted],
                [key.sequence for key in wanted],
            ],
        )
        return {MessageKey(*row) for row in cursor.fetchall()}


@transaction.atomic
def store_positions(*, rows: Sequence[PositionRow]) -> int:
    """This function will store positions by one binary COPY and return how many."""
    if not rows:
        return 0
    table = Position._meta.db_table
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        for chunk in pack_rows(rows):
            copy.write(chunk)
    return len(rows)


@transaction.atomic
def keep_newest(*, fixes: Iterable[NewestFix]) -> None:
    """This function will keep each device's newest fix; one that is not newer by event time changes nothing."""
    rows = [
        (
            fix.row.device_id,
            fix.row.organisation_id,
            fix.row.site_id,
            fix.row.fix_time,
            fix.row.received_at,
            Point(fix.row.lon, fix.row.lat, fix.row.height_m, srid=STORAGE_SRID).hexewkb.decode(),
            fix.row.accuracy_m,
            fix.row.source,
            fix.battery_percent,
            fix.worn,
            fix.storey_id,
        )
        for fix in fixes
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP_NEWEST, rows)


_KEEP_NEWEST = """
INSERT INTO tracks_latestposition AS held
    (device_id, organisation_id, site_id, fix_time, received_at, point, accuracy_m, source, battery_percent,
     worn, storey_id)
VALUES (%s, %s, %s, %s, %s, %s::geometry, %s, %s, %s, %s, %s)
ON CONFLICT (device_id) DO UPDATE SET
    organisation_id = excluded.organisation_id, site_id = excluded.site_id, fix_time = excluded.fix_time,
    received_at = excluded.received_at, point = excluded.point, accuracy_m = excluded.accuracy_m,
    source = excluded.source, battery_percent = coalesce(excluded.battery_percent, held.battery_percent),
    worn = coalesce(excluded.worn, held.worn), storey_id = excluded.storey_id, doubted = NULL
WHERE held.fix_time < excluded.fix_time
"""


@transaction.atomic
def doubt_fixes(*, doubted: dict[UUID, dict[str, Any]]) -> None:
    """This function will note, per device, the fix that failed the speed check after its newest one."""
    for device_id, fix in doubted.items():
        LatestPosition.objects.filter(device_id=device_id).update(doubted=fix)


def make_partitions(*, first_day: date, days: int = 7) -> int:
    """This function will make the position partitions of `days` days (UTC) from `first_day` on that are
    missing.

    Runs as the tables' owner through a function of the database. Returns how many were made.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tracks_make_partitions(%s, %s)", [first_day, days])
        return int(cursor.fetchone()[0])
