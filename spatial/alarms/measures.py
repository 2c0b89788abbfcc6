"""What a condition looks at: a small closed set of values computed from the readings up to one of them. Pure.

Each is a function of the readings of its window alone, summed exactly (`math.fsum`), so that whether a window was
read from the store or from a batch makes no difference.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Aggregate = Literal["value", "mean_3s", "mean_10min", "mean_1h", "rate_per_day", "rate_three_days", "ratio_to_mean_3"]
DAY = timedelta(days=1)
OLDEST_FOR_RATE = timedelta(days=2)  # a reading of a day ago that is older than this says nothing of a day


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back a value looks: a time, or a number of readings."""

    time: timedelta = timedelta(0)
    readings: int = 0


REACH: dict[str, Reach] = {
    "value": Reach(),
    "mean_3s": Reach(timedelta(seconds=3)),
    "mean_10min": Reach(timedelta(minutes=10)),
    "mean_1h": Reach(timedelta(hours=1)),
    "rate_per_day": Reach(OLDEST_FOR_RATE),
    "rate_three_days": Reach(3 * OLDEST_FOR_RATE),
    "ratio_to_mean_3": Reach(readings=3),
}


def measure(aggregate: Aggregate, times: Sequence[datetime], values: Sequence[float], index: int) -> float | None:
    """This function will return what a condition looks at when reading `index` came; None when too little is known.

    `times` rise; the readings after `index` are not looked at.
    """
    if aggregate == "value":
        return values[index]
    if aggregate == "ratio_to_mean_3":
        return _ratio_to_mean(values, index)
    if aggregate == "rate_per_day":
        return _rate(times, values, index)
    if aggregate == "rate_three_days":
        return _three_rates(times, values, index)
    return _mean(aggregate, times, values, index)


def _mean(aggregate: str, times: Sequence[datetime], values: Sequence[float], index: int) -> float | None:
    """The mean of the readings of the window (t - w, t]; half of a longer window must be covered by readings."""
    window = REACH[aggregate].time
    first = bisect_right(times, times[index] - window, 0, index + 1)
    if aggregate != "mean_3s" and times[index] - times[first] < window / 2:
        return None
    return math.fsum(values[first : index + 1]) / (index + 1 - first)


def _rate(times: Sequence[datetime], values: Sequence[float], index: int) -> float | None:
    """The change per day since the newest reading that is a day old or older, but not older than two days."""
    before = _day_before(times, index)
    if before is None:
        return None
    return (values[index] - values[before]) / ((times[index] - times[before]) / DAY)


def _three_rates(times: Sequence[datetime], values: Sequence[float], index: int) -> float | None:
    """The least size of the rates of the last three days."""
    sizes: list[float] = []
    at = index
    for _ in range(3):
        rate, before = _rate(times, values, at), _day_before(times, at)
        if rate is None or before is None:
            return None
        sizes.append(abs(rate))
        at = before
    return min(sizes)


def _day_before(times: Sequence[datetime], index: int) -> int | None:
    before = bisect_right(times, times[index] - DAY, 0, index + 1) - 1
    if before < 0 or times[index] - times[before] > OLDEST_FOR_RATE:
        return None
    return bisect_left(times, times[before], 0, before + 1)


def _ratio_to_mean(values: Sequence[float], index: int) -> float | None:
    """The size of a value against the mean size of the three readings before it."""
    if index < 3:
        return None
    mean = math.fsum(abs(value) for value in values[index - 3 : index]) / 3
    return abs(values[index]) / mean if mean > 0 else None
