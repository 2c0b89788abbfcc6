"""Set up places: regions, organisations, sites, buildings, storeys; and anchor things in them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon
from django.db import transaction
from django.utils import timezone

from spatial import crs
from spatial.ledger.operations import record_act

from .models import STORAGE_SRID, Anchor, Building, Organisation, Region, Site, Storey
from .queries import storey_at

GLOBAL_ID = re.compile(r"^[0-3][0-9A-Za-z_$]{21}$")


class PlaceRefused(ValueError):
    """A place cannot be stored as given; the message says which value and why."""


def in_storage(geometry: Any) -> Any:
    """Return a geometry in the storage CRS (EPSG:4490); one without an SRID is refused."""
    if geometry is None or geometry.srid == STORAGE_SRID:
        return geometry
    if geometry.srid is None:
        raise PlaceRefused("A geometry without an SRID cannot be placed.")
    shape = shapely.from_wkb(bytes(geometry.ewkb))  # EWKB keeps z
    moved = crs.transform_shape(shape, from_srid=geometry.srid, to_srid=STORAGE_SRID)
    return GEOSGeometry(moved.wkb_hex, srid=STORAGE_SRID)


def place_act(row: Any, verb: str, *, organisation: Any, site: Any, actor: Any, now: datetime, details: dict) -> None:
    record_act(
        organisation=organisation,
        site=site,
        actor=actor,
        verb=verb,
        subject_kind=row._meta.model_name,
        subject_id=row.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )


@transaction.atomic
def create_region(
    *,
    code: str,
    name: str,
    level: str,
    parent: Region | None = None,
    boundary: MultiPolygon | None = None,
    boundary_source: str = "",
    actor: Any | None = None,
    now: datetime | None = None,
) -> Region:
    """This function will add an administrative area below `parent` (or at the top)."""
    fields = {
        "code": code,
        "name": name,
        "level": level,
        "boundary": in_storage(boundary),
        "boundary_source": boundary_source,
    }
    region = Region.objects.add_child(parent, fields) if parent else Region.objects.add_root(fields)
    now = now or timezone.now()
    details = {"code": code, "name": name}
    place_act(region, "create_region", organisation=None, site=None, actor=actor, now=now, details=details)
    return region


@transaction.atomic
def create_organisation(
    *,
    name: str,
    code: str = "",
    kind: str = Organisation.Kind.ENTERPRISE,
    parent: Organisation | None = None,
    actor: Any | None = None,
    now: datetime | None = None,
) -> Organisation:
    """This function will add an organisation below `parent` (or at the top)."""
    fields = {"name": name, "code": code, "kind": kind}
    row = Organisation.objects.add_child(parent, fields) if parent else Organisation.objects.add_root(fields)
    now = now or timezone.now()
    details = {"name": name, "kind": str(kind)}
    place_act(row, "create_organisation", organisation=row, site=None, actor=actor, now=now, details=details)
    return row


@transaction.atomic
def create_site(
    *,
    code: str,
    name: str,
    organisation: Organisation,
    region: Region | None = None,
    boundary: Polygon | None = None,
    location: Point | None = None,
    projected_srid: int,
    ground_height_m: float = 0.0,
    geoid_offset_m: float = 0.0,
    time_zone: str = "Asia/Shanghai",
    people_count: int = 1,
    phase: str = Site.Phase.ACTIVE,
    actor: Any | None,
    now: datetime,
) -> Site:
    """This function will create a site with the coordinate systems that everything on it uses.

    `boundary` and `location` carry their SRID and are stored in EPSG:4490; `location` defaults to a point inside
    the boundary. Raises PlaceRefused for an unknown time zone or a CRS that is not projected in metres.
    """
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise PlaceRefused(f"{time_zone!r} is not a time zone.") from error
    if not crs.is_metric(projected_srid):
        raise PlaceRefused(f"EPSG:{projected_srid} is not a projected CRS in metres.")
    boundary = in_storage(boundary)
    if boundary is not None and not boundary.valid:
        raise PlaceRefused(f"The boundary is not a valid polygon: {boundary.valid_reason}.")
    location = in_storage(location)
    if location is None and boundary is not None:
        location = boundary.point_on_surface
    site = Site.objects.create(
        code=code,
        name=name,
        organisation=organisation,
        region=region,
        boundary=boundary,
        location=location,
        projected_srid=projected_srid,
        ground_height_m=ground_height_m,
        geoid_offset_m=geoid_offset_m,
        time_zone=time_zone,
        people_count=people_count,
        phase=phase,
    )
    details = {"code": code, "name": name, "projected_srid": projected_srid, "geoid_offset_m": geoid_offset_m}
    place_act(site, "create_site", organisation=organisation, site=site, actor=actor, now=now, details=details)
    return site


@transaction.atomic
def create_building(
    *,
    site: Site,
    name: str,
    zero_level_m: float,
    outline: MultiPolygon | None = None,
    actor: Any | None = None,
    now: datetime | None = None,
) -> Building:
    """This function will add a building whose drawing zero ±0.000 lies at `zero_level_m` (Yellow Sea 1985)."""
    now = now or timezone.now()
    row = Building.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        name=name,
        zero_level_m=zero_level_m,
        outline=in_storage(outline),
    )
    details = {"name": name, "zero_level_m": zero_level_m}
    place_act(row, "create_building", organisation=site.organisation, site=site, actor=actor, now=now, details=details)
    return row


@transaction.atomic
def create_storey(
    *,
    building: Building,
    name: str,
    elevation_m: float,
    index: int,
    top_m: float | None = None,
    actor: Any | None = None,
    now: datetime | None = None,
) -> Storey:
    """This function will add a storey: floor at `elevation_m`, up to `top_m`, both in Yellow Sea metres."""
    if top_m is not None and top_m <= elevation_m:
        raise PlaceRefused(f"The top of storey {name} ({top_m} m) is not above its floor ({elevation_m} m).")
    site, now = building.site, now or timezone.now()
    row = Storey.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        building=building,
        name=name,
        elevation_m=elevation_m,
        top_m=top_m,
        index=index,
    )
    details = {"name": name, "elevation_m": elevation_m}
    place_act(row, "create_storey", organisation=site.organisation, site=site, actor=actor, now=now, details=details)
    return row


@transaction.atomic
def move_storey(*, storey: Storey, elevation_m: float, top_m: float | None, actor: Any | None, now: datetime) -> Storey:
    """This function will move a storey's floor to `elevation_m` and its top to `top_m`, both in Yellow Sea metres."""
    if top_m is not None and top_m <= elevation_m:
        raise PlaceRefused(f"The top of storey {storey.name} ({top_m} m) is not above its floor ({elevation_m} m).")
    details = {"name": storey.name, "from_m": storey.elevation_m, "elevation_m": elevation_m}
    storey.elevation_m, storey.top_m = elevation_m, top_m
    storey.save(update_fields=["elevation_m", "top_m"])
    place_act(storey, "move_storey", organisation=storey.site.organisation, site=storey.site, actor=actor, now=now,
         details=details)  # fmt: skip
    return storey


@transaction.atomic
def place_anchor(
    *,
    site: Site,
    lon: float | None = None,
    lat: float | None = None,
    height_m: float | None = None,
    storey: Storey | None = None,
    model_id: Any | None = None,
    element_global_id: str = "",
    element_name: str = "",
    offset_m: list[float] | None = None,
    geometry: Any | None = None,
) -> Anchor:
    """This function will anchor something: at a point (degrees in EPSG:4490, Yellow Sea height) or a geometry.

    Without a height the site's ground height is taken; without a storey, the one at that height. Part of the
    operation that anchors, which writes the act. Raises PlaceRefused for places that cannot be.
    """
    if geometry is None:
        if lon is None or lat is None or not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise PlaceRefused(f"Longitude {lon} and latitude {lat} are no place on earth.")
        height_m = site.ground_height_m if height_m is None else height_m
        geometry = Point(float(lon), float(lat), float(height_m), srid=STORAGE_SRID)
    geometry = in_storage(geometry)
    if not geometry.hasz:
        raise PlaceRefused("An anchor needs a height (z in metres, Yellow Sea 1985).")
    if element_global_id and not GLOBAL_ID.match(element_global_id):
        raise PlaceRefused(f"{element_global_id!r} is not an IFC GlobalId (22 characters).")
    if storey is not None and storey.site_id != site.pk:
        raise PlaceRefused(f"Storey {storey} is not on site {site.code}.")
    if storey is None and geometry.geom_type == "Point":
        storey = storey_at(site, geometry.z)
    return Anchor.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        geometry=geometry,
        storey=storey,
        model_id=model_id,
        element_global_id=element_global_id,
        element_name=element_name[:255],
        offset_m=offset_m,
    )


@transaction.atomic
def move_anchor(
    *,
    anchor: Anchor,
    geometry: Any | None = None,
    element_global_id: str | None = None,
    element_name: str | None = None,
    verb: str = "move_anchor",
    details: dict[str, Any] | None = None,
    actor: Any | None,
    now: datetime,
) -> Anchor:
    """This function will move an anchor with what it stands on: to a geometry, to an element's new GlobalId, or both.

    A point whose height changed is on the storey of its new height. Raises PlaceRefused for a geometry without height
    or a GlobalId that is none; what it was is kept in the act.
    """
    if element_global_id and not GLOBAL_ID.match(element_global_id):
        raise PlaceRefused(f"{element_global_id!r} is not an IFC GlobalId (22 characters).")
    geometry = in_storage(geometry)
    if geometry is not None and not geometry.hasz:
        raise PlaceRefused("An anchor needs a height (z in metres, Yellow Sea 1985).")
    facts = {"from": {"geometry": anchor.geometry.hexewkb.decode(), "global_id": anchor.element_global_id}}
    if geometry is not None:
        rose = geometry.geom_type == "Point" and abs(geometry.z - anchor.geometry.z) > 0.01
        anchor.geometry = geometry
        if rose:
            anchor.storey = storey_at(anchor.site, geometry.z) or anchor.storey
    if element_global_id is not None:
        anchor.element_global_id = element_global_id
    if element_name is not None:
        anchor.element_name = element_name[:255]
    anchor.known_from = now
    anchor.save(update_fields=["geometry", "storey", "element_global_id", "element_name", "known_from"])
    facts["to"] = {"geometry": anchor.geometry.hexewkb.decode(), "global_id": anchor.element_global_id}
    site = anchor.site
    place_act(anchor, verb, organisation=site.organisation, site=site, actor=actor, now=now,
         details={**facts, **(details or {})})  # fmt: skip
    return anchor
