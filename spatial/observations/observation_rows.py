"""Observations as the bytes of a PostgreSQL binary COPY: rows of fixed size packed by numpy. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np

COLUMNS = ("datastream_id", "time", "received_at", "value")
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("datastream_bytes", ">i4"),
        ("datastream", "V16"),
        ("time_bytes", ">i4"),
        ("time", ">i8"),
        ("received_bytes", ">i4"),
        ("received", ">i8"),
        ("value_bytes", ">i4"),
        ("value", ">f8"),
    ]
)


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """One row of the observation table."""

    datastream_id: UUID
    time: datetime
    received_at: datetime
    value: float


def _microseconds(moment: datetime) -> int:
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def pack_observations(rows: Sequence[ObservationRow]) -> Iterator[bytes]:
    """This function will yield the chunks of one binary COPY of `rows` into the columns COLUMNS."""
    packed = np.zeros(len(rows), dtype=_ROW)
    packed["fields"] = len(COLUMNS)
    packed["datastream_bytes"] = 16
    for name in ("time", "received", "value"):
        packed[f"{name}_bytes"] = 8
    packed["datastream"] = np.frombuffer(b"".join(row.datastream_id.bytes for row in rows), dtype="V16")
    packed["time"] = [_microseconds(row.time) for row in rows]
    packed["received"] = [_microseconds(row.received_at) for row in rows]
    packed["value"] = [row.value for row in rows]
    yield _HEADER
    yield packed.tobytes()
    yield _TRAILER
