"""Places, lines and periods as people write them in a form, read and written again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.gis.geos import LineString, Point
from django.utils.translation import gettext as _

STORAGE_SRID = 4490
_PLACE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[,，\s]\s*(-?\d+(?:\.\d+)?)\s*")
_PERIOD = re.compile(
    r"\s*(?:(?P<days>[1-7](?:\s*[-,，]\s*[1-7])*)\s+)?(?P<from>\d{1,2}:\d{2})\s*[-–~]\s*(?P<to>\d{1,2}:\d{2})"
    r"(?:\s+(?P<first>\d{4}-\d{2}-\d{2})?\s*(?:\.\.)\s*(?P<last>\d{4}-\d{2}-\d{2})?)?\s*"
)


class WritingRefused(ValueError):
    """What was written cannot be read; the message names the line."""


def read_place(text: str) -> Point | None:
    """Return "longitude, latitude" in degrees as a point; None for nothing. Raises WritingRefused."""
    if not text.strip():
        return None
    match = _PLACE.fullmatch(text)
    if match is None or not (-180 <= float(match[1]) <= 180 and -90 <= float(match[2]) <= 90):
        raise WritingRefused(
            _("“%(text)s” is not a place: write longitude, latitude in degrees, such as 113.768, 34.775.")
            % {"text": text.strip()}
        )
    return Point(float(match[1]), float(match[2]), srid=STORAGE_SRID)


def read_line(text: str) -> LineString | None:
    """Return places, one on each line, as a line; None for nothing. Raises WritingRefused."""
    places = [place for place in map(read_place, text.splitlines()) if place is not None]
    if len(places) == 1:
        raise WritingRefused(_("A line needs at least two places, one on each line of the field."))
    return LineString([place.coords for place in places], srid=STORAGE_SRID) if places else None


def write_line(line: LineString | None) -> str:
    """Return a line as places, one on each line."""
    return "\n".join(f"{x:.7f}, {y:.7f}" for x, y, *_rest in line.coords) if line else ""


def read_periods(text: str) -> list[dict[str, Any]]:
    """Return periods such as "1-5 07:00-19:00 2026-03-01..2026-06-30", one on each line. Raises WritingRefused."""
    found = []
    for number, line in enumerate(filter(str.strip, text.splitlines()), 1):
        match = _PERIOD.fullmatch(line)
        if match is None:
            raise WritingRefused(
                _("Line %(number)s, “%(line)s”: write weekdays, times and dates such as 1-5 07:00-19:00.")
                % {"number": number, "line": line.strip()}
            )
        times = {name: match[name].zfill(5) for name in ("from", "to")}
        found.append({"days": _days(match["days"]), **times, "first": match["first"], "last": match["last"]})
    return found


def write_periods(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return stored periods as lines."""
    lines = []
    for row in rows:
        days = ",".join(str(day) for day in row.get("days") or range(1, 8))
        dates = f" {row.get('first') or ''}..{row.get('last') or ''}" if row.get("first") or row.get("last") else ""
        lines.append(
            f"{days} {row['from']}-{row['to']}{dates}".replace("1,2,3,4,5,6,7", "1-7").replace("1,2,3,4,5 ", "1-5 ")
        )
    return "\n".join(lines)


def _days(text: str | None) -> list[int]:
    if not text:
        return list(range(1, 8))
    days: set[int] = set()
    for part in re.split(r"[,，]", text):
        first, _dash, last = (piece.strip() for piece in part.partition("-"))
        days |= set(range(int(first), int(last or first) + 1))
    return sorted(days)
