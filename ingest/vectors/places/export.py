"""The places that somebody sees, out again: Excel and GeoPackage in the columns that the import reads."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio
import shapely
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ingest.vectors.places.headings import COLUMNS, Column
from ingest.vectors.places.stored import shape_of, tree_parents
from spatial.places.models import Building, Organisation, Region, Site, Space, Storey
from spatial.places.queries import visible_organisations, visible_regions

CELL_LIMIT: Final = 32_000  # Excel holds 32,767 characters in a cell
HEAD: Final = PatternFill("solid", fgColor="E9EDF2")
Record = dict[str, Any]
Translate = Callable[[str], str]


def records_of(kind: str, user: Any, site: Site | None = None) -> list[Record]:
    """Return the places of a kind that a user may see, by the keys of the import; `shape` is in EPSG:4490."""
    if kind == "regions":
        return _regions(user)
    if kind == "organisations":
        return _organisations(user)
    if kind == "sites":
        return _sites(user)
    return _structure(site) if site is not None else []


def _regions(user: Any) -> list[Record]:
    rows = list(visible_regions(user).order_by("path"))
    parents = tree_parents(list(Region.objects.only("id", "path", "code").order_by("path")))
    return [
        {"code": row.code, "name": row.name, "level": row.level, "parent": getattr(parents[row.pk], "code", ""),
         "source": row.boundary_source, "shape": shape_of(row.boundary)}
        for row in rows
    ]  # fmt: skip


def _organisations(user: Any) -> list[Record]:
    rows = list(visible_organisations(user).order_by("path"))
    parents = tree_parents(list(Organisation.objects.only("id", "path", "code", "name").order_by("path")))
    return [
        {"code": row.code, "name": row.name, "kind": row.kind, "parent": _code_or_name(parents[row.pk])} for row in rows
    ]


def _code_or_name(row: Organisation | None) -> str:
    return "" if row is None else (row.code or row.name)


def _sites(user: Any) -> list[Record]:
    rows = Site.objects.visible_to(user).select_related("organisation", "region").order_by("code")
    return [
        {"code": row.code, "name": row.name, "organisation": _code_or_name(row.organisation),
         "region": row.region.code if row.region else "", "phase": row.phase, "projected_srid": row.projected_srid,
         "ground_height_m": row.ground_height_m, "geoid_offset_m": row.geoid_offset_m, "people_count": row.people_count,
         "shape": shape_of(row.boundary) or shape_of(row.location)}
        for row in rows
    ]  # fmt: skip


def _structure(site: Site) -> list[Record]:
    found: list[Record] = [
        {"building": row.name, "zero_level_m": row.zero_level_m, "shape": shape_of(row.outline)}
        for row in Building.objects.filter(site=site).order_by("name")
    ]
    found += [
        {"building": row.building.name, "storey": row.name, "elevation_m": row.elevation_m, "storey_top_m": row.top_m,
         "index": row.index}
        for row in Storey.objects.filter(site=site).select_related("building").order_by("building__name", "elevation_m")
    ]  # fmt: skip
    spaces = Space.objects.filter(site=site).select_related("storey__building")
    found += [
        {"building": row.storey.building.name, "storey": row.storey.name, "number": row.number, "name": row.name,
         "bottom_m": row.bottom_m, "top_m": row.top_m, "shape": shape_of(row.outline)}
        for row in spaces.order_by("storey__building__name", "storey__elevation_m", "number")
    ]  # fmt: skip
    return found


def write_excel(tables: dict[str, list[Record]], translate: Translate) -> bytes:
    """Return a workbook with a sheet for each kind; an outline too long for a cell is left to the GeoPackage."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for kind, records in tables.items():
        page = book.create_sheet(kind)
        _head(page, COLUMNS[kind], translate)
        for record in records:
            page.append([_cell(column, record) for column in COLUMNS[kind]])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(page: Worksheet, columns: Iterable[Column], translate: Translate) -> None:
    page.append([translate(column.label) for column in columns])
    for index, column in enumerate(columns, start=1):
        cell = page.cell(1, index)
        cell.font, cell.fill, cell.alignment = Font(bold=True), HEAD, Alignment(wrap_text=True, vertical="top")
        page.column_dimensions[get_column_letter(index)].width = 34 if column.key in ("name", "wkt") else 18
    page.freeze_panes = "A2"


def _cell(column: Column, record: Record) -> Any:
    shape = record.get("shape")
    if column.key == "wkt":
        if shape is None or shape.geom_type == "Point":
            return None
        text = str(shapely.to_wkt(shape, rounding_precision=9))
        return text if len(text) <= CELL_LIMIT else None
    if column.key in ("x", "y"):
        if shape is None or shape.geom_type != "Point":
            return None
        return round(shape.x if column.key == "x" else shape.y, 9)
    value = record.get(column.key)
    return None if value == "" else value


def write_geopackage(tables: dict[str, list[Record]]) -> bytes:
    """Return a GeoPackage in EPSG:4490 with a layer for each kind that has rows."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "places.gpkg"
        for kind, records in tables.items():
            if records:
                _write_layer(file, kind, records)
        return file.read_bytes() if file.exists() else b""


def _write_layer(file: Path, kind: str, records: list[Record]) -> None:
    columns = [column for column in COLUMNS[kind] if column.key not in ("wkt", "x", "y")]
    shapes = np.array([None if r.get("shape") is None else r["shape"].wkb for r in records], dtype=object)
    has_shapes = kind != "organisations"
    values, masks = zip(*(_field(column, records) for column in columns), strict=True)
    pyogrio.raw.write(
        file,
        geometry=shapes if has_shapes else None,
        field_data=list(values),
        fields=[column.key for column in columns],
        field_mask=list(masks),
        geometry_type="Unknown" if has_shapes else None,
        crs="EPSG:4490" if has_shapes else None,
        driver="GPKG",
        layer=kind,
        append=file.exists(),
    )


def _field(column: Column, records: list[Record]) -> tuple[np.ndarray, np.ndarray]:
    """Return a column's values and which of them are missing."""
    given = [record.get(column.key) for record in records]
    missing = np.array([value is None or value == "" for value in given])
    if column.value == "number":
        return np.array([0.0 if value in (None, "") else value for value in given], dtype=float), missing
    if column.value == "whole":
        return np.array([0 if value in (None, "") else value for value in given], dtype="int64"), missing
    return np.array(["" if value is None else str(value) for value in given], dtype=object), missing


def write_template(kind: str, translate: Translate, examples: list[list[Any]]) -> bytes:
    """Return an empty workbook to fill in: headings, what each column holds, and example rows on a second sheet."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = kind
    columns = COLUMNS[kind]
    _head(page, columns, translate)
    legend = book.create_sheet(translate("Columns")[:31])
    legend.append([translate("Column"), translate("Required"), translate("What it holds")])
    for column in columns:
        legend.append(
            [
                translate(column.label),
                translate("yes") if column.required else "",
                translate(column.hint) if column.hint else "",
            ]
        )
    for index, width in enumerate((40, 12, 80), start=1):
        legend.column_dimensions[get_column_letter(index)].width = width
        legend.cell(1, index).font = Font(bold=True)
    sample = book.create_sheet(translate("Examples")[:31])
    _head(sample, columns, translate)
    for row in examples:
        sample.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
