"""Positions as the bytes of a PostgreSQL binary COPY: fixed-size rows packed by numpy, no text in between.
Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

COLUMNS = (
    "organisation_id",
    "site_id",
    "device_id",
    "fix_time",
    "received_at",
    "point",
    "accuracy_m",
    "height_accuracy_m",
    "plausible",
    "source",
)
UNKNOWN_HEIGHT_ACCURACY = -1.0
"""Marks a fix whose height was not stated; its point lies on the site's ground."""
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_EWKB_POINT_Z_SRID = 0xA0000001
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_POSTGRES_EPOCH_US = 946_684_800_000_000  # 2000-01-01 in microseconds since 1970


@dataclass(frozen=True, slots=True, eq=False)
class PositionColumns:
    """Rows of the position table in columns: degrees in EPSG:4490, metres of Yellow Sea 1985, r95 accuracies.

    `device` is each row's place in `devices`; times are microseconds since 1970 UTC; `source` is each row's
    place in `sources`; a height accuracy of 0 is one not stated.
    """

    devices: Sequence[OwnedDevice]
    sources: Sequence[str]
    device: NDArray[np.int64]
    time_us: NDArray[np.int64]
    received_us: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    height_m: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    height_accuracy_m: NDArray[np.float64]
    source: NDArray[np.uint8]
    plausible: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.device)


@dataclass(frozen=True, slots=True)
class OwnedDevice:
    """A device with the site and organisation that its rows belong to."""

    device_id: UUID
    site_id: UUID
    organisation_id: UUID


@dataclass(frozen=True, slots=True)
class PositionRow:
    """One row of the position table by itself."""

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
    height_accuracy_m: float = 0.0


def columns_of(rows: Sequence[PositionRow]) -> PositionColumns:
    """This function will turn single rows into columns."""
    devices = list({OwnedDevice(row.device_id, row.site_id, row.organisation_id): None for row in rows})
    sources = sorted({row.source for row in rows})
    place = {device: number for number, device in enumerate(devices)}

    def numbers(name: str) -> NDArray[np.float64]:
        return np.array([getattr(row, name) for row in rows], dtype=np.float64)

    return PositionColumns(
        devices=devices,
        sources=sources,
        device=np.array([place[OwnedDevice(r.device_id, r.site_id, r.organisation_id)] for r in rows], dtype=np.int64),
        time_us=np.array([_microseconds(row.fix_time) for row in rows], dtype=np.int64),
        received_us=np.array([_microseconds(row.received_at) for row in rows], dtype=np.int64),
        lon=numbers("lon"),
        lat=numbers("lat"),
        height_m=numbers("height_m"),
        accuracy_m=numbers("accuracy_m"),
        height_accuracy_m=numbers("height_accuracy_m"),
        source=np.array([sources.index(row.source) for row in rows], dtype=np.uint8),
        plausible=np.array([row.plausible for row in rows], dtype=np.bool_),
    )


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


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
        ("height_accuracy", ">f8"),
        ("plausible", "u1"),
        ("source", f"S{source_bytes}"),
    ]
    layout: list[tuple[str, object]] = [("fields", ">i2")]
    for name, kind in values:
        layout += [(f"{name}_bytes", ">i4"), (name, kind)]
    return np.dtype(layout)


def pack_rows(rows: PositionColumns) -> Iterator[bytes]:
    """This function will yield the chunks of one binary COPY of `rows` into the columns COLUMNS."""
    yield _HEADER
    for number in np.unique(rows.source).tolist():
        chosen = np.flatnonzero(rows.source == number)
        yield _pack(rows, chosen, rows.sources[number].encode("ascii")).tobytes()
    yield _TRAILER


def _pack(rows: PositionColumns, chosen: NDArray[np.int64], source: bytes) -> NDArray[np.void]:
    kind = _row_type(len(source))
    template = np.zeros(1, dtype=kind)
    template["fields"], template["source"] = len(COLUMNS), source
    for name in kind.names or ():
        if not name.endswith("_bytes") and name != "fields":
            template[f"{name}_bytes"] = kind[name].itemsize
    template["point"]["order"], template["point"]["type"] = 1, _EWKB_POINT_Z_SRID
    template["point"]["srid"] = 4490
    packed = np.repeat(template, len(chosen))
    device = rows.device[chosen]
    for name in ("organisation", "site", "device"):
        joined = b"".join(getattr(owned, f"{name}_id").bytes for owned in rows.devices)
        packed[name] = np.frombuffer(joined, dtype="V16")[device]
    packed["fix_time"] = rows.time_us[chosen] - _POSTGRES_EPOCH_US
    packed["received_at"] = rows.received_us[chosen] - _POSTGRES_EPOCH_US
    point = packed["point"]
    point["x"], point["y"], point["z"] = rows.lon[chosen], rows.lat[chosen], rows.height_m[chosen]
    packed["accuracy"], packed["height_accuracy"] = rows.accuracy_m[chosen], rows.height_accuracy_m[chosen]
    packed["plausible"] = rows.plausible[chosen]
    return packed
