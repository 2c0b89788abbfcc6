"""When patrols are due, who may do them, and in which order a route is walked. Pure: no framework, no clock.

Sources: periods per grade and level from the edition (`patrol_periods`, spec/domain/01 1.6, C); CONTROL_MISSED more
than one period late (spec/domain/02 2.2, C).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

CLIMB_FACTOR = 4.0
"""Metres of walking that one metre of climbing counts for when a route is ordered (own choice, C)."""
MOST_IMPROVEMENTS = 60
PERIODS = ("shift", "day", "week", "month")
LEVELS = ("company", "project", "team", "post")
ROLES_OF_LEVEL: Mapping[str, frozenset[str]] = {
    "company": frozenset({"enterprise_safety", "enterprise_head"}),
    "project": frozenset({"project_manager", "site_safety", "enterprise_safety", "enterprise_head"}),
    "team": frozenset({"worker", "project_manager", "site_safety", "enterprise_safety", "enterprise_head"}),
    "post": frozenset({"worker", "project_manager", "site_safety", "enterprise_safety", "enterprise_head"}),
}
PLANNERS = frozenset({"project_manager", "site_safety", "enterprise_safety"})


@dataclass(frozen=True)
class Window:
    """One period of a patrol: from its start to its end, when the patrol is due."""

    start: datetime
    end: datetime


class Calendar:
    """The periods of a site: in its own time zone, shifts at the hours of the edition, weeks from Monday."""

    def __init__(self, time_zone: str, shift_starts: Sequence[str]) -> None:
        self.zone = ZoneInfo(time_zone)
        self.shifts = sorted(time.fromisoformat(text) for text in shift_starts)

    def _at(self, day: date, clock: time = time(0)) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.zone)

    def _starts(self, period: str, day: date) -> Iterator[datetime]:
        """Yield starts of the period around a day, rising: enough to hold any moment of that day and the next end."""
        if period == "shift":
            for offset in (-1, 0, 1, 2):
                for clock in self.shifts:
                    yield self._at(day + timedelta(days=offset), clock)
        elif period == "day":
            for offset in (-1, 0, 1, 2):
                yield self._at(day + timedelta(days=offset))
        elif period == "week":
            monday = day - timedelta(days=day.weekday())
            for offset in (-7, 0, 7, 14):
                yield self._at(monday + timedelta(days=offset))
        elif period == "month":
            for offset in (-1, 0, 1, 2):
                months = day.year * 12 + day.month - 1 + offset
                yield self._at(date(months // 12, months % 12 + 1, 1))
        else:
            raise ValueError(f"{period!r} is not a period; the periods are {', '.join(PERIODS)}.")

    def window(self, period: str, moment: datetime) -> Window:
        """Return the period that a moment lies in; its end is the start of the next."""
        starts = list(self._starts(period, moment.astimezone(self.zone).date()))
        for start, end in itertools.pairwise(starts):
            if start <= moment < end:
                return Window(start, end)
        raise ValueError(f"{moment} lies in no {period}.")

    def next_window(self, period: str, window: Window) -> Window:
        """Return the period after another."""
        return self.window(period, window.end)

    def missed_from(self, period: str, due_at: datetime) -> datetime:
        """Return from when a patrol counts as missed: one whole period after it was due."""
        return self.window(period, due_at).end

    def ends_between(self, period: str, first_due: datetime, until: datetime) -> int:
        """Return how many periods ended from a due moment until a moment, both included."""
        count, end = 0, first_due
        while end <= until:
            count += 1
            end = self.window(period, end).end
        return count


def periods_of(grade: int, table: Mapping[str, Any]) -> dict[str, str]:
    """Return {level: period} of a grade from the edition's `patrol_periods`."""
    return dict(table["by_grade"].get(str(grade), {}))


def _length(a: Sequence[float], b: Sequence[float]) -> float:
    return math.hypot(a[0] - b[0], a[1] - b[1], (a[2] - b[2]) * CLIMB_FACTOR)


def tour_length(points: Sequence[Sequence[float]], order: Iterable[int], start: Sequence[float] | None = None) -> float:
    """Return the length of a walk through points (east, north, height in metres) in an order, without the climb."""
    walk = [points[index] for index in order]
    if start is not None:
        walk = [start, *walk]
    return sum(math.dist(a, b) for a, b in itertools.pairwise(walk))


def shortest_tour(points: Sequence[Sequence[float]], start: Sequence[float] | None = None) -> list[int]:
    """Return an order to walk points in: nearest neighbour, then 2-opt until nothing gets shorter.

    Points are (east, north, height) in metres. The walk begins at the point nearest to `start` (else at the first)
    and need not return. Equal input gives an equal order.
    """
    if not points:
        return []
    first = 0 if start is None else min(range(len(points)), key=lambda index: (_length(points[index], start), index))
    order, left = [first], set(range(len(points))) - {first}
    while left:
        here = points[order[-1]]
        nearest = min(left, key=lambda index: (_length(points[index], here), index))
        order.append(nearest)
        left.remove(nearest)
    return _two_opt(points, order)


def _two_opt(points: Sequence[Sequence[float]], order: list[int]) -> list[int]:
    """Turn parts of an open walk round while that makes it shorter; the first point stays the first."""
    for _ in range(MOST_IMPROVEMENTS):
        improved = False
        for i in range(1, len(order) - 1):
            for j in range(i + 1, len(order)):
                before, first, last = points[order[i - 1]], points[order[i]], points[order[j]]
                gain = _length(before, first) - _length(before, last)
                if j + 1 < len(order):
                    after = points[order[j + 1]]
                    gain += _length(last, after) - _length(first, after)
                if gain > 1e-9:
                    order[i : j + 1] = reversed(order[i : j + 1])
                    improved = True
        if not improved:
            break
    return order


def may_patrol(level: str, roles: Iterable[str]) -> bool:
    """Return whether somebody with these roles may do a patrol of a level: that level or one above it."""
    return bool(ROLES_OF_LEVEL[level] & set(roles))
