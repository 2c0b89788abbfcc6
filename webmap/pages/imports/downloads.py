"""`/sites/<code>/models/<revision>/elements.<format>`: every element of a revision as CSV, Excel or GeoPackage."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np
import pyogrio.raw
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from bim.models import Element, Revision
from webmap.access import imported_on_site

FIELDS: Final = (
    "global_id", "ifc_class", "predefined_type", "name", "type_name", "storey", "building", "materials",
    "classifications", "groups", "bottom_m", "top_m", "area_m2", "volume_m3", "meshed", "gap_reason",
)  # fmt: skip
NUMBERS: Final = frozenset({"bottom_m", "top_m", "area_m2", "volume_m3"})
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
LARGEST_CELL: Final = 32_000
CHUNK: Final = 2_000
BYTE_ORDER_MARK: Final = "\ufeff"  # Excel reads UTF-8 only behind it


def _rows(revision: Revision) -> Iterator[tuple[Element, dict[str, Any]]]:
    for element in revision.elements.select_related("storey").order_by("index").iterator(chunk_size=CHUNK):
        classified = [" ".join(filter(None, (c.get("system"), c.get("code")))) for c in element.classifications]
        yield (
            element,
            {
                "global_id": element.global_id,
                "ifc_class": element.ifc_class,
                "predefined_type": element.predefined_type,
                "name": element.name,
                "type_name": element.type_name,
                "storey": element.storey.name if element.storey else "",
                "building": element.storey.building_name if element.storey else "",
                "materials": "; ".join(element.materials),
                "classifications": "; ".join(classified),
                "groups": "; ".join(group.get("name", "") for group in element.groups),
                "bottom_m": element.box_min_z_m,
                "top_m": element.box_max_z_m,
                "area_m2": element.area_m2,
                "volume_m3": element.volume_m3,
                "meshed": element.meshed,
                "gap_reason": element.gap_reason,
            },
        )


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula (a name in a model may begin with `=`)."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def _csv_lines(revision: Revision) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow([*FIELDS, "properties"])
    for element, row in _rows(revision):
        properties = json.dumps(element.properties, ensure_ascii=False)
        writer.writerow([*("" if row[name] is None else harmless(row[name]) for name in FIELDS), properties])
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def as_csv(revision: Revision) -> HttpResponseBase:
    """Return all elements as comma-separated UTF-8, their properties as JSON in the last column."""
    return StreamingHttpResponse(_csv_lines(revision), content_type="text/csv; charset=utf-8")


def _headings() -> list[str]:
    return [
        "GlobalId", _("IFC class"), _("predefined type"), _("name"), _("type"), _("Storey"), _("Building"),
        _("materials"), _("classifications"), _("groups and zones"), _("lowest point (m, Yellow Sea 1985)"),
        _("highest point (m, Yellow Sea 1985)"), _("surface (m²)"), _("volume (m³)"), _("has a shape"),
        _("why it has no shape"),
    ]  # fmt: skip


def as_xlsx(revision: Revision) -> HttpResponseBase:
    """Return a workbook: one sheet of elements, one of all their properties (GlobalId, set, property, value)."""
    book = Workbook(write_only=True)
    elements, properties = book.create_sheet(_("Elements")), book.create_sheet(_("Properties"))
    for sheet in (elements, properties):
        sheet.freeze_panes = "A2"
    elements.append(_headings())
    properties.append(["GlobalId", _("Property set"), _("Property"), _("Value")])
    for element, row in _rows(revision):
        elements.append([_cell(row[name]) for name in FIELDS])
        for set_name, values in element.properties.items():
            for name, value in values.items() if isinstance(values, dict) else ((set_name, values),):
                shown = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
                properties.append([element.global_id, _cell(set_name), _cell(name), _cell(shown)])
    buffer = io.BytesIO()
    book.save(buffer)
    return HttpResponse(
        buffer.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )


def _cell(value: Any) -> Any:
    value = harmless(value)
    return ILLEGAL_CHARACTERS_RE.sub("", value)[:LARGEST_CELL] if isinstance(value, str) else value


def as_gpkg(revision: Revision) -> HttpResponseBase:
    """Return a GeoPackage (OGC 12-128) with one layer: footprints in EPSG:4490, elements without one as null."""
    shapes: list[bytes | None] = []
    columns: dict[str, list[Any]] = {name: [] for name in (*FIELDS, "properties")}
    for element, row in _rows(revision):
        shapes.append(bytes(element.footprint.wkb) if element.footprint else None)
        for name in FIELDS:
            columns[name].append(row[name])
        columns["properties"].append(json.dumps(element.properties, ensure_ascii=False))
    data = [_column(name, values) for name, values in columns.items()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "elements.gpkg"
        pyogrio.raw.write(
            str(path), np.array(shapes, dtype=object), data, np.array([*columns], dtype=object),
            layer="elements", driver="GPKG", geometry_type="MultiPolygon", crs="EPSG:4490",
        )  # fmt: skip
        return HttpResponse(path.read_bytes(), content_type="application/geopackage+sqlite3")


def _column(name: str, values: list[Any]) -> Any:
    if name in NUMBERS:
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    return np.array(values, dtype=bool if name == "meshed" else object)


FORMATS: Final = {"csv": as_csv, "xlsx": as_xlsx, "gpkg": as_gpkg}


@never_cache
@require_GET
def elements_file(request: HttpRequest, code: str, revision_id: UUID, suffix: str) -> HttpResponseBase:
    """Give every element of an imported revision as a file."""
    _site, revision = imported_on_site(request.user, code, revision_id)
    if suffix not in FORMATS:
        raise Http404
    response = FORMATS[suffix](revision)
    name = f"{revision.model.name} #{revision.number}.{suffix}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
