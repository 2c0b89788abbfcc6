"""Rated loads, moments and counted lifts of a crane. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ChartRow = tuple[float, float]


class ChartRefused(ValueError):
    """A table of rated loads cannot be used; the message names the row and what to do."""


def read_chart(rows: Iterable[Sequence[float]]) -> tuple[ChartRow, ...]:
    """Return a table of (radius m, rated load t) with rising radii and loads that never rise. Raises ChartRefused."""
    chart: list[ChartRow] = []
    for number, row in enumerate(rows, start=1):
        if len(row) != 2 or not all(isinstance(v, int | float) and v > 0 for v in row):
            raise ChartRefused(f"Row {number} of the rated loads must be a radius and a load above 0, not {row!r}.")
        radius_m, load_t = float(row[0]), float(row[1])
        if chart and radius_m <= chart[-1][0]:
            raise ChartRefused(f"Row {number}: the radius {radius_m:g} m must be greater than the one before it.")
        if chart and load_t > chart[-1][1]:
            raise ChartRefused(f"Row {number}: the rated load {load_t:g} t is more than at a shorter radius.")
        chart.append((radius_m, load_t))
    return tuple(chart)


def rated_load_t(chart: Sequence[ChartRow], radius_m: float) -> float | None:
    """Return the rated load at a radius, straight between rows; the first row's inside it, None beyond the last."""
    if not chart or radius_m > chart[-1][0]:
        return None
    number = bisect_left([row[0] for row in chart], radius_m)
    if number == 0:
        return chart[0][1]
    (r0, q0), (r1, q1) = chart[number - 1], chart[number]
    return q0 + (q1 - q0) * (radius_m - r0) / (r1 - r0)


@dataclass(frozen=True, slots=True)
class LoadUse:
    """How much of what it may lift a crane lifts: load and moment in per cent, None where the table says nothing."""

    load_percent: float | None
    moment_percent: float | None
    moment_tm: float
    rated_t: float | None


def load_use(chart: Sequence[ChartRow], radius_m: float, load_t: float) -> LoadUse:
    """Return the use of a crane: load by the greatest rated load, moment by the rated moment at this radius."""
    rated = rated_load_t(chart, radius_m)
    moment = load_t * radius_m
    if rated is None:
        return LoadUse(None, None, moment, None)
    return LoadUse(100.0 * load_t / chart[0][1], 100.0 * load_t / rated, moment, rated)


def count_lift(loaded: bool, load_t: float, *, above_t: float) -> tuple[bool, bool]:
    """Return whether a load hangs now, and whether a lift began; half of the threshold ends it (hysteresis)."""
    if loaded:
        return load_t > above_t / 2.0, False
    return load_t > above_t, load_t > above_t
