"""Rows of public risk points from an Excel sheet or a GeoJSON FeatureCollection, with every problem by row and field.

The coordinate system is declared once for the file; Chinese web-map datums and projected systems are converted here.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry
from openpyxl import load_workbook
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.places.models import STORAGE_SRID, Region
from spatial.public_risks.operations import Placed
from spatial.public_risks.rules import SCORES_OF, Problem, RiskGiven, gettext_noop, to_storage

from .columns import COLUMNS, KIND_WORDS, METHOD_WORDS, NEEDED, field_of

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 2_000
Shapes = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")


class FileRefused(ValueError):
    """A file cannot be read at all; `problem` says why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class Reading:
    """What a file holds: the rows that could be read, and every problem by row (1 is the first below the head)."""

    rows: list[Placed]
    problems: list[tuple[int, Problem]]
    count: int


def _refuse(sentence: str, **values: Any) -> FileRefused:
    return FileRefused(Problem("file", sentence, values))


def read_file(content: bytes, *, declared_crs: str, regions: Iterable[Region]) -> Reading:
    """Return the rows of an Excel or GeoJSON file; towns are found by name or code in `regions`. Raises FileRefused."""
    if len(content) > MAX_BYTES:
        raise _refuse(gettext_noop("is larger than %(limit)s MB; split it"), limit=MAX_BYTES // 1024 // 1024)
    raw = list(_excel(content) if zipfile.is_zipfile(io.BytesIO(content)) else _geojson(content))
    if not raw:
        raise _refuse(gettext_noop("holds no rows; fill the template from row 2 on"))
    if len(raw) > MAX_ROWS:
        raise _refuse(gettext_noop("has %(count)s rows, more than %(limit)s; split it"), count=len(raw), limit=MAX_ROWS)
    towns: dict[str, list[Region]] = {}
    for region in regions:
        for key in {region.name, region.code}:
            towns.setdefault(key, []).append(region)
    rows: list[Placed] = []
    problems: list[tuple[int, Problem]] = []
    for number, (facts, geometry) in enumerate(raw, start=1):
        placed, wrong = _row(number, facts, geometry, declared_crs, towns)
        problems.extend((number, problem) for problem in wrong)
        if placed is not None:
            rows.append(placed)
    return Reading(rows, problems, len(raw))


def _excel(content: bytes) -> Iterator[tuple[dict[str, Any], None]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever the broken part raises
        raise _refuse(gettext_noop("cannot be read as Excel (.xlsx): %(why)s"), why=error) from error
    lines = book.worksheets[0].iter_rows(values_only=True)
    head = next(lines, ())
    fields = [field_of(cell) if cell is not None else None for cell in head]
    missing = [name for name in (*NEEDED, "x", "y") if name not in fields]
    if missing:
        names = "、".join(COLUMNS[name][0] for name in missing)
        raise _refuse(gettext_noop("lacks the columns %(names)s; take the template"), names=names)
    for line in lines:
        facts = {name: cell for name, cell in zip(fields, line, strict=False) if name and cell not in (None, "")}
        if facts:
            yield facts, None


def _geojson(content: bytes) -> Iterator[tuple[dict[str, Any], Any]]:
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise _refuse(gettext_noop("is neither Excel (.xlsx) nor GeoJSON in UTF-8: %(why)s"), why=error) from error
    if not isinstance(data, dict) or not isinstance(data.get("features"), list):
        raise _refuse(gettext_noop("must be a GeoJSON FeatureCollection"))
    for feature in data["features"]:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        facts = {}
        for key, value in (properties or {}).items() if isinstance(properties, dict) else ():
            if (name := field_of(key)) and value not in (None, ""):
                facts[name] = value
        yield facts, feature.get("geometry") if isinstance(feature, dict) else {}


def _row(
    number: int, facts: Mapping[str, Any], geometry: Any, declared: str, towns: Mapping[str, Sequence[Region]]
) -> tuple[Placed | None, list[Problem]]:
    problems: list[Problem] = []
    region = _town(facts, towns, problems)
    place = _place(facts, geometry, declared, problems)
    given = _given(facts, problems)
    if region is None or place is None or given is None:
        return None, problems
    return Placed(region, given, place, declared, number), problems


def _town(facts: Mapping[str, Any], towns: Mapping[str, Sequence[Region]], problems: list[Problem]) -> Region | None:
    name = str(facts.get("town", "")).strip()
    found = towns.get(name, ())
    if len(found) == 1:
        return found[0]
    if not name:
        problems.append(Problem("town", gettext_noop("is missing; fill it in")))
    elif found:
        problems.append(
            Problem("town", gettext_noop("%(value)s is the name of several regions; write its code"), {"value": name})
        )
    else:
        problems.append(
            Problem("town", gettext_noop("%(value)s is none of your regions; write its name or code"), {"value": name})
        )
    return None


def _place(facts: Mapping[str, Any], geometry: Any, declared: str, problems: list[Problem]) -> GEOSGeometry | None:
    try:
        drawn = _drawn(facts, geometry)
        if drawn.is_empty:
            raise ValueError("empty")
        moved = shapely.transform(drawn, lambda pairs: np.array([to_storage(x, y, declared) for x, y in pairs]))
    except crs.CrsRefused as error:
        problems.append(Problem("geometry", gettext_noop("cannot be placed: %(why)s"), {"why": error}))
        return None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError):
        problems.append(
            Problem("geometry", gettext_noop("is no place; give numbers for both coordinates, or a GeoJSON geometry"))
        )
        return None
    return GEOSGeometry(moved.wkb_hex, srid=STORAGE_SRID)


def _drawn(facts: Mapping[str, Any], geometry: Any) -> BaseGeometry:
    if geometry is None:
        x, y = float(facts["x"]), float(facts["y"])
        if not (math.isfinite(x) and math.isfinite(y)):
            raise ValueError("not finite")
        return shapely.Point(x, y)
    if geometry.get("type") not in Shapes:
        raise ValueError("no shape")
    drawn = shapely.force_2d(shape(geometry))
    if not all(math.isfinite(value) for value in drawn.bounds):
        raise ValueError("not finite")
    return drawn


def _given(facts: Mapping[str, Any], problems: list[Problem]) -> RiskGiven | None:
    before = len(problems)
    for name in NEEDED:
        if name != "town" and not str(facts.get(name, "")).strip():
            problems.append(Problem(name, gettext_noop("is missing; fill it in")))
    kind, method = str(facts.get("kind", "")).strip(), str(facts.get("method", "")).strip()
    method = METHOD_WORDS.get(method.lower(), method)
    scores = _scores(facts, method, problems)
    day = _day(facts, problems)
    if len(problems) > before:
        return None
    text = {
        name: _text(facts.get(name))
        for name in ("code", "name", "responsible_unit", "responsible_person", "phone", "measures")
    }
    return RiskGiven(
        **text,
        kind=KIND_WORDS.get(kind, kind),
        method=method,
        scores=scores,
        direct_reason=str(facts.get("direct_reason", "")).strip() if method == "direct" else "",
        next_check_on=day,
    )


def _text(value: Any) -> str:
    """Return a cell as text; Excel keeps 13800000000 as a number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _scores(facts: Mapping[str, Any], method: str, problems: list[Problem]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for name in SCORES_OF.get(method, ()):
        value = facts.get(name)
        try:
            number = float(value)  # type: ignore[arg-type]
            scores[name] = int(number) if number.is_integer() else number
        except (TypeError, ValueError, OverflowError):
            words = {"value": value if value is not None else "—"}
            problems.append(Problem(name, gettext_noop("%(value)s is no number; take one of the table"), words))
    return scores


def _day(facts: Mapping[str, Any], problems: list[Problem]) -> date | None:
    value = facts.get("next_check_on")
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip().replace("/", "-"))
    except ValueError:
        problems.append(
            Problem("next_check_on", gettext_noop("%(value)s is no day; write it as 2026-12-31"), {"value": value})
        )
        return None
