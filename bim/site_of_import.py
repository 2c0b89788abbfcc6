"""The site that an import belongs to: what the pipeline may know of it, a new one, and its storeys."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.gis.db.models import Collect
from django.contrib.gis.geos import Point
from django.db.models import Q, QuerySet

from spatial import crs
from spatial.places.models import Building, Organisation, Site
from spatial.places.models import Storey as PlaceStorey
from spatial.places.operations import create_building, create_organisation, create_site, create_storey

from .ifc.placements import Candidate
from .models import Element, HandPlacement, Revision
from .pipeline.site_context import HAND_LEVEL, HAND_SOURCE, HandPlaced, SiteContext
from .queries import current_revisions
from .storey_names import SAME_FLOOR_M, storeys_agree

NO_ORGANISATION = "未指定单位"
SAME_PLACE_SHARE = 0.1
USUAL_STOREY_M = 3.0


def context_of(site: Site | None, placed: HandPlacement | None = None) -> SiteContext:
    """Return the site as plain data for the child, and where a person has put the model.

    Nothing is known of a site that does not exist yet.
    """
    if site is None:
        return SiteContext()
    boundary = tuple((x, y) for x, y, *_ in site.boundary.coords[0]) if site.boundary else None
    origin = (site.location.x, site.location.y) if site.location else None
    known = origin is not None or boundary is not None
    return SiteContext(
        projected_srid=site.projected_srid if known else None,
        origin=origin,
        ground_height_m=site.ground_height_m if known else None,
        boundary=boundary,
        hand=hand_placed(placed) if placed else None,
    )


def hand_placed(placed: HandPlacement) -> HandPlaced:
    """Return a placement by hand as plain data for the child; its day is the site's own."""
    zone = ZoneInfo(placed.site.time_zone)
    matrix = tuple(float(value) for value in placed.matrix)
    turn = math.degrees(math.atan2(matrix[4], matrix[0]))
    candidate = Candidate(
        HAND_LEVEL, HAND_SOURCE, "projected", f"EPSG:{placed.srid}", matrix, rotation_deg=turn
    )  # fmt: skip
    return HandPlaced(
        candidate=candidate,
        number=placed.number,
        on=placed.created_at.astimezone(zone).date().isoformat(),
        by=str(placed.made_by or "–"),
        pairs=len(placed.pairs),
        rms_m=placed.rms_m or 0.0,
    )


def create_site_for_model(*, code: str, result: dict[str, Any], actor: Any | None, now: datetime) -> Site:
    """This function will create the site that an import names but nobody has set up, placed by the model if it can."""
    organisations = list(Organisation.objects.all()[:2])
    if len(organisations) == 1:
        organisation = organisations[0]
    else:
        organisation = Organisation.objects.filter(name=NO_ORGANISATION).first() or create_organisation(
            name=NO_ORGANISATION, actor=actor, now=now
        )
    origin = result["georeference"].get("origin")
    location, srid, ground_m = None, 4547, 0.0
    if origin:
        location = Point(origin["lon"], origin["lat"], srid=4490)
        srid = crs.projected_srid_at(origin["lon"])
        ground_m = _ground_height(result, origin["height_m"])
    return create_site(
        code=code, name=code, organisation=organisation, location=location, projected_srid=srid,
        ground_height_m=ground_m, actor=actor, now=now,
    )  # fmt: skip


def _ground_height(result: dict[str, Any], lowest_m: float) -> float:
    """Return the height of the storey nearest to the drawing zero, else of the model's lowest point."""
    storeys = [storey for storey in result["storeys"] if storey["height_m"] is not None]
    if not storeys:
        return float(lowest_m)
    return float(min(storeys, key=lambda storey: abs(storey["elevation_m"]))["height_m"])


def keep_place_storeys(*, revision: Revision, storeys: list[dict[str, Any]], actor: Any, now: datetime) -> int:
    """This function will add the storeys of a placed model to the site's buildings, where they are not there yet.

    A building of another name is the same one where its storeys agree and the elements stand over each other, as in
    the models of two disciplines. A storey is there already when one with its name, or one within 0.3 m of its floor,
    stands in the building.
    Returns how many were added.
    """
    placed = [storey for storey in storeys if storey["height_m"] is not None]
    added = 0
    for building_name in sorted({storey["building_name"] for storey in placed}):
        mine = sorted(
            (storey for storey in placed if storey["building_name"] == building_name), key=lambda s: s["height_m"]
        )
        building = _building(revision, building_name, mine, actor, now)
        there = list(PlaceStorey.objects.filter(building=building))
        for number, storey in enumerate(mine):
            height = storey["height_m"]
            name = (storey["name"] or storey["global_id"])[:120]
            if any(old.name == name or abs(old.elevation_m - height) < SAME_FLOOR_M for old in there):
                continue
            above = [other["height_m"] for other in mine[number + 1 :] if other["height_m"] > height + SAME_FLOOR_M]
            there.append(
                create_storey(
                    building=building,
                    name=name,
                    elevation_m=height,
                    index=len(there),
                    top_m=above[0] if above else height + USUAL_STOREY_M,
                    actor=actor,
                    now=now,
                )
            )
            added += 1
    return added


def _building(revision: Revision, name: str, storeys: list[dict[str, Any]], actor: Any, now: datetime) -> Building:
    site, own_name = revision.site, (name or revision.model.name)[:120]
    found = Building.objects.filter(site=site, name=own_name).first() or _same_building(revision, name, storeys)
    if found is not None:
        return found
    zero_m = storeys[0]["height_m"] - storeys[0]["elevation_m"]
    return create_building(site=site, name=own_name, zero_level_m=zero_m, actor=actor, now=now)


def _same_building(revision: Revision, name: str, storeys: list[dict[str, Any]]) -> Building | None:
    """Return the site's building that another model knows under another name, or None."""
    mine: Any = None
    for building in Building.objects.filter(site=revision.site).order_by("created_at", "pk"):
        floors = list(PlaceStorey.objects.filter(building=building).values_list("name", "elevation_m"))
        if not storeys_agree([(storey["name"], storey["height_m"]) for storey in storeys], floors):
            continue
        mine = mine or _hull(Element.objects.filter(revision=revision, storey__building_name=name))
        others = current_revisions(revision.site).exclude(model=revision.model)
        named = Q(storey__building_name=building.name) | Q(
            storey__building_name="", revision__model__name=building.name
        )
        theirs = _hull(Element.objects.filter(named, revision__in=others))
        if mine is None or theirs is None:
            continue
        if mine.intersection(theirs).area >= SAME_PLACE_SHARE * min(mine.area, theirs.area) > 0:
            return building
    return None


def _hull(elements: QuerySet[Element]) -> Any:
    """Return the convex hull of the elements' outlines (EPSG:4490), None where they have none."""
    outlines = elements.filter(footprint__isnull=False).aggregate(all=Collect("footprint"))["all"]
    return outlines.convex_hull if outlines else None
