"""The work-risk comparison chart (作业安全风险比较图) as SVG: one bar per activity inside the band of its grade. Pure.

D (LEC) and R (LS) have different scales, so a bar ends inside the band of its own grade, as far as its value lies
between the band's limits: bars of both methods can be compared, and the number stands at its end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from webmap.wording.grade_signs import SIGNS

Bands = Mapping[str, Mapping[int, tuple[float, float]]]
BANDS: Final = 4
LABEL_MM, PLOT_MM, SOURCES_MM = 50.0, 92.0, 44.0
WIDTH_MM: Final = LABEL_MM + PLOT_MM + SOURCES_MM
HEAD_MM: Final = 8.0
MOST_ROW_MM, LEAST_ROW_MM = 11.0, 4.4
ABOUT_MM: Final = LABEL_MM + PLOT_MM + 2
INK: Final = "#1b1b1b"
FONT: Final = 'font-family="Noto Sans CJK SC"'


@dataclass(frozen=True)
class Activity:
    """One bar: a work activity with its highest source. `value` 0 with grade 4 may be a direct judgement."""

    code: str
    name: str
    grade: int
    method: str
    value: float
    sources: int
    accident: str
    lead: str
    direct: bool = False

    @property
    def value_words(self) -> str:
        """Return how the number stands at the bar's end."""
        return f"{'D' if self.method == 'LEC' else 'R'}={self.value:g}"


def sorted_activities(activities: Sequence[Activity], bands: Bands) -> list[Activity]:
    """Return activities by grade, then by how far their value reaches into the grade's band, then by code."""
    return sorted(activities, key=lambda a: (-a.grade, -reach(a, bands), a.code))


def grade_bands(method: Mapping[str, Any], largest: float) -> dict[int, tuple[float, float]]:
    """Return {grade: (low, high)} of a method's bands; the open top band ends at the method's largest value."""
    found: dict[int, tuple[float, float]] = {}
    for band in method["bands"]:
        low, high = float(band["lo"]), float(largest if band["hi"] is None else band["hi"])
        known = found.get(band["grade"])
        found[band["grade"]] = (min(low, known[0]), max(high, known[1])) if known else (low, high)
    return found


def reach(activity: Activity, bands: Bands) -> float:
    """Return where a bar ends, 0 to 4 bands: logarithmic inside its band, whose start stays visible."""
    low, high = bands[activity.method][activity.grade]
    value = min(max(activity.value, low), high)
    inside = log(1 + value - low) / log(1 + high - low) if high > low else 1.0
    return activity.grade - 1 + 0.12 + 0.86 * inside


def row_height_mm(rows: int, room_mm: float) -> float:
    """Return the height of a row so that all fit the room, within what can be read."""
    return max(LEAST_ROW_MM, min(MOST_ROW_MM, (room_mm - HEAD_MM) / max(rows, 1)))


def chart_drawing(
    activities: Sequence[Activity],
    bands: Bands,
    *,
    row_mm: float,
    words: Mapping[str, str],
    grade_words: Mapping[int, str],
) -> str:
    """Return the chart as SVG in millimetres; `words` are its headings, `grade_words` the names of the grades."""
    height = HEAD_MM + row_mm * len(activities)
    band_mm = PLOT_MM / BANDS
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="{WIDTH_MM}mm" height="{height:.2f}mm" '
        f'viewBox="0 0 {WIDTH_MM} {height:.2f}" role="img" aria-label={quoteattr(words["title"])}>'
    ]
    for grade in range(1, BANDS + 1):
        x, sign = LABEL_MM + (grade - 1) * band_mm, SIGNS[grade]
        bold = f'font-weight="700" text-anchor="middle" fill="{sign.ink}"'
        parts += [
            f'<rect x="{x:.2f}" y="0" width="{band_mm:.2f}" height="{height:.2f}" fill="{sign.css}" '
            f'fill-opacity="0.09"/><rect x="{x:.2f}" y="0.8" width="{band_mm:.2f}" height="5.4" fill="{sign.css}"/>',
            _text(x + band_mm / 2, 4.7, 3.2, f"{sign.numeral} {grade_words[grade]}", bold),
        ]
    parts.append(_text(0, 4.7, 3.1, words["activity"], 'font-weight="700"'))
    parts.append(_text(ABOUT_MM, 4.7, 2.7, words["about"], 'font-weight="700"'))
    for index, activity in enumerate(activities):
        parts.append(_bar(activity, HEAD_MM + index * row_mm, row_mm, band_mm * reach(activity, bands), words))
    parts.append("</svg>")
    return "".join(parts)


def _text(x: float, y: float, size: float, words: str, more: str = "") -> str:
    return f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:.2f}" {FONT} {more}>{escape(words)}</text>'


def _bar(activity: Activity, y: float, row_mm: float, length: float, words: Mapping[str, str]) -> str:
    sign = SIGNS[activity.grade]
    size = min(3.0, row_mm * 0.5)
    base = y + row_mm / 2 + size * 0.36
    value = f"{words['direct']} · {activity.value_words}" if activity.direct else activity.value_words
    inside = length > 0.72 * PLOT_MM
    x = LABEL_MM + length + (-1.2 if inside else 1.2)
    ink, side = (sign.ink, "end") if inside else (INK, "start")
    about = " · ".join(part for part in (activity.accident, words["sources"] % activity.sources, activity.lead) if part)
    return "".join(
        [
            f'<path d="M0 {y:.2f}H{WIDTH_MM}" stroke="#d6dde5" stroke-width="0.15"/>',
            _text(0, base, size, shortened(activity.name, LABEL_MM - 2, size)),
            f'<rect class="bar" data-code={quoteattr(activity.code)} data-grade="{activity.grade}" x="{LABEL_MM}" '
            f'y="{y + row_mm * 0.16:.2f}" width="{length:.2f}" height="{row_mm * 0.68:.2f}" fill="{sign.css}" '
            f'stroke="{INK}" stroke-width="0.15"/>',
            _text(LABEL_MM + 1.2, base, size, sign.numeral, f'font-weight="700" fill="{sign.ink}"'),
            _text(x, base, size, value, f'text-anchor="{side}" fill="{ink}"'),
            _text(ABOUT_MM, base, size * 0.9, shortened(about, SOURCES_MM - 2, size * 0.9), 'fill="#3b4650"'),
        ]
    )


def text_width_mm(text: str, size_mm: float) -> float:
    """Return about how wide a text is: a Chinese character takes its size, a Latin one six tenths of it."""
    return sum(size_mm if ord(char) > 0x2E7F else 0.58 * size_mm for char in text)


def shortened(text: str, room_mm: float, size_mm: float) -> str:
    """Return a text that fits its room, with an ellipsis where it was cut."""
    if text_width_mm(text, size_mm) <= room_mm:
        return text
    while text and text_width_mm(text + "…", size_mm) > room_mm:
        text = text[:-1]
    return re.sub("[ ·、,,]+$", "", text) + "…"
