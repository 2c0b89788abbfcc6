"""Does a drawn zone fit its site? Reads what lies around it and returns findings in degrees of EPSG:4490."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from django.db.models import Q
from shapely.geometry.base import BaseGeometry

from spatial import crs

from .models import Zone
from .outline_repairs import polygons_of
from .outline_rules import Around, Finding, Volume, Weight, examine
from .placement_rules import guesses

LOCATION_REACH_M = 500.0
EQUAL_HEIGHT_M = 0.05
MOST_REPAIRS = 8
SWAP = "height_upside_down"


@dataclass(frozen=True)
class Examination:
    """What was found, and what the outline measures (0 where it cannot be measured)."""

    findings: tuple[Finding, ...]
    area_m2: float
    perimeter_m: float

    @property
    def codes(self) -> set[str]:
        return {finding.code for finding in self.findings}


def shape_of(geometry: Any) -> BaseGeometry:
    """Return a stored geometry as a shapely shape."""
    return shapely.from_wkb(bytes(geometry.wkb))


def to_metric(shape: BaseGeometry, site: Any) -> BaseGeometry:
    """Return a shape in EPSG:4490 on the site's grid. Raises CrsRefused where it has no place there."""
    return crs.transform_shape(shape, from_srid=crs.STORAGE_SRID, to_srid=site.projected_srid)


def to_degrees(shape: BaseGeometry, site: Any) -> BaseGeometry:
    """Return a shape on the site's grid in EPSG:4490."""
    return crs.transform_shape(shape, from_srid=site.projected_srid, to_srid=crs.STORAGE_SRID)


def volume_of(zone: Zone) -> Volume:
    """Return a zone's outline on its site's grid, and its heights."""
    return Volume(zone.code, to_metric(shape_of(zone.outline), zone.site), zone.bottom_m, zone.top_m)


def heights_of_storeys(storeys: Iterable[Any]) -> tuple[float | None, float | None]:
    """Return the height range of storeys: from the lowest floor to the highest top; None where one is not known."""
    rows = list(storeys)
    if not rows:
        return None, None
    tops = [row.top_m for row in rows]
    return min(row.elevation_m for row in rows), None if None in tops else max(tops)


def around_zone(site: Any, *, zone: Zone | None, parent: Zone | None, bottom_m: float | None = None,
                top_m: float | None = None, neighbours: bool = True) -> Around:  # fmt: skip
    """Return what a zone (to be) has to fit to; without `neighbours` only its parent and its children."""
    children = Zone.objects.filter(parent=zone, active=True).select_related("site") if zone else Zone.objects.none()
    boundary, others = None, Zone.objects.none()
    if neighbours:
        boundary = to_metric(shape_of(site.boundary), site) if site.boundary else None
        others = _of_same_height(site, bottom_m, top_m).exclude(pk=zone.pk if zone else None)
    return Around(
        boundary,
        volume_of(parent) if parent else None,
        [volume_of(child) for child in children],
        [volume_of(other) for other in others],
    )


def _of_same_height(site: Any, bottom_m: float | None, top_m: float | None) -> Any:
    rows = Zone.objects.filter(site=site, active=True).select_related("site")
    for name, value in (("bottom_m", bottom_m), ("top_m", top_m)):
        if value is None:
            rows = rows.filter(**{f"{name}__isnull": True})
        else:
            rows = rows.filter(
                Q(**{f"{name}__gt": value - EQUAL_HEIGHT_M}) & Q(**{f"{name}__lt": value + EQUAL_HEIGHT_M})
            )
    return rows


def examine_on_site(
    *,
    site: Any,
    outline: BaseGeometry,
    srid: int = crs.STORAGE_SRID,
    bottom_m: float | None,
    top_m: float | None,
    zone: Zone | None = None,
    parent: Zone | None = None,
    storeys: Sequence[Any] = (),
    neighbours: bool = True,
) -> Examination:
    """This function will examine a zone to be (or `zone` as it would become) and return what is wrong with it."""
    if neighbours and (misplaced := _misplaced(site, outline, srid)) is not None:
        return Examination((misplaced,), 0.0, 0.0)
    try:
        metric = crs.transform_shape(outline, from_srid=srid, to_srid=site.projected_srid)
        surroundings = around_zone(
            site, zone=zone, parent=parent, bottom_m=bottom_m, top_m=top_m, neighbours=neighbours
        )
    except crs.CrsRefused:
        return Examination((Finding("no_place", Weight.REFUSED, {"srid": srid}),), 0.0, 0.0)
    found = examine(metric, bottom_m=bottom_m, top_m=top_m, around=surroundings)
    if neighbours:
        found += _storeys_elsewhere(storeys, bottom_m, top_m)
    measured = metric.is_valid and not metric.is_empty
    return Examination(
        tuple(_in_degrees(finding, site) for finding in found),
        round(metric.area, 3) if measured else 0.0,
        round(metric.length, 3) if measured else 0.0,
    )


def _ground(site: Any) -> BaseGeometry | None:
    """Return where the site is, in EPSG:4490: its boundary, or 500 m around its location; None without both."""
    if site.boundary:
        return shape_of(site.boundary)
    if site.location:
        return to_degrees(to_metric(shape_of(site.location), site).buffer(LOCATION_REACH_M), site)
    return None


def _misplaced(site: Any, outline: BaseGeometry, srid: int) -> Finding | None:
    """Return why an outline that does not touch its site is somewhere else, with what was probably meant."""
    ground = _ground(site)
    if ground is None or outline.is_empty or not np.isfinite(shapely.get_coordinates(outline)).all():
        return None
    try:
        here = crs.transform_shape(outline, from_srid=srid, to_srid=crs.STORAGE_SRID)
        distance_m = float(shapely.distance(to_metric(here, site), to_metric(ground, site)))
    except crs.CrsRefused:
        distance_m = np.inf
    if distance_m == 0:
        return None
    guess = next(guesses(outline, srid=srid, site_srid=site.projected_srid, ground=ground), None)
    values: dict[str, Any] = {"distance_km": round(distance_m / 1000, 2) if np.isfinite(distance_m) else None}
    if guess is None:
        return (
            Finding("not_on_site", Weight.REFUSED, values) if site.boundary or not _near_location(distance_m) else None
        )
    code = {"swapped": "axes_swapped", "GCJ-02": "map_datum", "BD-09": "map_datum", "other_crs": "other_crs"}
    values |= {"datum": guess.kind, "srid": guess.srid or srid}
    return Finding(code[guess.kind], Weight.REPAIR, values, (), polygons_of(guess.outline))


def _near_location(distance_m: float) -> bool:
    return bool(distance_m <= 4 * LOCATION_REACH_M)


def _storeys_elsewhere(storeys: Sequence[Any], bottom_m: float | None, top_m: float | None) -> list[Finding]:
    """Return the finding of storeys that the height range does not touch."""
    low, high = -np.inf if bottom_m is None else bottom_m, np.inf if top_m is None else top_m
    apart = [
        row.name
        for row in storeys
        if row.elevation_m >= high - 0.01 or (row.top_m is not None and row.top_m <= low + 0.01)
    ]
    return [Finding("storey_elsewhere", Weight.REFUSED, {"storeys": "、".join(apart)})] if apart else []


def _in_degrees(finding: Finding, site: Any) -> Finding:
    at = tuple(
        crs.transform_point(x, y, from_srid=site.projected_srid, to_srid=crs.STORAGE_SRID) for x, y in finding.at
    )
    repair = polygons_of(to_degrees(finding.repair, site)) if finding.repair is not None else None
    return replace(finding, at=at, repair=repair)


@dataclass(frozen=True)
class Mended:
    """A zone after every repair that its findings offered, and what is left."""

    outline: BaseGeometry
    bottom_m: float | None
    top_m: float | None
    repairs: tuple[str, ...]
    before: Examination
    after: Examination


def mended(*, site: Any, outline: BaseGeometry, srid: int = crs.STORAGE_SRID, bottom_m: float | None,
           top_m: float | None, zone: Zone | None = None, parent: Zone | None = None) -> Mended:  # fmt: skip
    """This function will take repair after repair, as a preview: nobody has consented yet, nothing is stored."""
    common: dict[str, Any] = {"site": site, "zone": zone, "parent": parent}
    shape, code, low, high = outline, srid, bottom_m, top_m
    before = after = examine_on_site(outline=shape, srid=code, bottom_m=low, top_m=high, **common)
    repairs: list[str] = []
    for _ in range(MOST_REPAIRS):
        finding = next((row for row in after.findings if row.repair is not None or row.code == SWAP), None)
        if finding is None:
            break
        repairs.append(finding.code)
        if finding.code == SWAP:
            low, high = high, low
        elif finding.repair is not None:
            shape, code = finding.repair, crs.STORAGE_SRID
        after = examine_on_site(outline=shape, srid=code, bottom_m=low, top_m=high, **common)
    degrees = crs.transform_shape(shape, from_srid=code, to_srid=crs.STORAGE_SRID) if after.area_m2 else shape
    return Mended(degrees, low, high, tuple(repairs), before, after)
