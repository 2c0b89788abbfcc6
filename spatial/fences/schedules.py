"""When a fence is in force: several periods a day, on certain weekdays, between certain dates. Pure.

A period is local time of the site; one that ends at or before its beginning goes on until the next day (22:00 to
06:00). A fence without periods is always in force.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

WEEK = frozenset(range(1, 8))
_FIELDS = {"days", "from", "to", "first", "last"}


class ScheduleRefused(ValueError):
    """A schedule cannot be used as given; the message names the period and the field."""


@dataclass(frozen=True, slots=True)
class Period:
    """One period: ISO weekdays (1 is Monday) on which it begins, local times, first and last date."""

    begins: time
    ends: time
    days: frozenset[int] = WEEK
    first: date | None = None
    last: date | None = None

    def begins_on(self, day: date) -> bool:
        """This function will tell whether the period begins on a local date."""
        after = self.first is None or day >= self.first
        before = self.last is None or day <= self.last
        return day.isoweekday() in self.days and after and before

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """This function will return the begin and the end of the period that begins on a local date."""
        last = day if self.ends > self.begins else day + timedelta(days=1)
        return datetime.combine(day, self.begins, zone), datetime.combine(last, self.ends, zone)


@dataclass(frozen=True)
class Schedule:
    """The periods of a fence in the time zone of its site."""

    periods: tuple[Period, ...]
    time_zone: str

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def in_force(self, at: datetime) -> bool:
        """This function will tell whether the fence is in force at a moment: begin included, end not."""
        day = at.astimezone(self._zone).date()
        return any(start <= at < end for start, end in self.spans(day - timedelta(days=1), day))

    def spans(self, first: date, last: date) -> list[tuple[datetime, datetime]]:
        """This function will return the spans that begin on the local dates first..last, in order, joined."""
        found = sorted(
            period.on(day, self._zone)
            for number in range((last - first).days + 1)
            for period in self.periods
            if period.begins_on(day := first + timedelta(days=number))
        )
        joined: list[tuple[datetime, datetime]] = []
        for start, end in found:
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined


def read_schedule(rows: Sequence[Mapping[str, Any]], time_zone: str) -> Schedule | None:
    """This function will read a stored schedule: a list of {days, from, to, first, last}; None when it is empty.

    Raises ScheduleRefused naming the period (from 1) and the field.
    """
    return Schedule(tuple(_period(number, row) for number, row in enumerate(rows, 1)), time_zone) if rows else None


def _period(number: int, row: Mapping[str, Any]) -> Period:
    if unknown := sorted(set(row) - _FIELDS):
        raise ScheduleRefused(f"Period {number}, {unknown[0]}: unknown; known are {', '.join(sorted(_FIELDS))}.")
    days = row.get("days") or sorted(WEEK)
    if not isinstance(days, list) or not all(isinstance(day, int) and day in WEEK for day in days):
        raise ScheduleRefused(f"Period {number}, days: must be numbers from 1 (Monday) to 7 (Sunday).")
    first, last = _date(number, "first", row.get("first")), _date(number, "last", row.get("last"))
    if first and last and last < first:
        raise ScheduleRefused(f"Period {number}, last: {last} is before the first date {first}.")
    return Period(
        begins=_time(number, "from", row.get("from")),
        ends=_time(number, "to", row.get("to")),
        days=frozenset(days),
        first=first,
        last=last,
    )


def _time(number: int, field: str, text: object) -> time:
    try:
        found = time.fromisoformat(str(text))
    except ValueError:
        raise ScheduleRefused(f"Period {number}, {field}: {text!r} is not a time of day such as 07:30.") from None
    if found.tzinfo is not None:
        raise ScheduleRefused(f"Period {number}, {field}: give the local time of the site, without a zone.")
    return found


def _date(number: int, field: str, text: object) -> date | None:
    if text in (None, ""):
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ScheduleRefused(f"Period {number}, {field}: {text!r} is not a date such as 2026-03-01.") from None
