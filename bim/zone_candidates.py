"""Zones that the models of a site offer: its storeys, its spaces, and its IfcZones, with height ranges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from spatial.places.models import Storey as PlaceStorey
from spatial.zones.fitting import Mended, mended, shape_of, to_degrees, to_metric
from spatial.zones.models import Zone
from spatial.zones.outline_repairs import polygons_of
from spatial.zones.zone_operations import ElementSource

from .models import Element, Revision, Storey
from .queries import current_revisions
from .storey_names import SAME_FLOOR_M

SPACE = "IfcSpace"
ZONE_CLASSES = ("IfcZone", "IfcSpatialZone")
FLOOR_CLASSES = ("IfcSlab", "IfcRoof")
GAP_M = 0.4
"""Spaces of a zone are parted by walls: gaps up to this width are closed, and the outline drawn back in."""
SAME_SHARE = 0.001
MOST = 2000


@dataclass(frozen=True)
class Candidate:
    """One zone to be. `state` is new, same, changed, or withdrawn, by the zone that was taken from it before."""

    ifc_class: str
    name: str
    code: str
    source: ElementSource
    model_name: str
    storeys: tuple[PlaceStorey, ...]
    mended: Mended
    state: str
    zone: Zone | None

    @property
    def key(self) -> str:
        return f"{self.source.model_id}:{self.source.global_id}"

    @property
    def fits(self) -> bool:
        return not self.mended.after.findings


@dataclass(frozen=True)
class _Raw:
    ifc_class: str
    global_id: str
    name: str
    outline: BaseGeometry
    bottom_m: float | None
    top_m: float | None


def zone_candidates(site: Any, *, kind: str) -> list[Candidate]:
    """Return what the newest revisions on a site offer: `kind` is storeys, spaces or zones."""
    readers = {"storeys": _of_storeys, "spaces": _of_spaces, "zones": _of_zones}
    taken = {
        (zone.model_id, zone.element_global_id): zone
        for zone in Zone.objects.filter(site=site).exclude(element_global_id="").select_related("site", "parent")
    }
    places = list(PlaceStorey.objects.filter(site=site).select_related("building"))
    codes = set(Zone.objects.filter(site=site).values_list("code", flat=True))
    found: list[Candidate] = []
    for revision in current_revisions(site).filter(placed=True).order_by("model__name"):
        for raw in readers[kind](revision, site):
            zone = taken.get((revision.model_id, raw.global_id))
            code = zone.code if zone else _free_code(raw, codes)
            found.append(_candidate(raw, revision, site, zone, places, code))
            if len(found) >= MOST:
                return found
    return found


def _free_code(raw: _Raw, codes: set[str]) -> str:
    """Return a code that no zone of the site has, and take it."""
    prefix = {"IfcBuildingStorey": "F", SPACE: "S"}.get(raw.ifc_class, "IZ")
    number = 1
    while f"{prefix}{number:03d}" in codes:
        number += 1
    codes.add(f"{prefix}{number:03d}")
    return f"{prefix}{number:03d}"


def _candidate(
    raw: _Raw, revision: Revision, site: Any, zone: Zone | None, places: list[PlaceStorey], code: str
) -> Candidate:
    parent = zone.parent if zone else None
    result = mended(site=site, outline=raw.outline, bottom_m=raw.bottom_m, top_m=raw.top_m, zone=zone, parent=parent)
    source = ElementSource(revision.model_id, raw.global_id, revision.pk)
    storeys = tuple(_storeys_of(raw, places))
    return Candidate(
        raw.ifc_class, raw.name, code, source, revision.model.name, storeys, result, _state(zone, result), zone
    )


def _state(zone: Zone | None, result: Mended) -> str:
    if zone is None:
        return "new"
    if not zone.active:
        return "withdrawn"
    heights = ((zone.bottom_m, result.bottom_m), (zone.top_m, result.top_m))
    if any((a is None) != (b is None) or (a is not None and b is not None and abs(a - b) > 0.005) for a, b in heights):
        return "changed"
    own, new = to_metric(shape_of(zone.outline), zone.site), to_metric(result.outline, zone.site)
    if not new.is_valid or shapely.symmetric_difference(own, new).area > SAME_SHARE * own.area:
        return "changed"
    return "same"


def _storeys_of(raw: _Raw, places: list[PlaceStorey]) -> Iterator[PlaceStorey]:
    """Yield the storeys of the site on whose floor a candidate stands."""
    if raw.bottom_m is None:
        return
    near = [row for row in places if abs(row.elevation_m - raw.bottom_m) < SAME_FLOOR_M]
    named = [row for row in near if row.name == raw.name]
    yield from named or near


def _of_spaces(revision: Revision, site: Any) -> Iterator[_Raw]:
    for row in _spaces(revision):
        if row.footprint is not None:
            yield _Raw(SPACE, row.global_id, row.name or row.global_id, shape_of(row.footprint), *_heights([row]))


def _spaces(revision: Revision) -> Iterable[Element]:
    rows = Element.objects.filter(revision=revision, ifc_class=SPACE, footprint__isnull=False)
    return rows.only("global_id", "name", "footprint", "box_min_z_m", "box_max_z_m", "groups", "index").order_by(
        "index"
    )


def _of_zones(revision: Revision, site: Any) -> Iterator[_Raw]:
    members: dict[str, list[Element]] = defaultdict(list)
    names: dict[str, tuple[str, str]] = {}
    for row in _spaces(revision):
        for group in row.groups:
            if group.get("ifc_class") in ZONE_CLASSES:
                members[group["global_id"]].append(row)
                names[group["global_id"]] = (group["ifc_class"], group.get("name") or group["global_id"])
    for global_id, rows in members.items():
        ifc_class, name = names[global_id]
        yield _Raw(ifc_class, global_id, name, _together(rows, site), *_heights(rows))


def _of_storeys(revision: Revision, site: Any) -> Iterator[_Raw]:
    storeys = list(Storey.objects.filter(revision=revision, elevation_m__isnull=False).order_by("elevation_m"))
    for number, storey in enumerate(storeys):
        rows = Element.objects.filter(storey=storey, footprint__isnull=False)
        floors = list(rows.filter(ifc_class__in=FLOOR_CLASSES)) or list(rows.exclude(ifc_class=SPACE))
        if not floors:
            continue
        above = next(
            (row.elevation_m for row in storeys[number + 1 :] if row.building_name == storey.building_name), None
        )
        name = storey.name or storey.global_id
        yield _Raw("IfcBuildingStorey", storey.global_id, name, _together(floors, site), storey.elevation_m, above)


def _heights(rows: Iterable[Element]) -> tuple[float | None, float | None]:
    lows = [row.box_min_z_m for row in rows if row.box_min_z_m is not None]
    highs = [row.box_max_z_m for row in rows if row.box_max_z_m is not None]
    return (round(min(lows), 3) if lows else None), (round(max(highs), 3) if highs else None)


def _together(rows: Iterable[Element], site: Any) -> BaseGeometry:
    """Return the outline around footprints in EPSG:4490: gaps as wide as a wall are closed."""
    shapes = [to_metric(shape_of(row.footprint), site) for row in rows if row.footprint is not None]
    grown = shapely.union_all([shape.buffer(GAP_M / 2, join_style="mitre") for shape in shapes])
    shrunk = grown.buffer(-GAP_M / 2, join_style="mitre")
    return to_degrees(polygons_of(shapely.simplify(shrunk, 0.001)), site)
