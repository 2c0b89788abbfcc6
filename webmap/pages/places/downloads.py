"""Templates to fill in, and the tree out again as Excel or GeoPackage."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ingest.vectors.places.export import records_of, write_excel, write_geopackage, write_template
from ingest.vectors.places.headings import COLUMNS
from ingest.vectors.places.reach import kinds_for
from webmap.access import visible_site

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXAMPLES: dict[str, list[list[Any]]] = {
    "regions": [
        ["410000", "河南省", "省", None, None, None],
        ["410100", "郑州市", "市", "410000", None, None],
        ["410105", "金水区", "区", "410100", None, None],
        ["410105001", "经八路街道", "街道", "410105", None, None],
    ],
    "organisations": [
        ["91410100MA00000010", "示范建工集团有限公司", "企业", None],
        [None, "示范建工集团第一分公司", "企业", "91410100MA00000010"],
    ],
    "sites": [
        [
            "jinshui-01",
            "金水一号工地",
            "示范建工集团有限公司",
            "410105",
            "在建",
            4547,
            92.5,
            -18.2,
            120,
            None,
            113.77,
            34.765,
        ],
    ],
    "structure": [
        ["1号楼", 95.5, None, None, None, None, None, None, None, None, None],
        ["1号楼", None, "1F", 95.5, 99.5, 1, None, None, None, None, None],
        ["1号楼", None, "1F", None, None, None, "101", "配电间", 95.5, 98.5, None],
    ],
}


def _attachment(content: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
def template_file(request: HttpRequest, kind: str) -> HttpResponse:
    """Send an empty workbook of a kind, with what each column holds and example rows on sheets of their own."""
    if kind not in COLUMNS or kind not in kinds_for(request.user):
        raise Http404
    return _attachment(write_template(kind, _, EXAMPLES[kind]), f"{kind}.xlsx", XLSX)


@require_GET
def export_file(request: HttpRequest, form: str) -> HttpResponse:
    """Send the places that the user may see; with `?site=CODE` the buildings, storeys and spaces of that site."""
    if form not in ("excel", "geopackage"):
        raise Http404
    if code := request.GET.get("site"):
        tables = {"structure": records_of("structure", request.user, visible_site(request.user, code))}
    else:
        tables = {kind: records_of(kind, request.user) for kind in ("regions", "organisations", "sites")}
    if form == "excel":
        return _attachment(write_excel(tables, _), "places.xlsx", XLSX)
    content = write_geopackage(tables)
    if not content:
        raise Http404
    return _attachment(content, "places.gpkg", "application/geopackage+sqlite3")
