"""Shifts: when they are, over midnight too, and who is on shift at a moment. Pure, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class ShiftTimes:
    """A shift by the clock of the site: ends at or before it starts means the next day; weekdays 1 (Monday) to 7
    name the day it starts on. `early_min` and `late_min` are how long before and after it one may be at work."""

    name: str
    starts: time
    ends: time
    weekdays: frozenset[int] = WEEK
    breaks: tuple[tuple[time, time], ...] = ()
    early_min: int = 60
    late_min: int = 60


@dataclass(frozen=True, slots=True, order=True)
class ShiftSpan:
    """One time that a shift is worked: its day (of the start), and its moments."""

    starts_at: datetime
    ends_at: datetime
    day: date
    shift: ShiftTimes

    @property
    def opens_at(self) -> datetime:
        """Return from when on presence belongs to this span."""
        return self.starts_at - timedelta(minutes=self.shift.early_min)

    @property
    def closes_at(self) -> datetime:
        """Return until when presence belongs to this span."""
        return self.ends_at + timedelta(minutes=self.shift.late_min)


def span_of(shift: ShiftTimes, day: date, time_zone: str) -> ShiftSpan:
    """Return the span of a shift that starts on a day."""
    zone = ZoneInfo(time_zone)
    end_day = day + timedelta(days=1) if shift.ends <= shift.starts else day
    return ShiftSpan(
        datetime.combine(day, shift.starts, tzinfo=zone), datetime.combine(end_day, shift.ends, tzinfo=zone), day, shift
    )


def spans(shifts: Iterable[ShiftTimes], first: date, last: date, time_zone: str) -> list[ShiftSpan]:
    """Return the spans of shifts that start on the days first to last, in order."""
    return sorted(_spans(list(shifts), first, last, time_zone), key=lambda span: (span.starts_at, span.ends_at))


def _spans(shifts: list[ShiftTimes], first: date, last: date, time_zone: str) -> Iterator[ShiftSpan]:
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for shift in shifts:
            if day.isoweekday() in shift.weekdays:
                yield span_of(shift, day, time_zone)


def span_at(shifts: Iterable[ShiftTimes], at: datetime, time_zone: str) -> ShiftSpan | None:
    """Return the span whose time, with what is allowed before and after, holds a moment; the nearest of several."""
    today = at.astimezone(ZoneInfo(time_zone)).date()
    around = spans(shifts, today - timedelta(days=2), today + timedelta(days=1), time_zone)
    holding = [span for span in around if span.opens_at <= at < span.closes_at]
    within = [span for span in holding if span.starts_at <= at < span.ends_at]
    return next(iter(within or holding), None)


def is_on_shift(shifts: Iterable[ShiftTimes], at: datetime, time_zone: str) -> bool:
    """Return whether a moment belongs to one of the shifts; who has no shift at all is always on shift."""
    known = list(shifts)
    return not known or span_at(known, at, time_zone) is not None
