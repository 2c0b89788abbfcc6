"""Counts as rows of stacked bars: shares of a common scale, each piece with its link. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from spatial.risks.statistics import GRADES, Counts, TrendDay

Link = Callable[[int | None], str]
"""The address behind a figure: of one grade, or (None) of the whole row."""


@dataclass(frozen=True)
class Piece:
    """A part of a bar: its grade, count, share of the longest bar in per cent, and the list behind it."""

    grade: int
    count: int
    share: float
    url: str


@dataclass(frozen=True)
class Bar:
    """A named row of counts."""

    label: str
    total: int
    pieces: tuple[Piece, ...]
    url: str
    map_url: str = ""


@dataclass(frozen=True)
class Column:
    """A day of the trend: heights in per cent of the highest day, the gravest grade on top."""

    label: str
    total: int
    pieces: tuple[Piece, ...]


def bars(rows: Iterable[tuple[str, Counts, Link, str]]) -> list[Bar]:
    """Return rows of (label, counts, link, map address) as bars on one scale; empty rows are left out."""
    listed = [row for row in rows if sum(row[1].values())]
    longest = max((sum(counts.values()) for _, counts, _, _ in listed), default=0)
    return [
        Bar(label, sum(counts.values()), _pieces(counts, longest, link), link(None), map_url)
        for label, counts, link, map_url in listed
    ]


def _pieces(counts: Counts, longest: int, link: Link) -> tuple[Piece, ...]:
    return tuple(
        Piece(grade, counts[grade], round(100 * counts[grade] / longest, 3), link(grade))
        for grade in GRADES
        if counts.get(grade)
    )


def columns(days: Iterable[TrendDay]) -> list[Column]:
    """Return the days of a trend as columns on the scale of the highest day."""
    listed = list(days)
    highest = max((sum(day.counts.values()) for day in listed), default=0)
    return [
        Column(
            f"{day.day:%m-%d}", sum(day.counts.values()), _pieces(day.counts, highest, lambda _: "") if highest else ()
        )
        for day in listed
    ]


def worst_first(rows: Mapping[str, Counts]) -> list[tuple[str, Counts]]:
    """Return rows in the order of their gravest counts."""
    return sorted(rows.items(), key=lambda row: ([-row[1][grade] for grade in GRADES], row[0]))
