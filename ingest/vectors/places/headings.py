"""Which columns a kind of place has, and which heading of a file is most likely which. Pure but for the labels."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from django.utils.translation import gettext_noop

Value = Literal["text", "number", "whole", "choice", "shape"]
_ASIDE: Final = re.compile(r"[((\[【].*?[))\]】]")


@dataclass(frozen=True)
class Column:
    """One field of a kind of place: its key, its label and what it holds; the headings people use are data."""

    key: str
    label: str
    value: Value = "text"
    required: bool = False
    longest: int = 120
    hint: str = ""


def normal(heading: str) -> str:
    """Return a heading as it is compared: half width, lower case, without unit, spaces and signs."""
    plain = _ASIDE.sub("", unicodedata.normalize("NFKC", heading)).casefold()
    return re.sub(r"[\s_*:\-./]+", "", plain)


_OUTLINE: Final = Column("wkt", gettext_noop("Outline (WKT)"), "shape")
COLUMNS: Final[dict[str, tuple[Column, ...]]] = {
    "regions": (
        Column("code", gettext_noop("Code"), required=True, longest=32),
        Column("name", gettext_noop("Name"), required=True),
        Column(
            "level",
            gettext_noop("Level"),
            "choice",
            hint=gettext_noop("Province, city, district or town; empty: told by the code."),
        ),
        Column("parent", gettext_noop("Part of (code)"), longest=32, hint=gettext_noop("Empty: told by the code.")),
        Column("source", gettext_noop("Source of the boundary"), longest=200),
        _OUTLINE,
    ),
    "organisations": (
        Column("code", gettext_noop("Unified social credit code"), longest=32),
        Column("name", gettext_noop("Name"), required=True),
        Column(
            "kind",
            gettext_noop("Kind"),
            "choice",
            hint=gettext_noop("Enterprise, authority or service organisation; empty: enterprise."),
        ),
        Column("parent", gettext_noop("Part of (code or name)")),
    ),
    "sites": (
        Column("code", gettext_noop("Code"), required=True, longest=40),
        Column("name", gettext_noop("Name"), required=True),
        Column("organisation", gettext_noop("Organisation (code or name)"), required=True),
        Column("region", gettext_noop("Region (code or name)")),
        Column(
            "phase",
            gettext_noop("Phase"),
            "choice",
            hint=gettext_noop("Planned, under construction, work suspended or closed; empty: under construction."),
        ),
        Column(
            "projected_srid",
            gettext_noop("Coordinate system of the site (EPSG)"),
            "whole",
            hint=gettext_noop("Empty: the 3° Gauss-Krüger zone of its place."),
        ),
        Column("ground_height_m", gettext_noop("Ground height (m, 1985 Yellow Sea)"), "number"),
        Column("geoid_offset_m", gettext_noop("Geoid offset N (m)"), "number"),
        Column("people_count", gettext_noop("People on site"), "whole"),
        _OUTLINE,
        Column("x", gettext_noop("East or longitude"), "number"),
        Column("y", gettext_noop("North or latitude"), "number"),
    ),
    "structure": (
        Column("building", gettext_noop("Building"), required=True),
        Column("zero_level_m", gettext_noop("±0.000 of the building (m, 1985 Yellow Sea)"), "number"),
        Column("storey", gettext_noop("Storey"), hint=gettext_noop("Empty: the row is the building itself.")),
        Column("elevation_m", gettext_noop("Floor height (m, 1985 Yellow Sea)"), "number"),
        Column("storey_top_m", gettext_noop("Top of the storey (m, 1985 Yellow Sea)"), "number"),
        Column("index", gettext_noop("Order from below"), "whole"),
        Column(
            "number",
            gettext_noop("Number of the space"),
            longest=40,
            hint=gettext_noop("Empty: the row is the storey itself."),
        ),
        Column("name", gettext_noop("Name of the space")),
        Column("bottom_m", gettext_noop("From (m, 1985 Yellow Sea)"), "number"),
        Column("top_m", gettext_noop("To (m, 1985 Yellow Sea)"), "number"),
        _OUTLINE,
    ),
}
HEADINGS: Final[dict[str, dict[str, list[str]]]] = json.loads(
    Path(__file__).with_name("headings.json").read_text(encoding="utf-8")
)


def known_headings(kind: str) -> frozenset[str]:
    """Return every normalised heading of a kind, to find the heading row of a sheet by."""
    columns = COLUMNS[kind]
    labels = [*(column.label for column in columns), *(column.key for column in columns)]
    return frozenset(
        normal(text) for text in [*labels, *(name for column in columns for name in HEADINGS[kind][column.key])]
    )


def guess_columns(kind: str, headings: Iterable[str], *, chinese: dict[str, str] | None = None) -> dict[str, str]:
    """Return {field: heading} as good as can be told: the label itself, a known heading, or a part of one.

    `chinese` are the labels in the reader's language, as our own templates and exports write them.
    """
    given = {normal(heading): heading for heading in reversed(list(headings)) if normal(heading)}
    found: dict[str, str] = {}

    def take(key: str, heading: str | None) -> None:
        if heading is not None and key not in found and heading not in found.values():
            found[key] = heading

    for column in COLUMNS[kind]:
        labels = (column.key, column.label, (chinese or {}).get(column.key, column.label))
        take(column.key, next((given[normal(text)] for text in labels if normal(text) in given), None))
    for column in COLUMNS[kind]:
        take(column.key, next((given[name] for name in HEADINGS[kind][column.key] if name in given), None))
    for column in COLUMNS[kind]:
        long = [name for name in HEADINGS[kind][column.key] if len(name) > 1 and not (name.isascii() and len(name) < 4)]
        parts = (heading for text, heading in given.items() for name in long if name in text)
        take(column.key, next((heading for heading in parts if heading not in found.values()), None))
    return found


AMBIGUOUS: Final = frozenset({"x", "y", "x坐标", "y坐标", "坐标x", "坐标y", "横坐标", "纵坐标"})


def settle_axes(mapping: dict[str, str], rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return a mapping whose x is east and y is north: headings that say only X and Y are told by their values.

    On Chinese survey sheets X is north, in GIS tables it is east. Headings that say east or longitude are believed.
    """
    if not {"x", "y"} <= mapping.keys() or not {normal(mapping["x"]), normal(mapping["y"])} <= AMBIGUOUS:
        return mapping
    for values in rows:
        first, second = values.get(mapping["x"]), values.get(mapping["y"])
        if isinstance(first, int | float) and isinstance(second, int | float):
            northing = 2e6 <= first <= 6e6 and not 2e6 <= second <= 6e6
            latitude = 3 <= first <= 54 and 73 <= second <= 136
            if northing or latitude:
                return {**mapping, "x": mapping["y"], "y": mapping["x"]}
            return mapping
    return mapping
