"""How near the last day of a paper or calibration is (V-01): a function of that day and today, no job needed. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "expiry_levels.json"


@dataclass(frozen=True, slots=True)
class Level:
    """A level of reminding: from `within_days` before the last day on (-1: the day after it)."""

    level: str
    within_days: int
    grade: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a paper stands today: days left to its last day (negative: days over), and its level if one is reached."""

    days_left: int
    level: Level | None

    @property
    def expired(self) -> bool:
        """Whether its last day is over."""
        return self.days_left < 0


@lru_cache(maxsize=1)
def default_levels() -> tuple[Level, ...]:
    """Return the levels of the data file, the most pressing first."""
    rows = json.loads(_FILE.read_text(encoding="utf-8"))["levels"]
    return tuple(sorted((Level(**row) for row in rows), key=lambda level: level.within_days))


def standing(last_day: date, today: date, levels: Sequence[Level] | None = None) -> Standing:
    """Return how something that is good up to and including `last_day` stands on `today`."""
    days_left = (last_day - today).days
    reached = [level for level in levels or default_levels() if days_left <= level.within_days]
    return Standing(days_left, min(reached, key=lambda level: level.within_days) if reached else None)


def first_reminder_days(levels: Sequence[Level] | None = None) -> int:
    """Return how many days before the last day the first reminder is due."""
    return max(level.within_days for level in levels or default_levels())
