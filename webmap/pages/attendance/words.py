"""A day of attendance in words, for pages and sheets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from spatial.alarms.policies import policy_of
from spatial.attendance.queries import SheetRow

STANDINGS = {
    "later": _("Not begun"),
    "absent": _("Absent"),
    "here": _("On site"),
    "unseen": _("Not heard of"),
    "left": _("Left"),
}
REFUSALS = {
    "not_yours": _("Days and posts are kept by the safety officer or the project manager."),
    "times": _("Leaving must be after coming, both over, at most 24 hours apart."),
    "no_reason": _("Say why, and what shows it."),
    "name": _("Give the post a name that no other post has."),
    "nobody": _("Say who may man it: a trade or people."),
    "stranger": _("People and zone must be of this site."),
    "numbers": _("Weekdays are 1 to 7 and at least 1 person is needed."),
}


@dataclass(frozen=True)
class DayLine:
    """A row of the sheet as it is shown."""

    row: SheetRow
    shift: str
    came: str
    left: str
    inside: str
    breaks: str
    late_min: int
    early_min: int
    unseen_min: int
    standing: str
    words: Any
    corrections: list[tuple[str, str, str, str]]
    overtime: bool


def hours(length: timedelta) -> str:
    """Return a length as hours and minutes."""
    minutes = int(length.total_seconds() // 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def overtime_hours(site: Any, days: Iterable[date]) -> dict[date, timedelta]:
    """Return for how long P-14 lets somebody be inside on days of a site, as its edition of each day says."""
    return {day: timedelta(hours=policy_of(site, day)["overtime"]["hours"]) for day in set(days)}


def day_lines(rows: Iterable[SheetRow], site: Any) -> list[DayLine]:
    """Return rows of the sheet by the clock of the site."""
    rows = list(rows)
    allowed = overtime_hours(site, (row.day.day for row in rows))
    return [_day_line(row, site, allowed[row.day.day]) for row in rows]


def _day_line(row: SheetRow, site: Any, allowed: timedelta) -> DayLine:
    """Return a row of the sheet by the clock of the site."""
    zone, day = ZoneInfo(site.time_zone), row.day

    def clock(moment: Any) -> str:
        if moment is None:
            return ""
        there = moment.astimezone(zone)
        return there.strftime("%H:%M") if there.date() == day.day else there.strftime("%m-%d %H:%M")

    return DayLine(
        row=row,
        shift=day.span.shift.name if day.span else "",
        came=clock(day.came_at),
        left=clock(day.left_at),
        inside=hours(day.inside) if day.came_at else "",
        breaks="、".join(f"{clock(start)}–{clock(end)}" for start, end in day.breaks),
        late_min=int(day.late.total_seconds() // 60),
        early_min=int(day.early.total_seconds() // 60),
        unseen_min=int(day.unseen.total_seconds() // 60),
        standing=day.standing,
        words=STANDINGS[day.standing],
        corrections=[(clock(one.came_at), clock(one.left_at), one.reason, str(one.made_by)) for one in row.corrections],
        overtime=day.inside > allowed,
    )
