"""Charts as SVG: a line with the band of least and greatest, limit lines, and gaps that stay gaps. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from math import floor, log10
from zoneinfo import ZoneInfo

from spatial.observations.queries import Bucket

LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 26
TICK_STEPS = [timedelta(minutes=m) for m in (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14400)]


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit as the chart draws it: its level, its value in the unit of the chart, and what stands beside it."""

    level: str
    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The time and the size that a chart shows."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    width: int = 920
    height: int = 300


def chart(
    rows: Sequence[Bucket], frame: Frame, *, limits: Sequence[LimitLine] = (), gap: timedelta, label: str, unit: str
) -> str:
    """This function will return the chart of a datastream as SVG; `gap` is how long a pause breaks the line."""
    low, high = _range(rows, limits)
    x_of, y_of = _scales(frame, low, high)
    parts = [
        f'<svg class="chart" viewBox="0 0 {frame.width} {frame.height}" role="img" aria-label="{escape(label)}">',
        *_value_ticks(frame, low, high, y_of),
        *_time_ticks(frame, x_of),
        f'<text class="chart-unit" x="{LEFT - 6}" y="{TOP + 2}" text-anchor="end">{escape(unit)}</text>',
    ]
    for run in runs(rows, gap):
        upper = [f"{x_of(row.start):.1f},{y_of(row.maximum):.1f}" for row in run]
        lower = [f"{x_of(row.start):.1f},{y_of(row.minimum):.1f}" for row in reversed(run)]
        line = [f"{x_of(row.start):.1f},{y_of(row.mean):.1f}" for row in run]
        parts.append(f'<polygon class="chart-band" points="{" ".join([*upper, *lower])}"/>')
        if len(run) == 1:
            x, y = line[0].split(",")
            parts.append(f'<circle class="chart-dot" cx="{x}" cy="{y}" r="2"/>')
        parts.append(f'<polyline class="chart-line" points="{" ".join(line)}"/>')
    for limit in limits:
        y = y_of(limit.value)
        parts.append(
            f'<line class="chart-limit" data-level="{limit.level}" x1="{LEFT}" x2="{frame.width - RIGHT}" '
            f'y1="{y:.1f}" y2="{y:.1f}"/><text class="chart-limit-label" x="{frame.width - RIGHT - 4}" '
            f'y="{y - 4:.1f}" text-anchor="end">{escape(limit.label)}</text>'
        )
    return "".join([*parts, "</svg>"])


def sparkline(rows: Sequence[Bucket], start: datetime, end: datetime, *, gap: timedelta, label: str) -> str:
    """This function will return a small line of a datastream's hours as SVG."""
    width, height = 140, 32
    low, high = _range(rows, ())
    span = (end - start) / timedelta(seconds=1)

    def point(row: Bucket, value: float) -> str:
        x = 2 + (width - 4) * ((row.start - start) / timedelta(seconds=1)) / span
        return f"{x:.1f},{2 + (height - 4) * (high - value) / (high - low):.1f}"

    lines = [" ".join(point(row, row.mean) for row in run) for run in runs(rows, gap)]
    shapes = "".join(f'<polyline class="chart-line" points="{line}"/>' for line in lines)
    head = f'<svg class="sparkline" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'
    return f"{head}{shapes}</svg>"


def runs(rows: Sequence[Bucket], gap: timedelta) -> list[list[Bucket]]:
    """This function will split rows where nothing was measured for longer than `gap`."""
    found: list[list[Bucket]] = []
    for row in rows:
        if found and row.start - found[-1][-1].start <= gap:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def _range(rows: Sequence[Bucket], limits: Sequence[LimitLine]) -> tuple[float, float]:
    values = [value for row in rows for value in (row.minimum, row.maximum)] + [limit.value for limit in limits]
    low, high = min(values, default=0.0), max(values, default=1.0)
    margin = (high - low) * 0.08 or max(abs(high) * 0.1, 1.0)
    return (0.0 if 0 <= low <= margin else low - margin), high + margin


def _scales(frame: Frame, low: float, high: float):
    span = (frame.end - frame.start) / timedelta(seconds=1)
    width, height = frame.width - LEFT - RIGHT, frame.height - TOP - BOTTOM

    def x_of(moment: datetime) -> float:
        return LEFT + width * ((moment - frame.start) / timedelta(seconds=1)) / span

    def y_of(value: float) -> float:
        return TOP + height * (high - value) / (high - low)

    return x_of, y_of


def _value_ticks(frame: Frame, low: float, high: float, y_of) -> list[str]:
    raw = (high - low) / 5
    size = 10 ** floor(log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw)
    places = max(0, -floor(log10(step)))
    found, value = [], (low // step + 1) * step
    while value < high:
        y = y_of(value)
        found.append(
            f'<line class="chart-grid" x1="{LEFT}" x2="{frame.width - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="chart-tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.{places}f}</text>'
        )
        value += step
    return found


def _time_ticks(frame: Frame, x_of) -> list[str]:
    span = frame.end - frame.start
    step = next((step for step in TICK_STEPS if span / step <= 8), TICK_STEPS[-1])
    midnight = frame.start.astimezone(frame.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    moment, form, found = midnight, "%m-%d" if step >= timedelta(days=1) else "%H:%M", []
    while moment <= frame.end:
        if moment >= frame.start:
            x = x_of(moment)
            local = moment.astimezone(frame.zone)
            text = f"{local:%m-%d}" if form == "%H:%M" and (local.hour, local.minute) == (0, 0) else f"{local:{form}}"
            found.append(
                f'<line class="chart-grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{frame.height - BOTTOM}"/>'
                f'<text class="chart-tick" x="{x:.1f}" y="{frame.height - 8}" text-anchor="middle">{text}</text>'
            )
        moment += step
    return found
