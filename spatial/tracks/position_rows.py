"""Positions as the bytes of a PostgreSQL binary COPY: fixed-size rows packed by numpy, no text in between.
Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

import numpy as np

COLUMNS = (
    "organisation_id",
    "site_id",
    "device_id",
    "fix_time",
    "received_at",
    "point",
    "accuracy_m",
    "plausible",
    "source",
)
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_EWKB_POINT_Z_SRID = 0xA0000001


@dataclass(frozen=True, slots=True)
class PositionRow:
    """One row of the position table: degrees in EPSG:4490, metres of Yellow Sea 1985, r95 accuracy."""

    organisation_id: UUID
    site_id: UUID
    device_id: UUID
    fix_time: datetime
    received_at: datetime
    lon: float
    lat: float
    height_m: float
    accuracy_m: float
    source: str
    plausible: bool = True


def _row_type(source_bytes: int) -> np.dtype:
    """Return the layout of a row whose source has this many bytes: field count, then length and value each."""
    uuid_fields = [(name, f"V{16}") for name in ("organisation", "site", "device")]
    point = [("order", "u1"), ("type", "<u4"), ("srid", "<i4"), ("x", "<f8"), ("y", "<f8"), ("z", "<f8")]
    values: list[tuple[str, object]] = [
        *uuid_fields,
        ("fix_time", ">i8"),
        ("received_at", ">i8"),
        ("point", np.dtype(point)),
        ("accuracy", ">f8"),
        ("plausible", "u1"),
        ("source", f"S{source_bytes}"),
    ]
    layout: list[tuple[str, object]] = [("fields", ">i2")]
    for name, kind in values:
        layout += [(f"{name}_bytes", ">i4"), (name, kind)]
    return np.dtype(layout)


def _microseconds(times: Iterable[datetime]) -> list[int]:
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    deltas = (time - epoch for time in times)
    return [(d.days * 86_400 + d.seconds) * 1_000_000 + d.microseconds for d in deltas]


def pack_rows(rows: Sequence[PositionRow]) -> Iterator[bytes]:
    """This function will yield the chunks of one binary COPY of `rows` into the columns COLUMNS."""
    yield _HEADER
    for source, group in groupby(sorted(rows, key=lambda row: row.source), key=lambda row: row.source):
        yield _pack_source(source.encode("ascii"), list(group)).tobytes()
    yield _TRAILER


def _pack_source(source: bytes, rows: list[PositionRow]) -> np.ndarray:
    kind = _row_type(len(source))
    packed = np.zeros(len(rows), dtype=kind)
    packed["fields"] = len(COLUMNS)
    for name in kind.names or ():
        if not name.endswith("_bytes") and name != "fields":
            packed[f"{name}_bytes"] = kind[name].itemsize
    for name in ("organisation", "site", "device"):
        joined = b"".join(getattr(row, f"{name}_id").bytes for row in rows)
        packed[name] = np.frombuffer(joined, dtype="V16")
    packed["fix_time"] = _microseconds(row.fix_time for row in rows)
    packed["received_at"] = _microseconds(row.received_at for row in rows)
    point = packed["point"]
    point["order"], point["type"], point["srid"] = 1, _EWKB_POINT_Z_SRID, 4490
    point["x"] = [row.lon for row in rows]
    point["y"] = [row.lat for row in rows]
    point["z"] = [row.height_m for row in rows]
    packed["accuracy"] = [row.accuracy_m for row in rows]
    packed["plausible"] = [row.plausible for row in rows]
    packed["source"] = source
    return packed
