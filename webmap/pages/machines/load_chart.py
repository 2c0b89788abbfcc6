"""The last day of a crane's loads and moments as SVG: sticks of five minutes, the limits as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .words import short

WIDTH, HEIGHT = 720.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 12.0, 14.0, 26.0
ALERT_PERCENT, LIMIT_PERCENT, HIGHEST_PERCENT = 90.0, 100.0, 120.0
TICK = timedelta(hours=4)


@dataclass(frozen=True)
class Stick:
    """Five minutes: place, height in the picture, and its numbers in words."""

    x: float
    y: float
    height: float
    how: str
    words: str


@dataclass(frozen=True)
class LoadChart:
    """What the template draws, in pixels with y downwards; `peak_t` is the greatest load of the day."""

    width: float
    height: float
    sticks: list[Stick]
    lines: list[tuple[str, float, str]]
    ticks: list[tuple[float, str]]
    baseline: float
    left: float
    right: float
    peak_t: float
    peak_percent: float | None


def load_chart(
    used: Sequence[tuple[datetime, float, float | None]], since: datetime, until: datetime, site: Any
) -> LoadChart | None:
    """Return the picture of loads (time, t, moment %), None where nothing was measured."""
    if not used:
        return None
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    period = (until - since).total_seconds()

    def across(moment: datetime) -> float:
        return round(LEFT + wide * (moment - since).total_seconds() / period, 1)

    def down(percent: float) -> float:
        return round(TOP + high * (1.0 - min(percent, HIGHEST_PERCENT) / HIGHEST_PERCENT), 1)

    sticks = []
    for moment, load_t, percent in used:
        if percent is None:
            continue
        how = "over" if percent >= LIMIT_PERCENT else "near" if percent >= ALERT_PERCENT else "good"
        words = f"{short(moment, site)} · {load_t:.2f} t · {percent:.0f} %"
        sticks.append(Stick(across(moment), down(percent), round(down(0.0) - down(percent), 1), how, words))
    first = since.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    ticks = []
    while first <= until:
        ticks.append((across(first), short(first, site)[-5:]))
        first += TICK
    percents = [percent for _, _, percent in used if percent is not None]
    return LoadChart(
        width=WIDTH,
        height=HEIGHT,
        sticks=sticks,
        lines=[("near", down(ALERT_PERCENT), "90 %"), ("over", down(LIMIT_PERCENT), "100 %")],
        ticks=ticks,
        baseline=down(0.0),
        left=LEFT,
        right=WIDTH - RIGHT,
        peak_t=max(load for _, load, _ in used),
        peak_percent=max(percents) if percents else None,
    )
