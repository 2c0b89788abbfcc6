"""Regions, enterprises and sites of the demo district."""

from __future__ import annotations

from datetime import datetime

from django.contrib.gis.geos import MultiPolygon, Point, Polygon

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project import site_layout as layout
from bim.ifc.demo_project.georeference import to_height
from spatial.places.models import STORAGE_SRID, Organisation, Region, Site
from spatial.places.operations import create_organisation, create_region, create_site
from spatial.zones.models import Zone
from spatial.zones.operations import create_zone
from webmap.demo import district
from webmap.demo.cast import wearers
from webmap.demo.placing import to_lon_lat, to_ring

OTHER_GROUND_M = 87.0
"""Ground height of the district's other sites: flat country, one round figure."""


def ensure_regions(now: datetime) -> dict[str, Region]:
    """This function will make city, district and towns where they are not there yet, and return them by code."""
    city = _region(district.CITY, Region.Level.CITY, None, None, now)
    whole = _region(district.DISTRICT, Region.Level.DISTRICT, city, district.district_ring(), now)
    found = {city.code: city, whole.code: whole}
    for town in district.TOWNS:
        found[town.code] = _region((town.code, town.name), Region.Level.TOWN, whole, town.ring, now)
    return found


def _region(
    named: tuple[str, str], level: str, parent: Region | None, ring: list[district.LonLat] | None, now: datetime
) -> Region:
    code, name = named
    if (region := Region.objects.filter(code=code).first()) is not None:
        return region
    if parent is not None:
        parent.refresh_from_db()
    return create_region(
        code=code,
        name=name,
        level=level,
        parent=parent,
        boundary=MultiPolygon(Polygon(ring), srid=STORAGE_SRID) if ring else None,
        boundary_source=district.BOUNDARY_SOURCE,
        now=now,
    )


def ensure_enterprises(now: datetime) -> dict[str, Organisation]:
    """This function will make the four enterprises where they are not there yet, and return them by name."""
    return {
        name: Organisation.objects.filter(name=name).first() or create_organisation(name=name, now=now)
        for name in district.ENTERPRISES
    }


def ensure_demo_site(regions: dict[str, Region], enterprises: dict[str, Organisation], now: datetime) -> Site:
    """This function will make the demo's own site with its coordinate systems, and return it."""
    if (site := Site.objects.filter(code=d.SITE_CODE).first()) is not None:
        return site
    middle = ((d.PODIUM[0] + d.PODIUM[2]) / 2, (d.PODIUM[1] + d.PODIUM[3]) / 2)
    return create_site(
        code=d.SITE_CODE,
        name=d.SITE_NAME,
        organisation=enterprises[district.ENTERPRISES[0]],
        region=regions[district.DEMO_SITE_TOWN],
        boundary=Polygon(to_ring(layout.BOUNDARY), srid=STORAGE_SRID),
        location=Point(*to_lon_lat(*middle), srid=STORAGE_SRID),
        projected_srid=d.PROJECTED_SRID,
        ground_height_m=round(to_height(d.GROUND_M), 3),
        geoid_offset_m=d.GEOID_OFFSET_M,
        people_count=len(wearers()),
        actor=None,
        now=now,
    )


def ensure_other_sites(
    regions: dict[str, Region], enterprises: dict[str, Organisation], now: datetime
) -> list[tuple[Site, district.DistrictSite]]:
    """This function will make the district's other sites, each with one zone, and return them with their plan."""
    found = []
    for plan in district.SITES:
        site = Site.objects.filter(code=plan.code).first()
        if site is None:
            site = create_site(
                code=plan.code,
                name=plan.name,
                organisation=enterprises[plan.enterprise],
                region=regions[plan.town],
                boundary=Polygon(plan.ring(), srid=STORAGE_SRID),
                location=Point(*plan.middle, srid=STORAGE_SRID),
                projected_srid=d.PROJECTED_SRID,
                ground_height_m=OTHER_GROUND_M,
                geoid_offset_m=d.GEOID_OFFSET_M,
                people_count=plan.people,
                actor=None,
                now=now,
            )
        if not Zone.objects.filter(site=site, code="Z01").exists():
            create_zone(
                site=site,
                code="Z01",
                name="施工作业区",
                kind=Zone.Kind.AREA,
                outline=Polygon(plan.ring(0.7), srid=STORAGE_SRID),
                bottom_m=None,
                top_m=None,
                actor=None,
                now=now,
            )
        found.append((site, plan))
    return found
