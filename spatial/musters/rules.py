"""Who is safe and who is missing. Pure: the time is an argument."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

State = Literal["safe_ticked", "safe_here", "moving", "silent", "never_seen"]
MISSING: tuple[State, ...] = ("silent", "never_seen", "moving")


@dataclass(frozen=True, slots=True)
class LastFix:
    """The newest fix of somebody: when, on which storey, in which zone, and whether that is an assembly area."""

    at: datetime
    silent: bool
    storey: str
    storey_height_m: float | None
    assembly: str
    lon: float
    lat: float
    height_m: float


def state_of(*, ticked: bool, fix: LastFix | None, started_at: datetime) -> State:
    """This function will tell how somebody stands in a muster.

    A person's word counts before a position. A fix in an assembly area counts only when it was made after the muster
    began; one that is older says where somebody was, not that they came.
    """
    if ticked:
        return "safe_ticked"
    if fix is None:
        return "never_seen"
    if fix.assembly and fix.at >= started_at:
        return "safe_here"
    return "silent" if fix.silent else "moving"


def is_safe(state: State) -> bool:
    """This function will tell whether a state means that nobody has to look for this person."""
    return state in ("safe_ticked", "safe_here")


def where_missing(places: Iterable[tuple[str, float | None]]) -> list[tuple[str, int]]:
    """This function will count the missing by their last probable storey, the lowest first, unknown places last."""
    listed = list(places)
    heights = {name: height for name, height in listed if height is not None}
    counts = Counter(name for name, _ in listed)
    return sorted(counts.items(), key=lambda item: (item[0] not in heights, heights.get(item[0], 0.0), item[0]))


def lasted(started_at: datetime, until: datetime) -> timedelta:
    """This function will return how long a muster has run, to the second."""
    return timedelta(seconds=int((until - started_at).total_seconds()))
