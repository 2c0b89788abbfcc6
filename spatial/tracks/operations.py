"""Take messages once, store positions, and keep the newest one of each device.

These three write no act: they run many times a second for facts that a device states, inside the one
transaction of an ingest batch; what follows from them (alarms) writes acts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from spatial.tracks.models import Position
from spatial.tracks.position_rows import COLUMNS, UNKNOWN_HEIGHT_ACCURACY, PositionColumns, pack_rows

MESSAGES_KEPT = timedelta(days=31)
"""Nothing older than thirty days is taken (`ingest.messages.OLDEST_FIX`), so no duplicate can be older either."""
_PIECE = 10_000


def forget_messages(*, now: datetime) -> int:
    """This function will delete the notes of messages that nobody can send again, and return how many.

    Their ids rise with time, so it ends at the first piece that is young.
    """
    gone = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM tracks_message WHERE received_at < %s "
                "AND id IN (SELECT id FROM tracks_message ORDER BY id LIMIT %s)",
                [now - MESSAGES_KEPT, _PIECE],
            )
            gone += cursor.rowcount
            if cursor.rowcount < _PIECE:
                return gone


@dataclass(frozen=True, slots=True)
class MessageKey:
    """What makes a message one: the device, its boot, and the number within the boot."""

    device_id: UUID
    boot_id: str
    sequence: int


@dataclass(frozen=True, slots=True, eq=False)
class NewestFixes:
    """The newest used fix of each of some devices, with what else their messages said (None: nothing)."""

    rows: PositionColumns
    batteries: Sequence[int | None]
    worn: Sequence[bool | None]
    storey_ids: Sequence[UUID | None]
    storey_probabilities: Sequence[float | None]


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
            "AS given(device, boot, number) ORDER BY device, boot, number "
            "ON CONFLICT ON CONSTRAINT message_taken_once DO NOTHING RETURNING device_id, boot_id, sequence",
            [
                received_at,
                [key.device_id for key in wanted],
                [key.boot_id for key in wanted],
                [key.sequence for key in wanted],
            ],
        )
        return {MessageKey(*row) for row in cursor.fetchall()}


def taken_before(*, keys: Iterable[MessageKey]) -> set[MessageKey]:
    """This function will return which of these messages were taken before."""
    wanted = list(keys)
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.device_id, m.boot_id, m.sequence FROM tracks_message m "
            "JOIN unnest(%s::uuid[], %s::text[], %s::bigint[]) AS given(device, boot, number) "
            "ON m.device_id = given.device AND m.boot_id = given.boot AND m.sequence = given.number",
            [[k.device_id for k in wanted], [k.boot_id for k in wanted], [k.sequence for k in wanted]],
        )
        return {MessageKey(*row) for row in cursor.fetchall()}


@transaction.atomic
def store_positions(*, rows: PositionColumns) -> int:
    """This function will store positions by one binary COPY and return how many."""
    if not len(rows):
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
def mark_implausible(*, fixes: Iterable[tuple[UUID, datetime, datetime]]) -> None:
    """This function will mark stored fixes (device, fix time, receive time) that failed the speed check."""
    found = list(fixes)
    if not found:
        return
    devices, times, received = zip(*found, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tracks_position p SET plausible = false "
            "FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[]) AS given(device, fixed, received) "
            "WHERE p.device_id = given.device AND p.fix_time = given.fixed AND p.received_at = given.received",
            [list(devices), list(times), list(received)],
        )


@transaction.atomic
def keep_newest(*, fixes: NewestFixes) -> None:
    """This function will keep each device's newest fix; one that is not newer by event time changes nothing."""
    rows = fixes.rows
    if not len(rows):
        return
    owners = [rows.devices[number] for number in rows.device.tolist()]
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP_NEWEST,
            [
                [owner.device_id for owner in owners],
                [owner.organisation_id for owner in owners],
                [owner.site_id for owner in owners],
                rows.time_us.tolist(),
                rows.received_us.tolist(),
                rows.lon.tolist(),
                rows.lat.tolist(),
                rows.height_m.tolist(),
                rows.accuracy_m.tolist(),
                [rows.sources[number] for number in rows.source.tolist()],
                list(fixes.batteries),
                list(fixes.worn),
                list(fixes.storey_ids),
                list(fixes.storey_probabilities),
                (rows.height_accuracy_m != UNKNOWN_HEIGHT_ACCURACY).tolist(),
            ],
        )


# Microseconds become timestamps as whole seconds and the rest, so that no bit is lost in a double.
_KEEP_NEWEST = """
INSERT INTO tracks_latestposition AS held
    (device_id, organisation_id, site_id, fix_time, received_at, point, accuracy_m, source, battery_percent,
     worn, storey_id, storey_probability, height_known)
SELECT device, organisation, site,
       to_timestamp(fixed / 1000000) + (fixed %% 1000000) * interval '1 microsecond',
       to_timestamp(received / 1000000) + (received %% 1000000) * interval '1 microsecond',
       ST_SetSRID(ST_MakePoint(x, y, z), 4490), accuracy, source, battery, worn, storey, probability, known
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[], %s::float8[], %s::float8[],
            %s::float8[], %s::float8[], %s::text[], %s::smallint[], %s::boolean[], %s::uuid[], %s::float8[],
            %s::boolean[])
    AS given(device, organisation, site, fixed, received, x, y, z, accuracy, source, battery, worn, storey,
             probability, known)
ORDER BY device
ON CONFLICT (device_id) DO UPDATE SET
    organisation_id = excluded.organisation_id, site_id = excluded.site_id, fix_time = excluded.fix_time,
    received_at = greatest(held.received_at, excluded.received_at), point = excluded.point,
    accuracy_m = excluded.accuracy_m, source = excluded.source,
    battery_percent = coalesce(excluded.battery_percent, held.battery_percent),
    worn = coalesce(excluded.worn, held.worn), storey_id = excluded.storey_id,
    storey_probability = excluded.storey_probability, height_known = excluded.height_known, doubted = NULL
WHERE held.fix_time < excluded.fix_time
"""


@transaction.atomic
def note_heard(*, heard: Mapping[UUID, tuple[datetime, int | None]]) -> None:
    """This function will note when devices (with the battery that they stated) were heard, whatever they said."""
    if not heard:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tracks_latestposition held SET received_at = greatest(held.received_at, given.at), "
            "battery_percent = coalesce(given.battery, held.battery_percent) "
            "FROM (SELECT * FROM unnest(%s::uuid[], %s::timestamptz[], %s::smallint[]) AS g(device, at, battery) "
            "ORDER BY device) given "
            "WHERE held.device_id = given.device",
            [list(heard), [at for at, _ in heard.values()], [battery for _, battery in heard.values()]],
        )


@transaction.atomic
def doubt_fixes(*, doubted: Mapping[UUID, dict[str, Any]]) -> None:
    """This function will note, per device, the fix that failed the speed check after its newest one."""
    if not doubted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tracks_latestposition held SET doubted = given.fix::jsonb "
            "FROM unnest(%s::uuid[], %s::text[]) AS given(device, fix) WHERE held.device_id = given.device",
            [list(doubted), [json.dumps(fix) for fix in doubted.values()]],
        )


def make_partitions(*, first_day: date, days: int = 7) -> int:
    """This function will make the position partitions of `days` days (UTC) from `first_day` on that are
    missing.

    Runs as the tables' owner through a function of the database. Returns how many were made.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tracks_make_partitions(%s, %s)", [first_day, days])
        return int(cursor.fetchone()[0])
