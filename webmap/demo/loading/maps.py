"""The demo's site plan and zones, written as files and imported as users import theirs."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from ingest.rasters.operations import import_site_map
from ingest.vectors.operations import import_zones
from spatial.people.models import User
from spatial.places.models import Site, SiteMap
from spatial.zones.models import Zone
from spatial.zones.operations import revise_zone
from webmap.demo.site_plan import control_points, draw_site_plan
from webmap.demo.zones import MATERIAL_YARD, zones_geojson

PLAN_NAME = "施工总平面布置图(主体施工阶段)"
PLAN_FILE, POINTS_FILE, ZONES_FILE = "site-plan.png", "site-plan.points.json", "zones.geojson"


def ensure_site_plan(site: Site, folder: Path, actor: User, now: datetime) -> SiteMap:
    """This function will draw the plan, write it with its control points, and import it as a site map."""
    if (site_map := SiteMap.objects.filter(site=site, name=PLAN_NAME).first()) is not None:
        return site_map
    draw_site_plan(folder / PLAN_FILE)
    points = control_points()
    (folder / POINTS_FILE).write_text(json.dumps(points, ensure_ascii=False, indent=1), encoding="utf-8")
    with (folder / PLAN_FILE).open("rb") as image:
        return import_site_map(
            site=site,
            name=PLAN_NAME,
            image=image,
            file_name=PLAN_FILE,
            control_points=points,
            actor=actor,
            now=now,
        )


def _lower_the_yard(zones: list[Zone], actor: User, now: datetime) -> None:
    """This function will give the material yard a second version, as a change of the stacking limit does."""
    yard = next(zone for zone in zones if zone.code == MATERIAL_YARD)
    top_m = round((yard.top_m or 0.0) - 3.0, 3)
    revise_zone(zone=yard, changes={"top_m": top_m}, reason="材料堆放限高调整为 4 m", actor=actor, now=now)


def ensure_zones(site: Site, folder: Path, actor: User, now: datetime) -> int:
    """This function will write the zones as GeoJSON and import them, and return how many the site has."""
    if not (count := Zone.objects.filter(site=site).count()):
        content = json.dumps(zones_geojson(), ensure_ascii=False, indent=1)
        (folder / ZONES_FILE).write_text(content, encoding="utf-8")
        made = import_zones(site=site, content=content.encode(), file_name=ZONES_FILE, actor=actor, now=now)
        count = len(made)
        _lower_the_yard(made, actor, now)
    return count
