"""Attendance from moments inside and outside the fence: stays, breaks, days; gaps of posts. Pure, no clock.

Everything is computed from marks of five minutes that hold earliest and latest moments, so the order in which
positions came does not matter and a late one corrects the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from spatial.people.shift_rules import ShiftSpan

BUCKET = timedelta(minutes=5)
UNSEEN = timedelta(minutes=30)
"""Nothing heard of somebody inside for longer than this is told apart from having been there (C, practice)."""
SEEN_NOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Mark:
    """Earliest and latest moments inside and outside within five minutes."""

    first_inside: datetime | None = None
    last_inside: datetime | None = None
    first_outside: datetime | None = None
    last_outside: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """From the first to the last moment inside; `left` when a moment outside came after it. `unseen` is the time
    within it in which nothing was heard."""

    came_at: datetime
    last_at: datetime
    left: bool
    unseen: timedelta


@dataclass(frozen=True, slots=True)
class Day:
    """The attendance of one person in one span of a shift (None: outside of every shift), as the fence saw it."""

    day: date
    span: ShiftSpan | None
    came_at: datetime | None
    left_at: datetime | None
    inside: timedelta
    breaks: tuple[tuple[datetime, datetime], ...]
    unseen: timedelta
    late: timedelta
    early: timedelta
    standing: str


def bucket_of(at: datetime) -> datetime:
    """Return the beginning of the five minutes that hold a moment."""
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute - at.minute % 5, second=0, microsecond=0)


def moments(marks: Iterable[Mark]) -> list[tuple[datetime, bool]]:
    """Return the moments of marks in order, with whether they were inside."""
    found = set()
    for mark in marks:
        for at in (mark.first_inside, mark.last_inside):
            if at is not None:
                found.add((at, True))
        for at in (mark.first_outside, mark.last_outside):
            if at is not None:
                found.add((at, False))
    return sorted(found)


def stays(seen: Iterable[tuple[datetime, bool]]) -> list[Stay]:
    """Return the stays of somebody from moments in order."""
    found: list[Stay] = []
    came = last = None
    unseen = timedelta(0)
    for at, inside in seen:
        if inside:
            if came is None or last is None:
                came, unseen = at, timedelta(0)
            elif at - last > UNSEEN:
                unseen += at - last
            last = at
        elif came is not None and last is not None:
            found.append(Stay(came, last, True, unseen))
            came = last = None
    if came is not None and last is not None:
        found.append(Stay(came, last, False, unseen))
    return found


def attend(seen: Sequence[tuple[datetime, bool]], day: date, span: ShiftSpan | None, now: datetime) -> Day:
    """Return the attendance in a span from the moments that belong to it.

    `standing`: `later` before the shift, `absent`, `here`, `unseen` (nothing heard since long, no leaving seen),
    `left`.
    """
    found = stays(seen)
    breaks = tuple((one.last_at, two.came_at) for one, two in pairwise(found))
    inside = sum((stay.last_at - stay.came_at - stay.unseen for stay in found), timedelta(0))
    unseen = sum((stay.unseen for stay in found), timedelta(0))
    came = found[0].came_at if found else None
    last = found[-1] if found else None
    left = last.last_at if last and (last.left or _is_over(span, last, now)) else None
    zero = timedelta(0)
    late = max(zero, came - span.starts_at) if span and came else zero
    early = max(zero, span.ends_at - left) if span and left and now >= left else zero
    return Day(day, span, came, left, inside, breaks, unseen, late, early, _standing(span, last, left, now))


def _is_over(span: ShiftSpan | None, last: Stay, now: datetime) -> bool:
    end = span.closes_at if span else last.last_at + timedelta(hours=4)
    return now >= end


def _standing(span: ShiftSpan | None, last: Stay | None, left: datetime | None, now: datetime) -> str:
    if last is None:
        return "later" if span and now < span.starts_at else "absent"
    if left is not None:
        return "left"
    return "here" if now - last.last_at <= UNSEEN else "unseen"


def split(
    seen: Iterable[tuple[datetime, bool]], spans: Sequence[ShiftSpan]
) -> tuple[dict[ShiftSpan, list[tuple[datetime, bool]]], list[tuple[datetime, bool]]]:
    """Return the moments by the span they belong to, and those of no span; a shift's own time goes before what is
    allowed around another one."""
    by_span: dict[ShiftSpan, list[tuple[datetime, bool]]] = {span: [] for span in spans}
    rest: list[tuple[datetime, bool]] = []
    for at, inside in seen:
        holding = [span for span in spans if span.opens_at <= at < span.closes_at]
        within = [span for span in holding if span.starts_at <= at < span.ends_at]
        chosen = next(iter(within or holding), None)
        (rest if chosen is None else by_span[chosen]).append((at, inside))
    for before, after in pairwise(spans):
        _hand_over(by_span, before, after)
    return by_span, rest


def _hand_over(by_span: dict[ShiftSpan, list[tuple[datetime, bool]]], before: ShiftSpan, after: ShiftSpan) -> None:
    """Give who only came early for the later of two shifts that meet, or only left late from the earlier one, to the
    shift they worked."""
    early, late = by_span[before], by_span[after]
    if early and late and all(at >= after.opens_at for at, inside in early if inside):
        moved = [one for one in early if one[0] >= after.opens_at]
        by_span[before] = [one for one in early if one[0] < after.opens_at]
        by_span[after] = moved + late
    elif early and late and all(at < before.closes_at for at, inside in late if inside):
        moved = [one for one in late if one[0] < before.closes_at]
        by_span[after] = [one for one in late if one[0] >= before.closes_at]
        by_span[before] = early + moved


def time_inside(seen: Iterable[tuple[datetime, bool]], start: datetime, end: datetime) -> timedelta:
    """Return how long somebody was inside within a time, for the 12 hours in 24 of rule P-14."""
    total = timedelta(0)
    for stay in stays(seen):
        total += max(timedelta(0), min(end, stay.last_at) - max(start, stay.came_at))
    return total


def gaps(
    manned: dict[datetime, int], start: datetime, end: datetime, at_least: int, now: datetime
) -> list[tuple[datetime, datetime]]:
    """Return when a post had too few people, within its time and until now, in steps of five minutes.

    `manned` holds, by bucket, how many different people were there.
    """
    found: list[tuple[datetime, datetime]] = []
    at = bucket_of(start)
    while at < end and at + BUCKET <= now:
        if manned.get(at, 0) < at_least:
            begin, finish = max(at, start), min(at + BUCKET, end)
            if found and found[-1][1] == begin:
                found[-1] = (found[-1][0], finish)
            else:
                found.append((begin, finish))
        at += BUCKET
    return found
