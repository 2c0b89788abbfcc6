"""What the signals of a device say in event time: since when a state holds, and which level of alarm it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from spatial.alarms.conditions import Change, Episode


@dataclass(frozen=True, slots=True, order=True)
class SignalFact:
    """One signal: its event time, whether it says that the state is over."""

    time: datetime
    ended: bool


def spans(signals: Iterable[SignalFact]) -> list[tuple[datetime, datetime | None]]:
    """This function will return from when to when a state held; a repeated start or end says nothing new.

    Of a start and an end of the same moment the end counts last.
    """
    found: list[tuple[datetime, datetime | None]] = []
    for signal in sorted(set(signals)):
        open_since = found[-1][0] if found and found[-1][1] is None else None
        if not signal.ended and open_since is None:
            found.append((signal.time, None))
        elif signal.ended and open_since is not None:
            found[-1] = (open_since, signal.time)
    return found


def merged(
    rows: Sequence[tuple[datetime, datetime | None]], pause: timedelta
) -> list[tuple[datetime, datetime | None]]:
    """This function will join spans whose pause is shorter than what clearing needs."""
    found: list[tuple[datetime, datetime | None]] = []
    for start, end in rows:
        if found and (before := found[-1][1]) is not None and start - before < pause:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def state_episodes(signals: Iterable[SignalFact], spec: Mapping[str, Any], now: datetime) -> list[Episode]:
    """This function will return the alarms that a state makes up to `now`.

    Each step of `spec` is reached when the state held for its `after_s`; the alarm ends `clear_after_s` after the
    state did. Nothing but the signals and `now` decides, so a device that falls silent raises its alarm all the same.
    """
    pause = timedelta(seconds=spec.get("clear_after_s", 0))
    found = []
    for start, end in merged(spans(signals), pause):
        over = end + pause if end is not None and end + pause <= now else None
        last = end if end is not None else now
        changes = [
            Change(start + timedelta(seconds=step["after_s"]), step["level"], None)
            for step in spec["steps"]
            if start + timedelta(seconds=step["after_s"]) <= min(last, now)
        ]
        if changes:
            found.append(Episode(tuple(changes), over))
    return found


def battery_level(percent: float, held: str | None, spec: Mapping[str, Any]) -> str | None:
    """This function will return the level of alarm of a battery, or None; `held` is the level that is active.

    It falls back to none only above `clear_percent`, and never from a higher to a lower level.
    """
    reached = [step["level"] for step in spec["steps"] if percent <= step["percent"]]
    if percent > spec["clear_percent"]:
        return None
    levels = [*reached, *([held] if held else [])]
    order = [step["level"] for step in spec["steps"]]
    return max(levels, key=order.index) if levels else None
