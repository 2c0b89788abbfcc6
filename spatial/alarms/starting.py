"""From which moment a condition is judged anew, so that nothing before it matters. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from spatial.alarms.conditions import Condition, lookback

OLDEST_BY_HAND = timedelta(days=7)


class Raised(Protocol):
    """An alarm, as far as this module looks at it."""

    @property
    def raised_at(self) -> datetime: ...
    @property
    def cleared_at(self) -> datetime | None: ...
    @property
    def cleared_by_id(self) -> Any: ...


def start_of(condition: Condition, since: datetime, known: Sequence[Raised]) -> datetime:
    """This function will return a moment before `since` at which the condition remembered nothing that matters later;
    `known` are its alarms, by the time that they were raised."""
    back = lookback(condition)
    start = since - back
    before = [row for row in known if row.raised_at <= since]
    if before and before[-1].cleared_by_id and before[-1].raised_at > since - OLDEST_BY_HAND:
        start = min(start, before[-1].raised_at - back)  # what was cleared by hand may still wait for its limit
    while over := [row for row in known if row.raised_at - back < start and (row.cleared_at or since) + back >= start]:
        start = min(row.raised_at for row in over) - back
    return start
