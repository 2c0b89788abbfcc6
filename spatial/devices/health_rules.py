"""How a device stands: heard of or silent, how far its clock is off, how many messages are missing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from spatial.devices.rules import is_stale

State = Literal["live", "silent", "never", "quiet", "retired"]
PRESSING: tuple[State, ...] = ("silent", "never", "live", "quiet", "retired")
"""The states in the order in which somebody should look at them."""


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """Receive minus event time: the median of the last messages, and how far the middle half lies apart."""

    median: timedelta
    spread: timedelta
    count: int


def state_of(*, in_use: bool, reports: bool, heard_at: datetime | None, report_interval_s: int, now: datetime) -> State:
    """This function will return how a device stands; one that sends nothing by itself is quiet, never silent."""
    if not in_use:
        return "retired"
    if heard_at is None:
        return "never" if reports else "quiet"
    if is_stale(heard_at, report_interval_s, now):
        return "silent" if reports else "quiet"
    return "live"


def clock_offset(delays_ms: Sequence[int]) -> ClockOffset | None:
    """This function will return the clock offset from the delays of the last live messages; None without any."""
    if not delays_ms:
        return None
    ordered = sorted(delays_ms)
    low, high = ordered[len(ordered) // 4], ordered[-1 - len(ordered) // 4]
    return ClockOffset(timedelta(milliseconds=median(ordered)), timedelta(milliseconds=high - low), len(ordered))


def missing_between(first: int, last: int, count: int) -> int:
    """This function will return how many numbers of a range were not received."""
    return max(0, last - first + 1 - count)
