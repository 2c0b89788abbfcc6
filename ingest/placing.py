"""Put fixes on their site: whatever frame and height they were stated in, to storage and plan coordinates. Pure.

Whole columns at a time: CGCS2000 degrees (EPSG:4490), Yellow Sea height, and east and north in the site's
projected CRS. WGS 84 is taken as CGCS2000 (decimetres apart, spec 08); GCJ-02 is shifted back; grids are placed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ingest.columns import ColumnMessage
from ingest.messages import DEGREE_FRAMES, GRID_PREFIX, HEIGHT_REFERENCES, FieldInvalid
from spatial import crs
from spatial.tracks.grid_rules import GridPlacement

PLACED = np.dtype(
    [
        ("part", np.int32),
        ("time_us", np.int64),
        ("lon", np.float64),
        ("lat", np.float64),
        ("height_m", np.float64),  # NaN when not known
        ("accuracy_m", np.float64),
        ("height_accuracy_m", np.float64),  # 0 when not stated
        ("east_m", np.float64),
        ("north_m", np.float64),
        ("source", np.uint8),
        ("worn", np.int8),
    ]
)
_ELLIPSOID, _BAROMETER, _GRID = (HEIGHT_REFERENCES.index(name) for name in ("ellipsoid", "barometer", "grid"))
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class KnownSite:
    """What places coordinates on a site: its projected CRS, geoid offset, grids and barometer reference.

    `row` is the site itself, for those who need more of it.
    """

    pk: UUID
    code: str
    projected_srid: int
    geoid_offset_m: float
    grids: Mapping[str, GridPlacement]
    barometer_zero_m: float | None
    row: Any = None


def check_frames(message: ColumnMessage, site: KnownSite) -> None:
    """This function will refuse a grid that the site does not have, and barometer heights without a reference."""
    for number, frame in enumerate(message.frames):
        if frame not in DEGREE_FRAMES and frame[len(GRID_PREFIX) :] not in site.grids:
            where = f"parts[{number}].crs" if len(message.frames) > 1 else "crs"
            raise FieldInvalid(where, f"site {site.code} has no positioning grid {frame[len(GRID_PREFIX) :]}")
    if site.barometer_zero_m is None and np.any(message.fixes["height_reference"] == _BAROMETER):
        raise FieldInvalid("h_ref", f"site {site.code} has not stated where its barometers read 0")


def place(messages: Sequence[ColumnMessage], site: KnownSite, *, barometer_r95_m: float) -> list[NDArray[np.void]]:
    """This function will return the placed fixes of each message of one site, in PLACED columns."""
    fixes = np.concatenate([message.fixes for message in messages])
    names = sorted({frame for message in messages for frame in message.frames})
    frame = np.concatenate([_frames(message, names) for message in messages])
    placed = np.empty(len(fixes), dtype=PLACED)
    for name in ("part", "time_us", "accuracy_m", "source", "worn"):
        placed[name] = fixes[name]
    stated = np.nan_to_num(fixes["height_accuracy_m"], nan=0.0)
    by_barometer = fixes["height_reference"] == _BAROMETER
    placed["height_accuracy_m"] = np.where(by_barometer & (stated == 0.0), barometer_r95_m, stated)
    floor = np.zeros(len(fixes))
    for number, name in enumerate(names):
        chosen = slice(None) if len(names) == 1 else np.flatnonzero(frame == number)
        _place_frame(placed, fixes, chosen, name, site, floor)
    placed["height_m"] = fixes["height_m"] + _zero_height(fixes["height_reference"], floor, site)
    ends = np.cumsum([len(message.fixes) for message in messages])
    return np.split(placed, ends[:-1])


def _frames(message: ColumnMessage, names: Sequence[str]) -> NDArray[np.int32]:
    """Return the number of each fix's frame among `names`."""
    numbers = np.array([names.index(frame) for frame in message.frames], dtype=np.int32)
    return numbers[message.fixes["part"]]


def _place_frame(
    placed: NDArray[np.void],
    fixes: NDArray[np.void],
    chosen: slice | NDArray[np.int64],
    frame: str,
    site: KnownSite,
    floor: Floats,
) -> None:
    x, y = np.ascontiguousarray(fixes["x"][chosen]), np.ascontiguousarray(fixes["y"][chosen])
    if frame in DEGREE_FRAMES:
        lon, lat = crs.from_gcj02_columns(x, y) if frame == "GCJ-02" else (x, y)
        east, north = crs.transformer(crs.STORAGE_SRID, site.projected_srid).transform(lon, lat)
    else:
        grid = site.grids[frame[len(GRID_PREFIX) :]]
        east, north = grid.to_plan(x, y)
        lon, lat = crs.transformer(site.projected_srid, crs.STORAGE_SRID).transform(east, north)
        floor[chosen] = grid.floor_height_m
    placed["lon"][chosen], placed["lat"][chosen] = lon, lat
    placed["east_m"][chosen], placed["north_m"][chosen] = east, north


def _zero_height(reference: NDArray[np.uint8], floor: Floats, site: KnownSite) -> Floats:
    """Return the Yellow Sea height of the zero that each height was stated above (spec 08, 8.1: H = h - N)."""
    zero = np.where(reference == _ELLIPSOID, -site.geoid_offset_m, 0.0)
    zero = np.where(reference == _GRID, floor, zero)
    return np.where(reference == _BAROMETER, site.barometer_zero_m or 0.0, zero)
