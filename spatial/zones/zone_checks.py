"""What a zone must be before it is written; each check refuses with a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon

from spatial import crs
from spatial.geometry import GeometryRefused, check_height_range, valid_area

from .fitting import examine_on_site, shape_of
from .models import Zone
from .outline_rules import Weight
from .refusals import ZoneRefused, refused, refused_for

LONGEST = {"code": 40, "name": 120, "reason": 300}
ALWAYS_KEPT = {
    "too_small", "outside_parent", "apart_from_parent", "outside_parent_height", "child_outside", "no_place",
}  # fmt: skip
"""Findings that no zone may have, whoever writes it; the others are for those who draw."""


def stored_outline(outline: GEOSGeometry) -> MultiPolygon:
    """Return an outline as a valid flat MultiPolygon in EPSG:4490. Raises ZoneRefused."""
    if outline.srid is None:
        raise ZoneRefused("The outline has no SRID.")
    shape = shapely.from_wkb(bytes(outline.wkb))
    try:
        area = valid_area(crs.transform_shape(shape, from_srid=outline.srid, to_srid=crs.STORAGE_SRID))
    except (GeometryRefused, crs.CrsRefused) as error:
        raise ZoneRefused(str(error)) from error
    return GEOSGeometry(area.wkb_hex, srid=crs.STORAGE_SRID)  # type: ignore[return-value]


def check_words(site: Any, zone: Zone) -> None:
    """Refuse a kind, a code or a name that a zone cannot have. Raises ZoneRefused."""
    if zone.kind not in Zone.Kind.values:
        raise ZoneRefused(f"{zone.kind!r} is not a kind of zone; the kinds are {', '.join(Zone.Kind.values)}.")
    for field in ("code", "name"):
        value = str(getattr(zone, field))
        if not value.strip():
            raise refused(f"no_{field}")
        if len(value) > LONGEST[field]:
            raise refused("too_long", field=field, most=LONGEST[field])
    taken = Zone.objects.filter(site=site, code=zone.code).exclude(pk=zone.pk).first()
    if taken is not None:
        raise refused("code_taken" if taken.active else "code_withdrawn", code=zone.code)


def check_parent(zone: Zone, parent: Zone | None) -> None:
    """Refuse a parent of another site, a withdrawn one, or one that lies in the zone itself. Raises ZoneRefused."""
    if parent is None:
        return
    parent = zone.parent = Zone.objects.select_related("site", "parent").get(pk=parent.pk)
    if parent.site_id != zone.site_id:
        raise refused("parent_elsewhere", code=parent.code)
    if not parent.active:
        raise refused("parent_withdrawn", code=parent.code)
    above: Zone | None = parent
    seen: set[UUID] = set()
    while above is not None and above.pk not in seen:
        if above.pk == zone.pk:
            raise refused("parent_cycle", code=parent.code)
        seen.add(above.pk)
        above = above.parent


def check_fit(zone: Zone, storeys: list[Any], accepted: Collection[str] | None, *, is_new: bool) -> None:
    """Refuse a zone that does not fit; `accepted` None keeps only what no zone may be without. Raises ZoneRefused."""
    for row in storeys:
        if row.site_id != zone.site_id:
            raise refused("storey_of_other_site", name=row.name)
    examination = examine_on_site(
        site=zone.site,
        outline=shape_of(zone.outline),
        bottom_m=zone.bottom_m,
        top_m=zone.top_m,
        zone=None if is_new else zone,
        parent=zone.parent,
        storeys=storeys,
        neighbours=accepted is not None,
    )
    against = [
        finding
        for finding in examination.findings
        if finding.code in ALWAYS_KEPT
        or (accepted is not None and not (finding.weight == Weight.DOUBT and finding.code in accepted))
    ]
    if against:
        raise refused_for(against)


def check_heights(bottom_m: float | None, top_m: float | None) -> None:
    try:
        check_height_range(bottom_m, top_m)
    except GeometryRefused as error:
        raise ZoneRefused(str(error)) from error
