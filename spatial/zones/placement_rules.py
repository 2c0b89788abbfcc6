"""Why an outline is not where its site is: swapped axes, a web map's datum, another grid zone. Pure.

Each guess is only a proposal: it is named because the outline would lie on the site if it were true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial import crs

NEAR_M = 200.0
PLAUSIBLE_SHIFT_M = (100.0, 2000.0)
Misplacement = Literal["swapped", "GCJ-02", "BD-09", "other_crs"]
_DEGREES = shapely.box(-180, -90, 180, 90)


@dataclass(frozen=True)
class Guess:
    """What was probably meant, and the outline in EPSG:4490 if so."""

    kind: Misplacement
    outline: BaseGeometry
    srid: int | None = None


def swapped(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape with x and y exchanged."""
    return shapely.transform(shape, lambda places: places[:, ::-1])


def _from_datum(shape: BaseGeometry, datum: crs.MapDatum) -> BaseGeometry:
    return shapely.transform(shape, lambda places: np.array([crs.to_cgcs2000(x, y, datum) for x, y in places]))


def guesses(shape: BaseGeometry, *, srid: int, site_srid: int, ground: BaseGeometry) -> Iterator[Guess]:
    """Yield what would bring a shape given in EPSG:`srid` onto the site; `ground` is the site in EPSG:4490."""
    flat = shapely.force_2d(shape)
    candidates = list(_candidates(flat, srid, _other_srids(site_srid, ground.centroid.x)))
    if srid == crs.STORAGE_SRID and _near(flat, ground, site_srid, PLAUSIBLE_SHIFT_M[1]):
        for datum in ("GCJ-02", "BD-09"):
            candidates.append(Guess(datum, _from_datum(flat, datum)))
    for guess in candidates:
        if _near(guess.outline, ground, site_srid, 1.0):
            yield guess


def _candidates(flat: BaseGeometry, srid: int, others: list[int]) -> Iterator[Guess]:
    turned = swapped(flat)
    readings: tuple[tuple[Misplacement, BaseGeometry, int], ...] = (
        ("swapped", turned, srid),
        *(("other_crs", flat, other) for other in others if other != srid),
        *(("swapped", turned, other) for other in others if other != srid),
    )
    for kind, shape, code in readings:
        if crs.is_metric(code) or shapely.covers(_DEGREES, shape):
            try:
                moved = crs.transform_shape(shape, from_srid=code, to_srid=crs.STORAGE_SRID)
            except crs.CrsRefused:
                continue
            yield Guess(kind, moved, code)


def _other_srids(site_srid: int, lon: float) -> list[int]:
    """Return the CRSs that a drawing of the site is usually in: its own grid, 3 and 6 degrees, zone number, degrees."""
    found = [site_srid, crs.STORAGE_SRID]
    widths: tuple[tuple[Literal[3, 6], int], ...] = ((3, crs.central_meridian(lon)), (6, 6 * int(lon // 6) + 3))
    for width, meridian in widths:
        for prefix in (False, True):
            try:
                found.append(crs.gauss_kruger_srid(meridian=meridian, width_deg=width, zone_prefix=prefix))
            except crs.CrsRefused:
                continue
    return list(dict.fromkeys(found))


def _near(shape: BaseGeometry, ground: BaseGeometry, site_srid: int, within_m: float) -> bool:
    """Return whether a shape lies within some metres of the ground, whole."""
    if not np.isfinite(shapely.get_coordinates(shape)).all() or not shapely.covers(_DEGREES, shape):
        return False
    try:
        metric = crs.transform_shape(shape, from_srid=crs.STORAGE_SRID, to_srid=site_srid)
        here = crs.transform_shape(ground, from_srid=crs.STORAGE_SRID, to_srid=site_srid)
    except crs.CrsRefused:
        return False
    return bool(shapely.distance(metric, here) <= within_m)
