"""When each device was last heard of: one statement for many devices, at most every few seconds for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

NOTED_EVERY_S = 10.0
KEPT_DELAYS = 32
_MAX_DELAY = timedelta(days=20)  # in milliseconds it still is an integer of 32 bits
_UPSERT = """
INSERT INTO devices_sighting (device_id, received_at, event_at, battery_percent, boot_id, delays_ms)
SELECT device_id, received_at, event_at, battery_percent, boot_id,
       CASE WHEN delay_ms IS NULL THEN '{}'::integer[] ELSE ARRAY[delay_ms] END
FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::smallint[], %s::text[], %s::integer[])
     AS seen (device_id, received_at, event_at, battery_percent, boot_id, delay_ms)
ORDER BY device_id
ON CONFLICT (device_id) DO UPDATE SET
    received_at = GREATEST(devices_sighting.received_at, EXCLUDED.received_at),
    event_at = GREATEST(devices_sighting.event_at, EXCLUDED.event_at),
    battery_percent = COALESCE(EXCLUDED.battery_percent, devices_sighting.battery_percent),
    boot_id = CASE WHEN EXCLUDED.boot_id = '' THEN devices_sighting.boot_id ELSE EXCLUDED.boot_id END,
    delays_ms = (EXCLUDED.delays_ms || devices_sighting.delays_ms)[1:%s]
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """That something was heard of a device; `delay` only of a message that was sent when it was made."""

    device_id: UUID
    received_at: datetime
    event_at: datetime | None = None
    battery_percent: int | None = None
    boot_id: str = ""
    delay: timedelta | None = None


class SightingBook:
    """Remembers, in one process, which devices were noted a moment ago, so that their rows are not written again."""

    def __init__(self) -> None:
        self._noted: dict[UUID, datetime] = {}

    def due(self, seen: Iterable[Seen]) -> list[Seen]:
        """This function will return the newest sighting of each device that was not noted in the last seconds."""
        due = sorted(
            (one for one in seen if self.is_due(one.device_id, one.received_at)), key=lambda one: one.received_at
        )
        return list({one.device_id: one for one in due}.values())

    def is_due(self, device_id: UUID, received_at: datetime) -> bool:
        """This function will tell whether a device that was heard of now was not noted in the last seconds."""
        noted = self._noted.get(device_id)
        return noted is None or (received_at - noted).total_seconds() >= NOTED_EVERY_S

    def remember(self, seen: Iterable[Seen]) -> None:
        """This function will remember what was written; call it when that is committed."""
        self._noted.update({one.device_id: one.received_at for one in seen})


def note_sightings(*, seen: Iterable[Seen]) -> int:
    """This function will note when devices were heard of, one statement for all; returns how many.

    `delays_ms` keeps the last delays of each, the newest first. No act: this is what devices say, not what people do.
    """
    rows = list(seen)
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(
                _UPSERT,
                [
                    [row.device_id for row in rows],
                    [row.received_at for row in rows],
                    [row.event_at for row in rows],
                    [row.battery_percent for row in rows],
                    [row.boot_id for row in rows],
                    [_milliseconds(row.delay) for row in rows],
                    KEPT_DELAYS,
                ],
            )
    return len(rows)


def newest_event_of(device_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """This function will return the newest moment that devices told of, where one is known."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT device_id, event_at FROM devices_sighting WHERE device_id = ANY(%s) AND event_at IS NOT NULL",
            [list(device_ids)],
        )
        return dict(cursor.fetchall())


def _milliseconds(delay: timedelta | None) -> int | None:
    if delay is None or abs(delay) > _MAX_DELAY:
        return None
    return round(delay.total_seconds() * 1000)
