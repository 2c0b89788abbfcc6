"""Which alarms of the record are asked for: level, standing, rule, days, and those told to the reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from spatial.alarms.models import Alarm

STANDINGS = {
    "open": Q(closed_at__isnull=True, disproved_at__isnull=True),
    "raised": Q(acknowledged_at__isnull=True, cleared_at__isnull=True),
    "active": Q(cleared_at__isnull=True),
    "over": Q(cleared_at__isnull=False, closed_at__isnull=True, disproved_at__isnull=True),
    "closed": Q(closed_at__isnull=False),
    "false": ~Q(false_reason=""),
    "late": Q(late=True),
    "disproved": Q(disproved_at__isnull=False),
}


@dataclass(frozen=True)
class Filters:
    """What the address asks for; what it does not understand is left out."""

    level: str
    standing: str
    rule: str
    first: str
    last: str
    mine: bool

    @property
    def query(self) -> str:
        """The same filters as the query of an address."""
        given = {
            "level": self.level,
            "standing": self.standing,
            "rule": self.rule,
            "first": self.first,
            "last": self.last,
            "mine": "1" if self.mine else "",
        }
        return urlencode({name: value for name, value in given.items() if value})


def read_filters(query: Any) -> Filters:
    """Return the filters of a request's query."""
    return Filters(
        level=query.get("level", "") if query.get("level") in Alarm.Level.values else "",
        standing=query.get("standing", "") if query.get("standing") in STANDINGS else "",
        rule=query.get("rule", "")[:8],
        first=_day(query.get("first", "")),
        last=_day(query.get("last", "")),
        mine=query.get("mine") == "1",
    )


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def filtered(rows: QuerySet[Alarm], asked: Filters, site: Any, user: Any) -> QuerySet[Alarm]:
    """Return the alarms that are asked for, days being the site's."""
    zone = ZoneInfo(site.time_zone)
    if asked.level:
        rows = rows.filter(level=asked.level)
    if asked.standing:
        rows = rows.filter(STANDINGS[asked.standing])
    if asked.rule:
        rows = rows.filter(rule=asked.rule)
    if asked.first:
        rows = rows.filter(raised_at__gte=datetime.combine(date.fromisoformat(asked.first), time(), zone))
    if asked.last:
        end = datetime.combine(date.fromisoformat(asked.last), time(), zone) + timedelta(days=1)
        rows = rows.filter(raised_at__lt=end)
    if asked.mine:
        rows = rows.filter(notices__user=user).distinct()
    return rows
