"""A file of places as one table: headings, rows with their numbers, shapes, and the coordinate system it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyproj
from django.utils.translation import gettext_noop
from shapely.geometry.base import BaseGeometry

from ingest.vectors.places.problems import FileRefused, Problem

MAX_BYTES: Final = 50 * 1024 * 1024
MAX_ROWS: Final = 20_000
MAX_VERTICES: Final = 500_000


@dataclass(frozen=True)
class Row:
    """One row (Excel: its number in the sheet; else the feature's, from 1) and the shape that came with it."""

    number: int
    values: Mapping[str, Any]
    shape: BaseGeometry | None = None
    fault: Problem | None = None


@dataclass(frozen=True)
class Table:
    """What was read; `srid` is the system the file itself names, `crs_name` its words for one without a code."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    srid: int | None = None
    crs_name: str = ""
    names: tuple[str, ...] = ()
    notes: tuple[Problem, ...] = ()
    has_shapes: bool = False


def read_table(content: bytes, file_name: str, *, name: str = "", wanted: str = "", known: frozenset[str]) -> Table:
    """This function will read a file by its bytes, whatever its name ends with.

    `name` is the sheet or layer to take (else the one called `wanted`, else the first with rows); `known` are the
    normalised headings by which the heading row of a sheet is found. Raises FileRefused.
    """
    from ingest.vectors.places import sheets, vectors

    if not content:
        raise FileRefused(gettext_noop("The file is empty."))
    if len(content) > MAX_BYTES:
        raise FileRefused(
            gettext_noop("The file is larger than %(limit)s MB: split it, or simplify its boundaries."),
            {"limit": MAX_BYTES >> 20},
        )
    if content.startswith(b"SQLite format 3\0"):
        table = vectors.read_geopackage(content, name=name, wanted=wanted)
    elif content.startswith(b"PK"):
        table = _read_zip(content, name=name, wanted=wanted, known=known)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(
            gettext_noop("This is an Excel file of the old kind or one with a password: save it as .xlsx without one.")
        )
    elif content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        table = vectors.read_geojson(content)
    elif file_name.lower().endswith((".shp", ".dbf", ".shx")) or content[:4] == b"\x00\x00\x27\x0a":
        raise FileRefused(
            gettext_noop("One file of a shapefile is not enough: send .shp, .shx, .dbf and .prj as one zip.")
        )
    elif file_name.lower().endswith(".csv"):
        table = sheets.read_csv(content, known=known)
    else:
        raise FileRefused(
            gettext_noop("%(name)s is none of GeoPackage, GeoJSON, shapefile (zip), Excel (.xlsx) or CSV."),
            {"name": file_name},
        )
    if not table.rows:
        raise FileRefused(gettext_noop("%(name)s has no rows below its headings."), {"name": table.name})
    if len(table.rows) > MAX_ROWS:
        raise FileRefused(
            gettext_noop("%(name)s has %(count)s rows, more than %(limit)s: split it."),
            {"name": table.name, "count": len(table.rows), "limit": MAX_ROWS},
        )
    return table


def _read_zip(content: bytes, *, name: str, wanted: str, known: frozenset[str]) -> Table:
    from ingest.vectors.places import sheets, vectors

    members = vectors.members_of(content)
    if any(member == "xl/workbook.xml" for member in members):
        return sheets.read_excel(content, name=name, wanted=wanted, known=known)
    return vectors.read_shapefile(content, name=name)


def srid_of(crs_text: str | None) -> tuple[int | None, str]:
    """Return the EPSG code and the name of a CRS as a file names it; no code when PROJ knows none for it."""
    if not crs_text:
        return None, ""
    try:
        crs = pyproj.CRS.from_user_input(crs_text)
    except pyproj.exceptions.CRSError:
        return None, crs_text[:80]
    for confidence in (70, 25):
        if (code := crs.to_epsg(min_confidence=confidence)) is not None:
            return code, crs.name
    return None, crs.name
