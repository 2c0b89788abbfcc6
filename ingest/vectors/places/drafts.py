"""Rows of a table as drafts of places: values checked, shapes in EPSG:4490; and what is wrong with the rest."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import shapely
from django.utils.translation import gettext_noop
from shapely.geometry.base import BaseGeometry

from ingest.vectors.places.coordinates import to_storage
from ingest.vectors.places.headings import COLUMNS, Column
from ingest.vectors.places.problems import FieldRefused, Problem
from ingest.vectors.places.tables import Row, Table
from spatial.places.models import Organisation, Region, Site

_UNIT: Final = re.compile(r"\s*(?:m|米|人)$", re.IGNORECASE)
WORDS: Final[dict[str, dict[str, list[str]]]] = json.loads(
    Path(__file__).with_name("choice_words.json").read_text(encoding="utf-8")
)
CHOICES: Final = {
    ("regions", "level"): Region.Level,
    ("organisations", "kind"): Organisation.Kind,
    ("sites", "phase"): Site.Phase,
}


@dataclass(frozen=True)
class Draft:
    """One row as it would be stored: only what the row says, by field; `shape` in EPSG:4490."""

    row: int
    values: Mapping[str, Any]
    shape: BaseGeometry | None = None
    repaired_m2: float | None = None


@dataclass
class Drafts:
    """What could be read of a table, and every problem of what could not."""

    good: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_drafts(kind: str, table: Table, mapping: Mapping[str, str], *, datum: str, repair: bool) -> Drafts:
    """This function will read every row of a table; a row with any problem is no draft."""
    found = Drafts()
    first: dict[Any, int] = {}
    for row in table.rows:
        problems = [row.fault] if row.fault else []
        values = _values(kind, row, mapping, problems)
        shape, repaired = _shape(kind, row, values, datum, repair, problems)
        key = key_of(kind, values)
        if not problems and first.setdefault(key, row.number) != row.number:
            sentence = gettext_noop("%(key)s is in row %(other)s already: keep one of the two.")
            shown = " / ".join(key) if isinstance(key, tuple) else key
            problems.append(Problem(row.number, key_field(kind, values), sentence, {"key": shown, "other": first[key]}))
        if problems:
            found.problems.extend(problems)
        else:
            found.good.append(Draft(row.number, values, shape, repaired))
    return found


def key_field(kind: str, values: Mapping[str, Any]) -> str:
    """Return the field that tells one place of a kind from another."""
    if kind == "structure":
        return "number" if values.get("number") else ("storey" if values.get("storey") else "building")
    return "name" if kind == "organisations" and not values.get("code") else "code"


def key_of(kind: str, values: Mapping[str, Any]) -> Any:
    """Return what tells one place of a kind from another."""
    if kind == "structure":
        names = (str(values.get(name, "")) for name in ("building", "storey", "number"))
        return tuple(name for name in names if name)
    return values.get(key_field(kind, values))


def _values(kind: str, row: Row, mapping: Mapping[str, str], problems: list[Problem]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in COLUMNS[kind]:
        given = row.values.get(mapping.get(column.key, ""), "")
        if given == "" or (column.key == "parent" and str(given) == "0"):  # 0 stands for the top in official lists
            if column.required:
                problems.append(Problem(row.number, column.key, gettext_noop("is missing.")))
            continue
        try:
            values[column.key] = _value(kind, column, given)
        except FieldRefused as refusal:
            problems.append(refusal.at(row.number))
    if kind == "structure" and values.get("number") and not values.get("storey"):
        problems.append(Problem(row.number, "storey", gettext_noop("is missing: a space lies on a storey.")))
    return values


def _value(kind: str, column: Column, given: Any) -> Any:
    if column.value in ("number", "whole"):
        return _number(column, given)
    text = str(given).strip()
    if column.value == "choice":
        known = {word: value for value, words in WORDS[f"{kind}.{column.key}"].items() for word in words}
        labels = {str(label).casefold(): value for value, label in CHOICES[(kind, column.key)].choices}
        choice = known.get(text.casefold()) or labels.get(text.casefold())
        if choice is None:
            words = ", ".join(f"{value} / {names[1]}" for value, names in WORDS[f"{kind}.{column.key}"].items())
            raise FieldRefused(
                column.key, gettext_noop("%(text)s is not one of %(words)s."), {"text": text, "words": words}
            )
        return choice
    if column.value == "text" and len(text) > column.longest:
        raise FieldRefused(
            column.key, gettext_noop("is longer than %(limit)s characters: shorten it."), {"limit": column.longest}
        )
    if kind == "regions" and column.key in ("code", "parent"):
        return canonical_code(text)
    if kind == "sites" and column.key == "code" and not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise FieldRefused(
            "code",
            gettext_noop("%(text)s cannot be part of an address: use Latin letters, digits, - and _."),
            {"text": text},
        )
    return text


def _number(column: Column, given: Any) -> float | int:
    try:
        if isinstance(given, str):
            given = float(_UNIT.sub("", unicodedata.normalize("NFKC", given).replace(",", "").replace("EPSG:", "")))
        number = float(given)
    except (TypeError, ValueError) as error:
        raise FieldRefused(column.key, gettext_noop("%(text)s is not a number."), {"text": given}) from error
    if not math.isfinite(number):
        raise FieldRefused(column.key, gettext_noop("%(text)s is not a number."), {"text": given})
    if column.value == "number":
        return number
    if number != int(number) or abs(number) > 2_000_000_000:
        raise FieldRefused(column.key, gettext_noop("%(text)s is not a whole number."), {"text": given})
    return int(number)


def canonical_code(text: str) -> str:
    """Return an official code of an area in its short form: 6 digits, 9 for a town; other codes as they are."""
    if not text.isdigit():
        return text
    if len(text) in (2, 4):
        return text.ljust(6, "0")
    if len(text) == 12 and text.endswith("000000"):
        return text[:6]
    return text[:9] if len(text) == 12 and text.endswith("000") else text


def _shape(
    kind: str, row: Row, values: dict[str, Any], datum: str, repair: bool, problems: list[Problem]
) -> tuple[BaseGeometry | None, float | None]:
    if kind == "organisations":
        return None, None
    wkt, x, y = values.pop("wkt", None), values.pop("x", None), values.pop("y", None)
    try:
        shape = row.shape
        if shape is None and wkt:
            shape = _from_wkt(wkt)
        if shape is None and (x is not None or y is not None):
            if any(problem.field in ("x", "y") for problem in problems):
                return None, None
            if x is None or y is None:
                lacking = "x" if x is None else "y"
                raise FieldRefused(lacking, gettext_noop("is missing: a place has both coordinates."))
            shape = shapely.Point(x, y)
        return (None, None) if shape is None else _placed(kind, shape, datum, repair)
    except FieldRefused as refusal:
        problems.append(refusal.at(row.number))
        return None, None


def _from_wkt(text: str) -> BaseGeometry:
    try:
        return shapely.force_2d(shapely.from_wkt(text))
    except shapely.errors.ShapelyError as error:
        raise FieldRefused("wkt", gettext_noop("is not WKT: %(why)s."), {"why": str(error)[:80]}) from error


def _placed(kind: str, shape: BaseGeometry, datum: str, repair: bool) -> tuple[BaseGeometry, float | None]:
    """Return a shape as this kind has it, in EPSG:4490, and by how much a repair changed its area (m²)."""
    if isinstance(shape, shapely.MultiPoint) and len(shape.geoms) == 1:
        shape = shape.geoms[0]
    wanted = ("Polygon", "MultiPolygon", "Point") if kind == "sites" else ("Polygon", "MultiPolygon")
    if shape.geom_type not in wanted:
        raise FieldRefused("geometry", gettext_noop("must be a polygon, not a %(kind)s."), {"kind": shape.geom_type})
    placed = to_storage(shape, datum)
    if placed.geom_type == "Point":
        return placed, None
    placed, repaired = _valid(placed, repair)
    parts = shapely.MultiPolygon([placed]) if isinstance(placed, shapely.Polygon) else placed
    assert isinstance(parts, shapely.MultiPolygon)
    if kind != "sites":
        return parts, repaired
    if len(parts.geoms) > 1:
        sentence = gettext_noop("has %(count)s parts, but a site has one boundary: keep the outer one.")
        raise FieldRefused("geometry", sentence, {"count": len(parts.geoms)})
    return parts.geoms[0], repaired


def _valid(shape: BaseGeometry, repair: bool) -> tuple[BaseGeometry, float | None]:
    if shape.is_valid and shape.area > 0:
        return shape, None
    if shape.is_valid:
        raise FieldRefused("geometry", gettext_noop("has no area."))
    reason = shapely.is_valid_reason(shape)
    if not repair:
        sentence = gettext_noop(
            "the boundary crosses itself (%(reason)s): correct it, or allow repairs and look again."
        )
        raise FieldRefused("geometry", sentence, {"reason": reason})
    mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if mended.geom_type not in ("Polygon", "MultiPolygon") or mended.is_empty:
        raise FieldRefused(
            "geometry", gettext_noop("cannot be repaired (%(reason)s): draw it anew."), {"reason": reason}
        )
    return mended, area_m2(mended) - area_m2(shape)


def area_m2(shape: BaseGeometry) -> float:
    """Return the area of a shape in degrees, near enough for a preview (plane, at its own latitude)."""
    return float(shape.area) * 111_132.0**2 * math.cos(math.radians(shape.centroid.y))
