"""Write rows of a list from data; grades are computed here, by the tables of an edition, and never taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

import shapely
from django.contrib.gis.geos import GEOSException, GEOSGeometry, Point

from spatial import crs
from spatial.places.models import STORAGE_SRID, Storey
from spatial.places.operations import GLOBAL_ID
from spatial.places.queries import storey_at

from .models import EntrySource, ListEntry, ListVersion
from .refusals import ListRefused
from .rules import EntryData, PlaceData, Problem, SourceData, Tables, entry_grades, gettext_noop, grade

OUTSIDE_TOLERANCE_M = 50.0


def _refuse_place(row: str, sentence: str, **values: Any) -> None:
    raise ListRefused([Problem(row, "place", sentence, values)])


def read_geometry(site: Any, row: str, text: str) -> GEOSGeometry:
    """Return a geometry given as EWKB in hex or EWKT, in EPSG:4490 with heights. Raises ListRefused."""
    try:
        geometry = GEOSGeometry(text)
    except (GEOSException, ValueError):
        _refuse_place(row, gettext_noop("The place is not a geometry (EWKB or EWKT)."))
    geometry.srid = geometry.srid or STORAGE_SRID
    if geometry.geom_type not in ("Point", "LineString", "Polygon", "MultiPolygon"):
        _refuse_place(row, gettext_noop("A row is a point, a line or an area, not a %(kind)s."),
                      kind=geometry.geom_type)  # fmt: skip
    shape = shapely.from_wkb(bytes(geometry.ewkb))
    if geometry.srid != STORAGE_SRID:
        shape = crs.transform_shape(shape, from_srid=geometry.srid, to_srid=STORAGE_SRID)
    if not shape.has_z:
        shape = shapely.force_3d(shape, site.ground_height_m)
    if shape.is_empty or not shape.is_valid:
        _refuse_place(row, gettext_noop("The shape is not valid: %(reason)s."), reason=shapely.is_valid_reason(shape))
    x0, y0, x1, y1 = shape.bounds
    if not (x0 >= -180 and x1 <= 180 and y0 >= -90 and y1 <= 90):
        _refuse_place(row, gettext_noop("The place is not on earth: longitude and latitude in degrees are needed."))
    _check_inside(site, row, shape)
    return GEOSGeometry(shapely.to_wkb(shape, hex=True), srid=STORAGE_SRID)


def _check_inside(site: Any, row: str, shape: Any) -> None:
    if site.boundary is None:
        return
    area = shapely.from_wkb(bytes(site.boundary.wkb))
    if area.intersects(shape):
        return
    metric = {"from_srid": STORAGE_SRID, "to_srid": site.projected_srid}
    distance = crs.transform_shape(area, **metric).distance(crs.transform_shape(shapely.force_2d(shape), **metric))
    if distance > OUTSIDE_TOLERANCE_M:
        _refuse_place(row, gettext_noop("The place is %(metres)s m outside the site: place it inside the boundary."),
                      metres=round(distance))  # fmt: skip


def set_place(entry: ListEntry, place: PlaceData | None) -> None:
    """Set where a row is, without saving it. Raises ListRefused."""
    if place is None:
        entry.geometry, entry.storey, entry.model_id = None, None, None
        entry.element_global_id, entry.element_name, entry.offset_m = "", "", None
        return
    if place.element_global_id and not GLOBAL_ID.match(place.element_global_id):
        _refuse_place(entry.code, gettext_noop("%(id)s is not an IFC GlobalId (22 characters)."),
                      id=place.element_global_id)  # fmt: skip
    entry.geometry = read_geometry(entry.site, entry.code, place.geometry)
    entry.storey = Storey.objects.filter(site=entry.site, pk=place.storey_id).first() if place.storey_id else None
    if entry.storey is None and isinstance(entry.geometry, Point):
        entry.storey = storey_at(entry.site, entry.geometry.coords[2])
    entry.model_id = UUID(place.model_id) if place.model_id else None
    entry.element_global_id, entry.element_name = place.element_global_id, place.element_name[:255]
    entry.offset_m = list(place.offset_m) if place.offset_m else None


def set_facts(entry: ListEntry, data: EntryData, tables: Tables) -> None:
    """Set everything of a row but its place and sources, without saving it; grades are computed."""
    entry.code, entry.name, entry.place_text = data.code.strip(), data.name.strip(), data.place_text.strip()
    entry.columns = {name: value.strip() for name, value in data.columns.items() if value.strip()}
    entry.lead_level, entry.lowering_reason = data.lead_level, data.lowering_reason.strip()
    entry.people = [asdict(person) for person in data.people if person.full_name.strip()]
    entry.grade_before, entry.grade_after = entry_grades(grade(source, tables) for source in data.sources)


def source_row(entry: ListEntry, position: int, source: SourceData, tables: Tables) -> EntrySource:
    """Return a source to be stored, graded."""
    graded = grade(source, tables)
    kept = {kind: [text.strip() for text in texts if text.strip()] for kind, texts in source.measures.items()}
    fields = {name: value.strip() if isinstance(value, str) else value for name, value in vars(source).items()}
    fields |= {"before": dict(source.before), "after": dict(source.after)}
    fields |= {"measures": {kind: texts for kind, texts in kept.items() if texts}, **vars(graded)}
    return EntrySource(entry=entry, position=position, **fields)


def new_entry(version: ListVersion, position: int) -> ListEntry:
    """Return an empty row of a version, not yet stored."""
    return ListEntry(
        organisation_id=version.organisation_id, site=version.site, version=version, position=position
    )  # fmt: skip


def store_entries(version: ListVersion, data: Iterable[EntryData], tables: Tables, *, placed: set[str]) -> None:
    """Store rows in order, in two statements; `placed` names the codes whose place was set in this version."""
    entries, sources = [], []
    for position, row in enumerate(data, start=1):
        entry = new_entry(version, position)
        set_facts(entry, row, tables)
        set_place(entry, row.place)
        entry.risk_point_id = UUID(row.risk_point_id) if row.risk_point_id else None
        entry.place_set = row.code in placed
        entries.append(entry)
        sources += [source_row(entry, number, source, tables) for number, source in enumerate(row.sources, start=1)]
    ListEntry.objects.bulk_create(entries, batch_size=1000)
    EntrySource.objects.bulk_create(sources, batch_size=1000)
