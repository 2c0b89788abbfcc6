"""The fence engine in machine code: the compiled twin of `rules.decide`, for whole columns of fixes (numba).

Devices that are far from every fence cost one look into the grid per fix. The laws are those of `rules`; a test proves
both equal. Kinds are numbers here: positions in `zone_steps.KINDS`.

What a device is at lies in its *hand* while it is run: (slot of each zone or -1, zone and since and memory of each
slot, the fix that last saw each zone, its probability and distance). What is found, and the slots afterwards, go into
rows that grow.
"""

from __future__ import annotations

import math

import numpy as np

from spatial.fences.closeness_kernel import close_zones
from spatial.fences.fix_order import (
    ACCURACY,
    EAST,
    HEIGHT,
    HEIGHT_ACCURACY,
    IMPLAUSIBLE,
    NEVER_US,
    NORTH,
    USED,
    judge,
    keep_fix,
)
from spatial.fences.machine_code import compiled
from spatial.fences.plan_grid import grown, grown_rows
from spatial.fences.zone_steps import DISTANCE, DWELLING, LOST, MOST_FOUND, RECEDED, idle, let_out, step


@compiled
def _found_rows(size: int) -> tuple:
    """Return room for findings: device, kind, zone, fix row, time, value, possible, place."""
    return (
        np.empty(size, np.int32), np.empty(size, np.uint8), np.empty(size, np.int32), np.empty(size, np.int32),
        np.empty(size, np.int64), np.empty(size, np.float64), np.empty(size, np.uint8), np.empty((size, 5), np.float64),
    )  # fmt: skip


@compiled
def _more_found(found: tuple, used: int, wanted: int) -> tuple:
    device, kind, zone, row, time, value, possible, place = found
    while kind.size < wanted:
        device, kind, zone, row = grown(device, used), grown(kind, used), grown(zone, used), grown(row, used)
        time, value, possible = grown(time, used), grown(value, used), grown(possible, used)
        place = grown_rows(place, used, kind.size)
    return device, kind, zone, row, time, value, possible, place


@compiled
def _more_slots(rows: tuple, used: int, wanted: int) -> tuple:
    device, zone, since, memory = rows
    while device.size < wanted:
        device, zone, since = grown(device, used), grown(zone, used), grown(since, used)
        memory = grown_rows(memory, used, device.size)
    return device, zone, since, memory


@compiled
def _copy_slot(zone: np.ndarray, since: np.ndarray, memory: np.ndarray, s: int, from_zone: np.ndarray,
               from_since: np.ndarray, from_memory: np.ndarray, n: int) -> None:  # fmt: skip
    zone[s], since[s] = from_zone[n], from_since[n]
    for c in range(6):
        memory[s, c] = from_memory[n, c]


@compiled
def _take_up(slots: tuple, d: int, hand: tuple) -> int:
    """Put the slots of a device into the hand and say how many."""
    start, s_zone, s_memory, s_since = slots
    at, zone, since, memory = hand[0], hand[1], hand[2], hand[3]
    held = 0
    for n in range(start[d], start[d + 1]):
        _copy_slot(zone, since, memory, held, s_zone, s_since, s_memory, n)
        at[s_zone[n]] = held
        held += 1
    return held


@compiled
def _put_down(d: int, hand: tuple, held: int, rows: tuple, used: int) -> None:
    """Write the hand behind the slots that are already told, and empty it."""
    at, zone, since, memory = hand[0], hand[1], hand[2], hand[3]
    for s in range(held):
        rows[0][used + s] = d
        _copy_slot(rows[1], rows[2], rows[3], used + s, zone, since, memory, s)
        at[zone[s]] = -1


@compiled
def _look(i: int, now_us: int, fix: np.ndarray, hand: tuple, held: int, zone_count: int, plan: tuple,
          rules: tuple) -> int:  # fmt: skip
    """Find the zones that a fix may be in or near to, and take up those that are new; say how many are held."""
    at, zone, since, memory, stamp, probability, distance, close = hand
    if not zone_count:
        return held
    count = close_zones(
        fix[i, EAST], fix[i, NORTH], fix[i, HEIGHT], fix[i, ACCURACY], fix[i, HEIGHT_ACCURACY], now_us, plan, rules,
        close, probability, distance,
    )  # fmt: skip
    for n in range(count):
        z = close[n]
        stamp[z] = i
        if at[z] < 0:
            at[z], zone[held], since[held] = held, z, NEVER_US
            for c in range(6):
                memory[held, c] = 0.0
            memory[held, DISTANCE] = math.inf
            held += 1
    return held


@compiled
def _drop(hand: tuple, s: int, held: int) -> int:
    """Take a slot out of the hand; the last one moves to its place."""
    at, zone, since, memory = hand[0], hand[1], hand[2], hand[3]
    at[zone[s]] = -1
    held -= 1
    if s < held:
        _copy_slot(zone, since, memory, s, zone, since, memory, held)
        at[zone[s]] = s
    return held


@compiled
def _advance(i: int, d: int, now_us: int, fix: np.ndarray, known: tuple, hand: tuple, held: int, zone_count: int,
             plan: tuple, rules: tuple, said: tuple, found: tuple, n_found: int) -> tuple[int, int]:  # fmt: skip
    """Apply a used fix to every zone in the hand; return how many are held then, and how much is found in all."""
    last_us, last, silence_us = known[0], known[1], known[5]
    zone, since, memory, stamp, probability, distance = hand[1], hand[2], hand[3], hand[4], hand[5], hand[6]
    low, high, kinds, values = plan[3], plan[4], said[0], said[1]
    s = 0
    while s < held:
        z, count, possible, keep = zone[s], 0, False, True
        if z >= zone_count:
            count, keep = let_out(memory, s, kinds, values), False
        elif rules[6][z] > now_us:
            keep = not idle(memory, s)
        else:
            p, away = 0.0, math.inf
            if stamp[z] == i:
                p, away = probability[z], distance[z]
                possible = math.isnan(fix[i, HEIGHT]) and not (low[z] == -math.inf and high[z] == math.inf)
            count = step(memory, since, s, z, now_us, last_us[d], silence_us[d], p, away, rules, kinds, values)
            keep = not idle(memory, s)
        for n in range(count):
            _note(found, n_found, d, z, i, now_us, fix, kinds[n], values[n], possible)
            if kinds[n] == LOST:
                _note_loss(found, n_found, last_us[d] + silence_us[d], last, d)
            n_found += 1
        if keep:
            s += 1
        else:
            held = _drop(hand, s, held)
    return held, n_found


@compiled
def _note(found: tuple, n: int, d: int, z: int, i: int, now_us: int, fix: np.ndarray, kind: int, value: float,
          possible: bool) -> None:  # fmt: skip
    found[0][n], found[1][n], found[2][n], found[3][n] = d, kind, z, i
    found[4][n], found[5][n] = now_us, value
    found[6][n] = possible and (kind < RECEDED or kind == DWELLING)
    for c in range(5):
        found[7][n, c] = fix[i, c]


@compiled
def _note_loss(found: tuple, n: int, lost_us: int, last: np.ndarray, d: int) -> None:
    """A device is lost where it was last, and a silence after that."""
    found[4][n] = lost_us
    for c in range(5):
        found[7][n, c] = last[d, c]


@compiled
def _empty_hand(room: int, zone_count: int) -> tuple:
    zones = max(1, zone_count)
    return (
        np.full(room, -1, np.int32), np.empty(room, np.int32), np.empty(room, np.int64),
        np.empty((room, 6), np.float64), np.full(zones, -1, np.int64), np.empty(zones, np.float64),
        np.empty(zones, np.float64), np.empty(zones, np.int32),
    )  # fmt: skip


@compiled
def _first(found: tuple, n: int) -> tuple:
    device, kind, zone, row, time, value, possible, place = found
    return device[:n], kind[:n], zone[:n], row[:n], time[:n], value[:n], possible[:n], place[:n]


@compiled
def run_columns(device: np.ndarray, time_us: np.ndarray, fix: np.ndarray, known: tuple, slots: tuple, zone_count: int,
                plan: tuple, rules: tuple) -> tuple:  # fmt: skip
    """Run fixes, ordered by device and event order, through the fences.

    `known` are (last time, last fix, doubted time, doubted fix, greatest speed, silence) by device; the first four are
    changed in place. `slots` are what is remembered of a device and a zone: (start by device, zone, memory, since). A
    zone number of `zone_count` or more is a fence that was taken away. Returns (uses; findings; which devices were at
    a zone; the slots of those that occur).
    """
    last_us, last, doubted_us, doubted, max_speed = known[0], known[1], known[2], known[3], known[4]
    uses, touched = np.empty(device.size, np.uint8), np.zeros(last_us.size, np.uint8)
    hand = _empty_hand(zone_count + slots[1].size, zone_count)
    said = (np.empty(MOST_FOUND, np.uint8), np.empty(MOST_FOUND, np.float64))
    found, n_found = _found_rows(64), 0
    rows, n_rows = (np.empty(64, np.int32), np.empty(64, np.int32), np.empty(64, np.int64), np.empty((64, 6))), 0
    begin = 0
    while begin < device.size:
        d, i = device[begin], begin
        held = _take_up(slots, d, hand)
        while i < device.size and device[i] == d:
            use = judge(d, time_us[i], fix, i, last_us, last, doubted_us, doubted, max_speed[d])
            uses[i] = use
            if use == IMPLAUSIBLE:
                keep_fix(d, time_us[i], fix, i, doubted_us, doubted)
            elif use == USED:
                held = _look(i, time_us[i], fix, hand, held, zone_count, plan, rules)
                if held:
                    touched[d] = 1
                    if n_found + MOST_FOUND * held > found[1].size:
                        found = _more_found(found, n_found, n_found + MOST_FOUND * held)
                    held, n_found = _advance(i, d, time_us[i], fix, known, hand, held, zone_count, plan, rules, said,
                                             found, n_found)  # fmt: skip
                keep_fix(d, time_us[i], fix, i, last_us, last)
                doubted_us[d] = NEVER_US
            i += 1
        if n_rows + held > rows[0].size:
            rows = _more_slots(rows, n_rows, n_rows + held)
        _put_down(d, hand, held, rows, n_rows)
        n_rows, begin = n_rows + held, i
    return (
        uses,
        _first(found, n_found),
        touched,
        (rows[0][:n_rows], rows[1][:n_rows], rows[2][:n_rows], rows[3][:n_rows]),
    )
