"""The demo's site plans, spaces and zones, written as files and imported as users import theirs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from ingest.rasters.operations import import_site_map
from ingest.vectors.drawings.operations import import_drawing
from ingest.vectors.drawings.placing import Placing
from ingest.vectors.operations import import_zones
from ingest.vectors.places.headings import guess_columns
from ingest.vectors.places.operations import Answers, import_places, keep_file, preview, table_of
from spatial.people.models import User
from spatial.places.models import PlaceFile, Site, SiteDrawing, SiteMap, Space, Storey
from spatial.zones.models import Zone
from spatial.zones.operations import revise_zone
from webmap.demo.earlier_plan import DRAWN, draw_earlier_plan
from webmap.demo.rooms import rooms_geojson
from webmap.demo.site_plan import control_points, draw_site_plan
from webmap.demo.zones import MATERIAL_YARD, zones_geojson

PLAN_NAME = "施工总平面布置图(主体施工阶段)"
EARLIER_NAME, EARLIER_FILE, EARLIER_DAYS = "施工总平面布置图(基础施工阶段)", "site-plan-foundation.dxf", 200
ROOMS_FILE = "rooms.geojson"
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


def ensure_earlier_plan(site: Site, folder: Path, actor: User, now: datetime) -> SiteDrawing:
    """This function will draw the plan of the foundation stage as DXF and import it, valid from 200 days ago."""
    if (drawing := SiteDrawing.objects.filter(site=site, name=EARLIER_NAME).first()) is not None:
        return drawing
    draw_earlier_plan(folder / EARLIER_FILE)
    content = (folder / EARLIER_FILE).read_bytes()
    file = keep_file(kind=PlaceFile.Kind.DRAWING, site=site, content=content, file_name=EARLIER_FILE, actor=actor,
                     now=now)  # fmt: skip
    placing = Placing(DRAWN, "m", f"EPSG:{site.projected_srid}")
    since = now - timedelta(days=EARLIER_DAYS)
    return import_drawing(file=file, name=EARLIER_NAME, placing=placing, valid_from=since, actor=actor, now=now)


def ensure_rooms(site: Site, folder: Path, actor: User, now: datetime) -> int:
    """This function will write the rooms of the lowest storeys as GeoJSON and import them; returns their number."""
    if not (count := Space.objects.filter(site=site).count()):
        storeys = Storey.objects.filter(site=site).select_related("building").order_by("elevation_m")
        content = json.dumps(rooms_geojson(list(storeys)), ensure_ascii=False).encode()
        (folder / ROOMS_FILE).write_bytes(content)
        file = keep_file(kind=PlaceFile.Kind.STRUCTURE, site=site, content=content, file_name=ROOMS_FILE, actor=actor,
                         now=now)  # fmt: skip
        table = table_of(file)
        answers = Answers(table.name, guess_columns(file.kind, table.headings), "EPSG:4490")
        plan, _judge = preview(file, table, answers, actor)
        count = import_places(file=file, answers=answers, digest=plan.digest, actor=actor, now=now).count("new")
    return count
