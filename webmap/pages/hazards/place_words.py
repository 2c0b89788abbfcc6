"""What lies at a chosen place: its zones, storey and element, told before a report is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.contrib.gis.geos import Point
from django.db.models import Q

from bim.models import Element
from bim.tiles.frame import EnuFrame
from spatial.places import queries as place_queries
from spatial.places.models import Site, Storey
from spatial.zones import queries as zone_queries
from spatial.zones.models import Zone


@dataclass(frozen=True)
class ZoneAtPlace:
    """A zone that holds the place, with its grade now."""

    id: UUID
    code: str
    name: str
    grade: int


@dataclass(frozen=True)
class PlaceDescription:
    """Where a report would stand. `height_m` is Yellow Sea 1985."""

    height_m: float
    inside_site: bool
    zones: tuple[ZoneAtPlace, ...]
    storey: Storey | None
    element: Element | None


def describe_place(
    site: Site,
    *,
    lon: float,
    lat: float,
    height_m: float,
    storey: Storey | None = None,
    model_id: UUID | None = None,
    element_global_id: str = "",
    now: datetime,
) -> PlaceDescription:
    """This function will name the zones (in plan and height), storey and element of a place on a site."""
    point = Point(lon, lat, srid=4490)
    held = Zone.objects.filter(site=site, active=True, outline__intersects=point).filter(
        Q(bottom_m__isnull=True) | Q(bottom_m__lte=height_m), Q(top_m__isnull=True) | Q(top_m__gte=height_m)
    )
    zones = list(held.order_by("code"))
    colours = zone_queries.site_colours(site, now=now).zones if zones else {}
    element = element_of(site, model_id, element_global_id)
    return PlaceDescription(
        height_m=height_m,
        inside_site=site.boundary is None or site.boundary.intersects(point),
        zones=tuple(
            ZoneAtPlace(zone.id, zone.code, zone.name, colours[zone.id].grade if zone.id in colours else 0)
            for zone in zones
        ),
        storey=storey or place_queries.storey_at(site, height_m),
        element=element,
    )


def element_of(site: Site, model_id: UUID | None, global_id: str) -> Element | None:
    """Return the element with this GlobalId in the newest imported revision of a model of the site, or None."""
    if not (model_id and global_id):
        return None
    found = Element.objects.filter(
        revision__model_id=model_id,
        revision__model__site=site,
        revision__state__in=["imported", "imported_with_gaps"],
        global_id=global_id,
    )
    return found.select_related("revision").order_by("-revision__number", "index").first()


def offset_on_element(element: Element, *, lon: float, lat: float, height_m: float) -> list[float] | None:
    """Return a place in metres from the lower corner of an element's box (east, north, up); None without a box."""
    origin = (element.revision.georeference or {}).get("origin")
    if not origin or element.local_box is None:
        return None
    frame = EnuFrame(origin["lon"], origin["lat"], origin["height_m"])
    east, north, up = frame.from_geodetic(np.array([[lon, lat, height_m]]))[0]
    corner = element.local_box[:3]
    return [round(float(value) - low, 3) for value, low in zip((east, north, up), corner, strict=True)]
