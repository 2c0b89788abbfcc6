"""What the signals of a device say in event time: since when a state holds, and which level of alarm it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from spatial.alarms.conditions import Change, Episode

Span = tuple[datetime, datetime | None]
"""From a moment on until another (not included); None while nothing ended it."""
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class SignalFact:
    """One signal: its event time, whether it says that the state is over."""

    time: datetime
    ended: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """When a state counts (None: always), and when it is graver."""

    within: Sequence[Span] | None = None
    graver: Sequence[Span] = ()


def spans(signals: Iterable[SignalFact]) -> list[Span]:
    """This function will return from when to when a state held; a repeated start or end says nothing new.

    Of a start and an end of the same moment the end counts last.
    """
    found: list[Span] = []
    for signal in sorted(set(signals)):
        open_since = found[-1][0] if found and found[-1][1] is None else None
        if not signal.ended and open_since is None:
            found.append((signal.time, None))
        elif signal.ended and open_since is not None:
            found[-1] = (open_since, signal.time)
    return found


def common(one: Sequence[Span], two: Sequence[Span]) -> list[Span]:
    """This function will return when both of two rows of spans hold."""
    found: list[Span] = []
    for first, last in one:
        for start, end in two:
            begin, finish = max(first, start), min(last or _NEVER, end or _NEVER)
            if begin < finish:
                found.append((begin, None if finish == _NEVER else finish))
    return sorted(found, key=lambda span: span[0])


def without(rows: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """This function will return spans less others."""
    left = list(rows)
    for start, end in taken:
        left = [
            piece
            for first, last in left
            for piece in ((first, min(last or _NEVER, start)), (max(first, end or _NEVER), last))
            if piece[0] < (piece[1] or _NEVER)
        ]
    return sorted(left, key=lambda span: span[0])


def merged(rows: Sequence[Span], pause: timedelta) -> list[Span]:
    """This function will join spans whose pause is shorter than what clearing needs."""
    found: list[Span] = []
    for start, end in rows:
        if found and (before := found[-1][1]) is not None and start - before < pause:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def state_episodes(
    signals: Iterable[SignalFact], spec: Mapping[str, Any], now: datetime, around: Surroundings | None = None
) -> list[Episode]:
    """This function will return the alarms that a state makes up to `now`.

    Each step of `spec` is reached when the state held for its `after_s`; the alarm ends `clear_after_s` after the
    state did. Nothing but the signals, `around` and `now` decides, so a device that falls silent raises its alarm all
    the same. Where `spec` says `counting` "holds", a state is over where it does not count; where it says "begins",
    only its beginning must lie where it counts, and the first step must be reached there: an alarm that was raised
    stays when the shift ends.
    """
    around = around or Surroundings()
    pause = timedelta(seconds=spec.get("clear_after_s", 0))
    states = merged(spans(signals), pause)
    if around.within is not None:
        if spec.get("counting") == "begins":
            states = _beginning_within(states, around.within, timedelta(seconds=spec["steps"][0]["after_s"]), now)
        else:
            states = merged(common(states, around.within), pause)
    found = []
    for start, end in states:
        over = end + pause if end is not None and end + pause <= now else None
        last = min(end if end is not None else now, now)
        changes = [
            Change(start + timedelta(seconds=step["after_s"]), step["level"], None)
            for step in spec["steps"]
            if start + timedelta(seconds=step["after_s"]) <= last
        ]
        if changes:
            graver = _graver(changes, last, spec["higher"], around.graver) if spec.get("higher") else changes
            found.append(Episode(tuple(graver), over))
    return found


def _beginning_within(states: Sequence[Span], within: Sequence[Span], first: timedelta, now: datetime) -> list[Span]:
    """Return states from where they begin to count, those that count for the time of the first step."""
    found: list[Span] = []
    for start, end in states:
        for begin, finish in common([(start, end)], within):
            if min(finish or _NEVER, now) - begin >= first:
                found.append((begin, end))
                break
    return found


def _graver(changes: list[Change], last: datetime, level: str, spans_: Sequence[Span]) -> list[Change]:
    """Return changes of level with that to `level` from when the state was graver on; it does not fall again."""
    begin = changes[0].time
    at = min((max(begin, start) for start, end in spans_ if max(begin, start) < min(end or _NEVER, last)), default=None)
    if at is None:
        return changes
    return [*(change for change in changes if change.time < at), Change(at, level, None)]  # type: ignore[arg-type]


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
