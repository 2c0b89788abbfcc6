"""Storing positions: numpy-encoded binary COPY against psycopg's executemany, and bytes per position once folded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection, transaction

from spatial.tracks.folding import fold_positions
from spatial.tracks.operations import store_positions
from spatial.tracks.position_rows import OwnedDevice, PositionColumns

from ..harness import Row, Unmeasured, compare, row_of, seconds_of
from .ground import SMALL, Ground, fixes_of, make_ground

ROWS = 5_000 if SMALL else 50_000
PER_DEVICE = 100
_INSERT = """
INSERT INTO tracks_position (organisation_id, site_id, device_id, fix_time, received_at, point, accuracy_m,
    height_accuracy_m, plausible, source)
VALUES (%s, %s, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s, %s), 4490), %s, %s, %s, %s)
"""


def columns_for(ground: Ground, received: datetime, count: int = ROWS) -> PositionColumns:
    """Return rows of the position table of a hundred fixes per helmet."""
    parts = count // PER_DEVICE
    received_us = int(received.timestamp() * 1e6)
    fixes = fixes_of(count, parts, seed=3, end_us=received_us, span_s=100.0)
    site = ground.site
    ids = list(type(ground.gateway).objects.filter(code__in=ground.codes[:parts]).values_list("pk", flat=True))
    return PositionColumns(
        devices=[OwnedDevice(pk, site.pk, site.organisation_id) for pk in ids],
        sources=("UWB",),
        device=fixes["part"].astype(np.int64),
        time_us=fixes["time_us"].copy(),
        received_us=np.full(count, received_us),
        lon=fixes["x"].copy(),
        lat=fixes["y"].copy(),
        height_m=fixes["height_m"].copy(),
        accuracy_m=fixes["accuracy_m"].copy(),
        height_accuracy_m=np.zeros(count),
        source=np.zeros(count, dtype=np.uint8),
        plausible=np.ones(count, dtype=bool),
    )


def _executemany(rows: PositionColumns) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    owners = [rows.devices[number] for number in rows.device.tolist()]
    given = [
        (o.organisation_id, o.site_id, o.device_id, epoch + timedelta(microseconds=t),
         epoch + timedelta(microseconds=r), x, y, z, accuracy, 0.0, True, "UWB")
        for o, t, r, x, y, z, accuracy in zip(
            owners, rows.time_us.tolist(), rows.received_us.tolist(), rows.lon.tolist(), rows.lat.tolist(),
            rows.height_m.tolist(), rows.accuracy_m.tolist(), strict=True,
        )
    ]  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_INSERT, given)


def _bytes(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0) FROM pg_inherits "
                       "WHERE inhparent = %s::regclass", [table])  # fmt: skip
        parts = int(cursor.fetchone()[0])
        cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [table])
        return parts + int(cursor.fetchone()[0])


def rows(pairs: int) -> Iterator[Row | Unmeasured]:
    """Yield the rows of storing, then that of folding."""
    ground = make_ground(helmets=ROWS // PER_DEVICE, zones=0)
    now = datetime.now(UTC)
    held = columns_for(ground, now)
    store_positions(rows=held)  # the first one fills caches for both
    yield compare(
        name=f"storing {ROWS:,} positions, indexes included",
        unit="s",
        ours=lambda: seconds_of(lambda: store_positions(rows=held)),
        peer=lambda: seconds_of(lambda: _executemany(held)),
        peer_name="psycopg executemany",
        pairs=pairs,
        goal=1 / 10,
    )
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tracks_position, tracks_tracksegment")
    empty = _bytes("tracks_position"), _bytes("tracks_tracksegment")
    store_positions(rows=columns_for(ground, now - timedelta(hours=1)))
    in_rows = _bytes("tracks_position") - empty[0]
    folded = fold_positions(now=now)
    in_segments = _bytes("tracks_tracksegment") - empty[1]
    if folded.fixes != ROWS:
        yield Unmeasured("bytes", f"{folded.fixes} of {ROWS} were folded")
        return
    measured = [(in_segments / ROWS, in_rows / ROWS)]
    yield row_of(name="bytes per position, folded, indexes included", unit="B", measured=measured,
                 peer_name="PointZ rows", goal=1 / 12)  # fmt: skip
