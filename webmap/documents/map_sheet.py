"""The four-colour spatial distribution map (四色安全风险空间分布图) of a site or a storey on an A3 or A2 sheet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import shapely
from django.core.cache import cache
from django.utils.translation import gettext as _

from spatial.cards.queries import inherent_grade, points_of, zone_inherent
from spatial.crs import crs_of, grid_factors, transform_point
from spatial.places.models import STORAGE_SRID, Site, Storey
from spatial.risks.models import RiskPoint
from spatial.zones.models import Zone
from spatial.zones.queries import SiteColours, site_colours
from webmap.documents import map_drawing as drawing
from webmap.documents.base_plan import ground_shape, plan_picture, storey_lines
from webmap.documents.card_parts import SiteFacts
from webmap.documents.map_geometry import NothingToShow, View, Window, scale_bar, view_of
from webmap.documents.printing import lay_out, render_sheet, write_pdf
from webmap.wording.grade_signs import SIGNS, sign_of

_SHEETS = Path(__file__).resolve().parent / "data" / "sheets.json"
SIZES: Final = ("a3", "a2")
INHERENT, CURRENT = "inherent", "current"
ROLES: Final = ("assembly", "escape")
MARGIN_M: Final = 3.0
KEPT_S: Final = 600
THUMBNAIL: Final = Window(0, 0, 112, 78)
TITLE_MM, LEGEND_MM, SCALE_MM = 72.0, 47.0, 31.0
MOST_ROW_MM, LEAST_ROW_MM = 4.6, 3.1


@dataclass(frozen=True)
class Sheet:
    """A sheet of paper: its size, and where map and side column lie (mm)."""

    name: str
    width_mm: float
    height_mm: float
    window: Window
    side: Window


@lru_cache(maxsize=1)
def sheet_table() -> dict[str, Any]:
    """Return the table of sheets, scales and hatches."""
    table: dict[str, Any] = json.loads(_SHEETS.read_text(encoding="utf-8"))
    return table


def hatches() -> dict[int, str]:
    """Return the hatching of each grade."""
    return {int(grade): pattern for grade, pattern in sheet_table()["hatches"].items()}


def sheet_of(size: str) -> Sheet:
    """Return a sheet by its size, a3 or a2, lying. Raises KeyError for another."""
    row = sheet_table()["sheets"][size]
    width, height, left, edge, side = (
        float(row[name]) for name in ("width_mm", "height_mm", "binding_mm", "edge_mm", "side_mm")
    )
    inner_height = height - 2 * edge
    window = Window(left, edge, width - left - edge - side, inner_height)
    return Sheet(size, width, height, window, Window(width - edge - side, edge, side, inner_height))


@dataclass(frozen=True)
class MapChoice:
    """What to print: the whole site (storey None) or one storey, and whose grades."""

    layer: str = INHERENT
    storey: Storey | None = None


def _on_storey(zone: Zone, storey: Storey) -> bool:
    """Return whether a zone is listed on a storey, or its height range reaches into it."""
    if any(row.pk == storey.pk for row in zone.storeys.all()):
        return True
    if zone.storeys.all() or zone.bottom_m is None or zone.top_m is None:
        return False
    top = storey.top_m if storey.top_m is not None else storey.elevation_m + 3.0
    return zone.bottom_m < top - 0.5 and zone.top_m > storey.elevation_m + 0.5


def _point_on_storey(point: RiskPoint, storey: Storey) -> bool:
    if point.anchor.storey_id:
        return bool(point.anchor.storey_id == storey.pk)
    height = point.anchor.geometry.centroid.z if point.anchor.geometry.hasz else None
    top = storey.top_m if storey.top_m is not None else storey.elevation_m + 3.0
    return height is not None and storey.elevation_m <= height < top


@dataclass(frozen=True)
class MapFacts:
    """What a map shows, read once: contents on the ground with grades, and the colours they come from."""

    contents: drawing.MapContents
    zone_rows: Sequence[Zone]
    base_name: str


def read_map(site: Site, choice: MapChoice, *, now: datetime) -> MapFacts:
    """Return zones and points of a sheet with the grades of its layer, on the site's plan or the storey's outlines."""
    colours = site_colours(site, now=now)
    points = list(points_of(site))
    every = list(Zone.objects.filter(site=site, active=True).prefetch_related("storeys").order_by("code"))
    grades = _zone_grades(choice, every, points, colours)
    zones = [z for z in every if choice.storey is None or _on_storey(z, choice.storey)]
    marks = [p for p in points if choice.storey is None or _point_on_storey(p, choice.storey)]
    picture = plan_picture(site, now) if choice.storey is None else None
    contents = drawing.MapContents(
        zones=[_zone_shape(zone, grades.get(zone.id, 0), site) for zone in zones],
        points=[_point_mark(point, choice, colours, site) for point in marks],
        boundary=ground_shape(site.boundary, site) if site.boundary and choice.storey is None else None,
        picture=picture[1] if picture else None,
        lines=storey_lines(site, choice.storey) if choice.storey else drawing.PlanLines(),
    )
    base = picture[0].name if picture else (_("outlines of the model") if contents.lines.floors else "")
    return MapFacts(contents, zones, base)


def _zone_grades(choice: MapChoice, zones: list[Zone], points: list[RiskPoint], colours: SiteColours) -> dict[Any, int]:
    if choice.layer == CURRENT:
        return {zone_id: colour.grade for zone_id, colour in colours.zones.items()}
    return dict(zone_inherent(zones, points, colours))


def _zone_shape(zone: Zone, grade: int, site: Site) -> drawing.ZoneShape:
    role = zone.kind if zone.kind in ROLES else ""
    return drawing.ZoneShape(zone.code, zone.name, grade, ground_shape(zone.outline, site), role)


def _point_mark(point: RiskPoint, choice: MapChoice, colours: SiteColours, site: Site) -> drawing.PointMark:
    current = colours.risk_points.get(point.id)
    grade = (current.grade if current else 0) if choice.layer == CURRENT else inherent_grade(point)
    place = ground_shape(point.anchor.geometry.centroid, site)
    return drawing.PointMark(point.code, grade, (place.x, place.y))


def extent_of(contents: drawing.MapContents) -> tuple[float, float, float, float]:
    """Return what a sheet must show (west, south, east, north; grid metres). Raises NothingToShow."""
    shapes = [zone.shape for zone in contents.zones] + list(contents.lines.floors)
    shapes += [shapely.Point(mark.at) for mark in contents.points]
    if contents.boundary is not None:
        shapes.append(contents.boundary)
    if not shapes:
        raise NothingToShow("nothing is drawn here")
    west, south, east, north = shapely.total_bounds(shapes)
    return (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)


def map_view(contents: drawing.MapContents, window: Window) -> View:
    """Return the view of contents in a window at a scale of the series."""
    return view_of(extent_of(contents), window, sheet_table()["scales"])


def map_context(site: Site, choice: MapChoice, size: str, facts: SiteFacts, *, now: datetime) -> dict[str, Any]:
    """Return everything on the sheet; call it with the document's language active. Raises NothingToShow."""
    sheet, found = sheet_of(size), read_map(site, choice, now=now)
    contents = found.contents
    view = map_view(contents, sheet.window)
    svg = drawing.map_drawing(contents, view, hatches=hatches())
    lon, lat = _lon_lat(view, site)
    bar = scale_bar(view.scale, room_mm=sheet.side.width - 22)
    graded = [zone for zone in contents.zones if not zone.role]
    rows, row_mm, left_out = _table(graded, sheet)
    convergence = grid_factors(lon, lat, site.projected_srid).convergence_deg
    return {
        "facts": facts, "sheet": sheet, "choice": choice, "layer_current": choice.layer == CURRENT,
        "map": drawing.sheet_svg(svg, width_mm=sheet.width_mm, height_mm=sheet.height_mm),
        "scale": view.scale, "bar": bar, "bar_svg": drawing.bar_drawing(bar),
        "north": drawing.north_drawing(convergence, true_word=_("N")), "convergence": f"{convergence:+.2f}°",
        "crs": crs_of(site.projected_srid).name, "base_name": found.base_name,
        "legend": [_legend_row(grade, contents, graded) for grade in (4, 3, 2, 1)],
        "grey": sum(zone.grade == 0 for zone in graded),
        "roles": [{"svg": drawing.role_mark(role), "word": word}
                  for role, word in (("assembly", _("Assembly point")), ("escape", _("Escape way")))
                  if any(zone.role == role for zone in contents.zones)],
        "rows": rows, "row_mm": f"{row_mm:.2f}", "text_mm": f"{row_mm * 0.62:.2f}", "left_out": left_out,
        "title": _("Four-colour map of safety risk"),
        "drawing_name": choice.storey.name if choice.storey else _("whole site"),
    }  # fmt: skip


def _lon_lat(view: View, site: Site) -> tuple[float, float]:
    return transform_point(*view.centre, from_srid=site.projected_srid, to_srid=STORAGE_SRID)


def _legend_row(grade: int, contents: drawing.MapContents, zones: Sequence[drawing.ZoneShape]) -> dict[str, Any]:
    return {
        "sign": SIGNS[grade],
        "svg": drawing.swatch(grade, hatches()[grade]),
        "zones": sum(zone.grade == grade for zone in zones),
        "points": sum(mark.grade == grade for mark in contents.points),
    }


def _table(zones: Sequence[drawing.ZoneShape], sheet: Sheet) -> tuple[list[dict[str, Any]], float, int]:
    """Return the rows of the zone table with their height, and how many do not fit."""
    room = sheet.side.height - TITLE_MM - LEGEND_MM - SCALE_MM - 9.0
    ordered = sorted(zones, key=lambda zone: (-zone.grade, zone.code))
    row_mm = max(LEAST_ROW_MM, min(MOST_ROW_MM, room / max(len(ordered), 1)))
    most = int(room / row_mm)
    shown = ordered if len(ordered) <= most else ordered[: most - 1]
    rows = [{"zone": zone, "sign": sign_of(zone.grade)} for zone in shown]
    return rows, row_mm, len(ordered) - len(shown)


def map_pdf(site: Site, choice: MapChoice, size: str, facts: SiteFacts, *, now: datetime) -> bytes:
    """Return the sheet as PDF. Raises NothingToShow.

    A sheet of exactly the same content is kept for a while: the preview, then the PDF, then the PNG are drawn once.
    """
    context = map_context(site, choice, size, facts, now=now)
    html = render_sheet("documents/map.html", context, language=facts.language)
    key = "map-sheet:" + hashlib.sha256(html.encode()).hexdigest()
    if (kept := cache.get(key)) is not None:
        return bytes(kept)
    pdf = write_pdf(lay_out(html)[:1], title=f"{context['title']} {site.name}")
    cache.set(key, pdf, KEPT_S)
    return pdf


def map_thumbnail(site: Site, *, now: datetime) -> str:
    """Return a small map of the whole site (inherent grades) for the notice board; "" where nothing is drawn."""
    contents = read_map(site, MapChoice(), now=now).contents
    try:
        extent = extent_of(contents)
    except NothingToShow:
        return ""
    view = view_of(extent, THUMBNAIL, range(50, 1_000_000, 50), margin_mm=1.0)
    plain = drawing.MapContents(contents.zones, (), contents.boundary, contents.picture)
    return drawing.thumbnail_svg(drawing.map_drawing(plain, view, hatches=hatches(), leads=False), view)
