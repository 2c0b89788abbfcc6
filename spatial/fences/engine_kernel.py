"""The fence engine in machine code: the compiled twin of `rules.decide`, for whole columns of fixes (numba).

Devices that are far from every fence cost one look into the grid per fix. The laws are those of `rules`; a test proves
both equal. Kinds are numbers here: positions in `KINDS`.
"""

from __future__ import annotations

import math

import numpy as np

from spatial.fences.closeness_kernel import close_zones
from spatial.fences.machine_code import compiled
from spatial.fences.plan_grid import grown

KINDS = ("entered", "left", "approaching", "receded", "dwelling", "dwelling_ended", "lost", "found")
ENTERED, LEFT, APPROACHING, RECEDED, DWELLING, DWELLING_ENDED, LOST, FOUND = range(8)
USED, LATE, IMPLAUSIBLE = 0, 1, 2
NEVER_US = -(1 << 62)
CLOSER_FIXES = 2
# Columns of a fix: time is kept beside them in microseconds, because a float cannot hold it.
EAST, NORTH, HEIGHT, ACCURACY, HEIGHT_ACCURACY = range(5)


@compiled
def _more_rows(rows: np.ndarray, used: int, size: int) -> np.ndarray:
    larger = np.empty((size, rows.shape[1]), np.float64)
    larger[:used] = rows[:used]
    return larger


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
def _judge(
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
def run_columns(
    device: np.ndarray,
    time_us: np.ndarray,
    fix: np.ndarray,
    last_us: np.ndarray,
    last: np.ndarray,
    doubted_us: np.ndarray,
    doubted: np.ndarray,
    max_speed: np.ndarray,
    silence_us: np.ndarray,
    slot_start: np.ndarray,
    slot_zone: np.ndarray,
    slot_state: np.ndarray,
    slot_since: np.ndarray,
    zone_count: int,
    plan: tuple,
    rules: tuple,
) -> tuple:
    """Run fixes, ordered by device and event order, through the fences; device arrays are changed in place.

    Slots are what is remembered of a device and a zone: (inside, run, near, closer, distance, dwelt) and since; those
    of a device run from slot_start[d]. A zone number of `zone_count` or more is a fence that was taken away. Returns
    (uses; findings: device, kind, zone, fix row or -1 for the state's last fix, time, value, possible, place; which
    devices were at a zone; the slots of those that occur).
    """
    enter_fixes, leave_fixes, enter_p, leave_p = rules[0], rules[1], rules[2], rules[3]
    approach, dwell_s, valid_from = rules[4], rules[5], rules[6]
    uses = np.empty(device.size, np.uint8)
    touched = np.zeros(last_us.size, np.uint8)
    f_kind = np.empty(64, np.uint8)
    f_zone, f_row, f_device = np.empty(64, np.int32), np.empty(64, np.int32), np.empty(64, np.int32)
    f_time, f_value = np.empty(64, np.int64), np.empty(64, np.float64)
    f_place = np.empty((64, 5), np.float64)
    f_possible = np.empty(64, np.uint8)
    n_found = 0
    out_device = np.empty(64, np.int32)
    out_zone, out_since = np.empty(64, np.int32), np.empty(64, np.int64)
    out_state = np.empty((64, 6), np.float64)
    n_out = 0
    # What the device in hand is at.
    room = zone_count + slot_zone.size
    at = np.full(room, -1, np.int32)
    h_zone = np.empty(room, np.int32)
    h_since = np.empty(room, np.int64)
    h_state = np.empty((room, 6), np.float64)
    close = np.empty(max(1, zone_count), np.int32)
    stamp = np.full(max(1, zone_count), -1, np.int64)
    probability = np.empty(max(1, zone_count), np.float64)
    distance = np.empty(max(1, zone_count), np.float64)
    kinds = np.empty(8, np.uint8)
    values = np.empty(8, np.float64)

    begin = 0
    while begin < device.size:
        d = device[begin]
        stop = begin + 1
        while stop < device.size and device[stop] == d:
            stop += 1
        held = 0
        for n in range(slot_start[d], slot_start[d + 1]):
            h_zone[held], h_since[held] = slot_zone[n], slot_since[n]
            for c in range(6):
                h_state[held, c] = slot_state[n, c]
            at[slot_zone[n]] = held
            held += 1
        for i in range(begin, stop):
            use = _judge(d, time_us[i], fix, i, last_us, last, doubted_us, doubted, max_speed[d])
            uses[i] = use
            if use == IMPLAUSIBLE:
                doubted_us[d] = time_us[i]
                for c in range(5):
                    doubted[d, c] = fix[i, c]
            if use != USED:
                continue
            x, y, h = fix[i, EAST], fix[i, NORTH], fix[i, HEIGHT]
            now_us = time_us[i]
            count = 0
            if zone_count:
                count = close_zones(
                    x,
                    y,
                    h,
                    fix[i, ACCURACY],
                    fix[i, HEIGHT_ACCURACY],
                    now_us,
                    plan,
                    rules,
                    close,
                    probability,
                    distance,
                )
            for n in range(count):
                z = close[n]
                stamp[z] = i
                if at[z] < 0:
                    at[z] = held
                    h_zone[held], h_since[held] = z, NEVER_US
                    for c in range(6):
                        h_state[held, c] = 0.0
                    h_state[held, 4] = math.inf
                    held += 1
            first = last_us[d] == NEVER_US
            if held:
                touched[d] = 1
            s = 0
            while s < held:
                z = h_zone[s]
                inside, run, near = h_state[s, 0] > 0.0, h_state[s, 1], h_state[s, 2] > 0.0
                closer, before_m, dwelt = h_state[s, 3], h_state[s, 4], h_state[s, 5] > 0.0
                since = h_since[s]
                found = 0
                lost = False
                keep = True
                possible = False
                if z >= zone_count:
                    if near:
                        kinds[found], values[found] = RECEDED, math.nan
                        found += 1
                    if dwelt:
                        kinds[found], values[found] = DWELLING_ENDED, math.nan
                        found += 1
                    if inside:
                        kinds[found], values[found] = LEFT, math.nan
                        found += 1
                    keep = False
                elif valid_from[z] > now_us:
                    keep = inside or run > 0 or near or closer > 0 or before_m < math.inf
                else:
                    if valid_from[z] != NEVER_US and not first and last_us[d] < valid_from[z]:
                        run = 0.0
                    p, away = 0.0, math.inf
                    if stamp[z] == i:
                        p, away = probability[z], distance[z]
                        possible = math.isnan(h) and not (plan[3][z] == -math.inf and plan[4][z] == math.inf)
                    was_inside = inside
                    crossed = -1
                    speaks = p <= leave_p[z] if inside else p >= enter_p[z]
                    if not speaks:
                        run = 0.0
                    else:
                        run += 1.0
                        if run >= (leave_fixes[z] if inside else enter_fixes[z]):
                            crossed = LEFT if inside else ENTERED
                            inside, run, since = not inside, 0.0, now_us
                    if was_inside and not first and now_us - last_us[d] > silence_us[d]:
                        lost = True
                        kinds[found], values[found] = LOST, math.nan
                        found += 1
                        if inside:
                            kinds[found], values[found] = FOUND, math.nan
                            found += 1
                    moved = -1
                    if math.isnan(approach[z]) or inside:
                        if near:
                            moved = RECEDED
                        near, closer, before_m = False, 0.0, math.inf
                    else:
                        steps = closer + 1.0 if away < before_m and not first else 0.0
                        closer, before_m = min(steps, float(CLOSER_FIXES)), away
                        if near:
                            if away == math.inf:
                                near, moved = False, RECEDED
                        elif steps >= CLOSER_FIXES and 0.0 < away <= approach[z]:
                            near, moved = True, APPROACHING
                    if moved == RECEDED:
                        kinds[found], values[found] = RECEDED, (math.nan if away == math.inf else away)
                        found += 1
                    if crossed == LEFT and dwelt:
                        dwelt = False
                        kinds[found], values[found] = DWELLING_ENDED, math.nan
                        found += 1
                    if crossed >= 0:
                        kinds[found], values[found] = crossed, math.nan
                        found += 1
                    if moved == APPROACHING:
                        kinds[found], values[found] = APPROACHING, away
                        found += 1
                    if inside and not dwelt and not math.isnan(dwell_s[z]):
                        seconds = (now_us - since) / 1e6
                        if seconds > dwell_s[z] or dwell_s[z] == 0.0:
                            dwelt = True
                            kinds[found], values[found] = DWELLING, seconds
                            found += 1
                    keep = inside or run > 0 or near or closer > 0 or before_m < math.inf
                for n in range(found):
                    if n_found == f_kind.size:
                        f_kind, f_zone, f_row = grown(f_kind, n_found), grown(f_zone, n_found), grown(f_row, n_found)
                        f_device, f_time = grown(f_device, n_found), grown(f_time, n_found)
                        f_value, f_possible = grown(f_value, n_found), grown(f_possible, n_found)
                        f_place = _more_rows(f_place, n_found, f_kind.size)
                    f_kind[n_found], f_zone[n_found], f_device[n_found] = kinds[n], z, d
                    f_row[n_found], f_time[n_found], f_value[n_found] = i, now_us, values[n]
                    f_possible[n_found] = possible and (kinds[n] < RECEDED or kinds[n] == DWELLING)
                    for c in range(5):
                        f_place[n_found, c] = fix[i, c]
                    if lost and kinds[n] == LOST:
                        f_time[n_found] = last_us[d] + silence_us[d]
                        for c in range(5):
                            f_place[n_found, c] = last[d, c]
                    n_found += 1
                if keep:
                    h_state[s, 0], h_state[s, 1], h_state[s, 2] = 1.0 if inside else 0.0, run, 1.0 if near else 0.0
                    h_state[s, 3], h_state[s, 4], h_state[s, 5] = closer, before_m, 1.0 if dwelt else 0.0
                    h_since[s] = since
                    s += 1
                else:
                    at[z] = -1
                    held -= 1
                    if s < held:
                        h_zone[s], h_since[s] = h_zone[held], h_since[held]
                        for c in range(6):
                            h_state[s, c] = h_state[held, c]
                        at[h_zone[s]] = s
            last_us[d], doubted_us[d] = now_us, NEVER_US
            for c in range(5):
                last[d, c] = fix[i, c]
        for s in range(held):
            if n_out == out_device.size:
                out_device, out_zone = grown(out_device, n_out), grown(out_zone, n_out)
                out_since = grown(out_since, n_out)
                out_state = _more_rows(out_state, n_out, out_device.size)
            out_device[n_out], out_zone[n_out], out_since[n_out] = d, h_zone[s], h_since[s]
            for c in range(6):
                out_state[n_out, c] = h_state[s, c]
            n_out += 1
            at[h_zone[s]] = -1
        begin = stop
    return (
        uses,
        (f_device[:n_found], f_kind[:n_found], f_zone[:n_found], f_row[:n_found], f_time[:n_found],
         f_value[:n_found], f_possible[:n_found], f_place[:n_found]),
        touched,
        (out_device[:n_out], out_zone[:n_out], out_since[:n_out], out_state[:n_out]),
    )  # fmt: skip
