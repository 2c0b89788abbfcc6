"""Whether a fix is used, late or implausible, in machine code: the compiled twin of `rules.judge_fix`."""

from __future__ import annotations

import math

import numpy as np

from spatial.fences.machine_code import compiled

USED, LATE, IMPLAUSIBLE = 0, 1, 2
NEVER_US = -(1 << 62)
# Columns of a fix: time is kept beside them in microseconds, because a float cannot hold it.
EAST, NORTH, HEIGHT, ACCURACY, HEIGHT_ACCURACY = range(5)


@compiled
def _sorts_before(at: int, fix: np.ndarray, i: int, than_at: int, than: np.ndarray, j: int) -> bool:
    """Tell whether a fix comes before another in event order (`rules.event_order`)."""
    if at != than_at:
        return at < than_at
    for column in (ACCURACY, EAST, NORTH, HEIGHT, HEIGHT_ACCURACY):
        a, b = fix[i, column], than[j, column]
        a = -math.inf if math.isnan(a) else a
        b = -math.inf if math.isnan(b) else b
        if a != b:
            return a < b
    return False


@compiled
def _reachable(
    from_us: int, start: np.ndarray, i: int, to_us: int, end: np.ndarray, j: int, max_speed_m_s: float
) -> bool:
    seconds = (to_us - from_us) / 1e6
    distance = math.sqrt((end[j, EAST] - start[i, EAST]) ** 2 + (end[j, NORTH] - start[i, NORTH]) ** 2)
    return not distance - start[i, ACCURACY] - end[j, ACCURACY] > max_speed_m_s * seconds


@compiled
def judge(
    d: int,
    at: int,
    fix: np.ndarray,
    i: int,
    last_us: np.ndarray,
    last: np.ndarray,
    doubted_us: np.ndarray,
    doubted: np.ndarray,
    max_speed_m_s: float,
) -> int:
    """Return what becomes of a fix of device `d`, after what was used and doubted before it."""
    if last_us[d] != NEVER_US and at <= last_us[d]:
        return LATE
    has_doubt = doubted_us[d] != NEVER_US
    if has_doubt and _sorts_before(at, fix, i, doubted_us[d], doubted, d):
        return LATE
    if max_speed_m_s == math.inf or last_us[d] == NEVER_US:
        return USED
    if _reachable(last_us[d], last, d, at, fix, i, max_speed_m_s):
        return USED
    if has_doubt and doubted_us[d] < at and _reachable(doubted_us[d], doubted, d, at, fix, i, max_speed_m_s):
        return USED
    return IMPLAUSIBLE


@compiled
def keep_fix(d: int, at: int, fix: np.ndarray, i: int, times: np.ndarray, fixes: np.ndarray) -> None:
    """Write a fix down as the last or the doubted one of a device."""
    times[d] = at
    for c in range(5):
        fixes[d, c] = fix[i, c]
