"""What one used fix does to the memory of one zone, in machine code: the compiled twin of the laws in `rules`.

Memories are rows of (inside, run, near, closer, distance, dwelt), with `since` beside them in microseconds. What is
found is written into `kinds` and `values`, of which there are at most `MOST_FOUND` for one fix and zone.
"""

from __future__ import annotations

import math

import numpy as np

from spatial.fences.fix_order import NEVER_US
from spatial.fences.machine_code import compiled
from spatial.fences.rules import CLOSER_FIXES

KINDS = ("entered", "left", "approaching", "receded", "dwelling", "dwelling_ended", "lost", "found")
ENTERED, LEFT, APPROACHING, RECEDED, DWELLING, DWELLING_ENDED, LOST, FOUND = range(8)
WITHIN, SPEAKING, NEAR, CLOSER, DISTANCE, DWELT = range(6)
MOST_FOUND = 8
NOTHING = -1


@compiled
def _said(kinds: np.ndarray, values: np.ndarray, found: int, kind: int, value: float) -> int:
    kinds[found], values[found] = kind, value
    return found + 1


@compiled
def idle(memory: np.ndarray, s: int) -> bool:
    """Tell whether a memory says nothing (`rules.ZoneState.idle`)."""
    busy = memory[s, WITHIN] > 0.0 or memory[s, SPEAKING] > 0.0 or memory[s, NEAR] > 0.0 or memory[s, CLOSER] > 0.0
    return not busy and memory[s, DISTANCE] == math.inf


@compiled
def let_out(memory: np.ndarray, s: int, kinds: np.ndarray, values: np.ndarray) -> int:
    """End everything at a fence that was taken away; return how much was found."""
    found = 0
    for column, kind in ((NEAR, RECEDED), (DWELT, DWELLING_ENDED), (WITHIN, LEFT)):
        if memory[s, column] > 0.0:
            found = _said(kinds, values, found, kind, math.nan)
    return found


@compiled
def _cross(memory: np.ndarray, since: np.ndarray, s: int, z: int, p: float, now_us: int, rules: tuple) -> int:
    """Count a fix for or against a change of inside (`rules.advance`); return ENTERED, LEFT or NOTHING."""
    enter_fixes, leave_fixes, enter_p, leave_p = rules[0], rules[1], rules[2], rules[3]
    inside = memory[s, WITHIN] > 0.0
    if not (p <= leave_p[z] if inside else p >= enter_p[z]):
        memory[s, SPEAKING] = 0.0
        return NOTHING
    memory[s, SPEAKING] += 1.0
    if memory[s, SPEAKING] < (leave_fixes[z] if inside else enter_fixes[z]):
        return NOTHING
    memory[s, WITHIN], memory[s, SPEAKING], since[s] = 0.0 if inside else 1.0, 0.0, now_us
    return LEFT if inside else ENTERED


@compiled
def _approach(memory: np.ndarray, s: int, approach_m: float, away: float, first: bool) -> int:
    """Apply the approach rule (`rules.advance_approach`); return APPROACHING, RECEDED or NOTHING."""
    near = memory[s, NEAR] > 0.0
    if math.isnan(approach_m) or memory[s, WITHIN] > 0.0:
        memory[s, NEAR], memory[s, CLOSER], memory[s, DISTANCE] = 0.0, 0.0, math.inf
        return RECEDED if near else NOTHING
    steps = memory[s, CLOSER] + 1.0 if away < memory[s, DISTANCE] and not first else 0.0
    memory[s, CLOSER], memory[s, DISTANCE] = min(steps, float(CLOSER_FIXES)), away
    if near:
        if away == math.inf:
            memory[s, NEAR] = 0.0
            return RECEDED
    elif steps >= CLOSER_FIXES and 0.0 < away <= approach_m:
        memory[s, NEAR] = 1.0
        return APPROACHING
    return NOTHING


@compiled
def step(
    memory: np.ndarray,
    since: np.ndarray,
    s: int,
    z: int,
    now_us: int,
    before_us: int,
    silence_us: int,
    p: float,
    away: float,
    rules: tuple,
    kinds: np.ndarray,
    values: np.ndarray,
) -> int:
    """Apply a used fix to a zone in force; `before_us` is the fix before it. Return how much was found."""
    approach, dwell_s, valid_from = rules[4], rules[5], rules[6]
    first, found = before_us == NEVER_US, 0
    if valid_from[z] != NEVER_US and not first and before_us < valid_from[z]:
        memory[s, SPEAKING] = 0.0
    was_inside = memory[s, WITHIN] > 0.0
    crossed = _cross(memory, since, s, z, p, now_us, rules)
    inside = memory[s, WITHIN] > 0.0
    if was_inside and not first and now_us - before_us > silence_us:
        found = _said(kinds, values, found, LOST, math.nan)
        if inside:
            found = _said(kinds, values, found, FOUND, math.nan)
    moved = _approach(memory, s, approach[z], away, first)
    if moved == RECEDED:
        # Who is inside has receded at the distance 0; beyond the margin there is no distance to tell.
        found = _said(kinds, values, found, RECEDED, math.nan if away == math.inf else away)
    if crossed == LEFT and memory[s, DWELT] > 0.0:
        memory[s, DWELT] = 0.0
        found = _said(kinds, values, found, DWELLING_ENDED, math.nan)
    if crossed != NOTHING:
        found = _said(kinds, values, found, crossed, math.nan)
    if moved == APPROACHING:
        found = _said(kinds, values, found, APPROACHING, away)
    if inside and memory[s, DWELT] == 0.0 and not math.isnan(dwell_s[z]):
        seconds = (now_us - since[s]) / 1e6
        if seconds > dwell_s[z] or dwell_s[z] == 0.0:
            memory[s, DWELT] = 1.0
            found = _said(kinds, values, found, DWELLING, seconds)
    return found
