"""Tower cranes as segments: pose, distance of two cranes, time to contact, and the check of a pair on paper. Pure.

A crane is a jib and a counter-jib (horizontal), a counterweight, a rope and a mast (vertical). That makes every
distance a closed form: spec 07, 7.3; GB 5144-2006 10.3 to 10.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from spatial.machines.limits import Limits
from spatial.machines.shapes import TURN, Array, Disc, lens_area_m2, segment_distances

PARTS = ("jib", "counter-jib", "counterweight", "rope", "mast")
_MAST = PARTS.index("mast")
_FIXED = np.zeros((len(PARTS), len(PARTS)), bool)
_FIXED[_MAST, _MAST] = True  # two masts never move


@dataclass(frozen=True)
class Crane:
    """A tower crane's own measures. Heights but `base_m` (Yellow Sea 1985) are above its base; x, y on the site's plan.

    `hook_gap_m` is the shortest rope: how far the hook stays below the jib at its top. `slew_brake_rad_s2` and
    `trolley_brake_m_s2` are how fast it can stop.
    """

    machine_id: UUID
    code: str
    x: float
    y: float
    base_m: float
    jib_m: float
    counter_jib_m: float
    jib_height_m: float
    top_height_m: float
    counterweight_drop_m: float = 2.0
    hook_gap_m: float = 2.5
    mast_half_m: float = 0.9
    slew_brake_rad_s2: float = 0.02
    trolley_brake_m_s2: float = 0.3

    @property
    def jib_level_m(self) -> float:
        """Height of jib and counter-jib."""
        return self.base_m + self.jib_height_m

    @property
    def top_m(self) -> float:
        """Height of its highest part."""
        return self.base_m + self.top_height_m

    @property
    def lowest_m(self) -> float:
        """Height of its lowest part that swings: the hook at its top, or the bottom of the counterweight."""
        return self.jib_level_m - max(self.hook_gap_m, self.counterweight_drop_m)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a crane's moving parts are, and how fast they go; `hook_m` is above the base, angles from map east."""

    slew_rad: float
    trolley_m: float
    hook_m: float
    load_t: float = 0.0
    slew_rad_s: float = 0.0
    trolley_m_s: float = 0.0
    hook_m_s: float = 0.0

    def point(self, crane: Crane) -> tuple[float, float, float]:
        """Return the hook's place (x, y, height)."""
        return (
            crane.x + self.trolley_m * math.cos(self.slew_rad),
            crane.y + self.trolley_m * math.sin(self.slew_rad),
            crane.base_m + self.hook_m,
        )


def slew_overrun_rad(speed_rad_s: float, brake_rad_s2: float) -> float:
    """Return how far a jib turns on after braking begins: w²/(2a), in the direction it turns."""
    return math.copysign(speed_rad_s**2 / (2.0 * brake_rad_s2), speed_rad_s) if brake_rad_s2 > 0 else 0.0


def turned(before_rad: float, after_rad: float) -> float:
    """Return the shorter turn from one angle to another, from -pi to pi."""
    return (after_rad - before_rad + math.pi) % TURN - math.pi


def with_speeds(before: tuple[float, Pose] | None, at_s: float, pose: Pose, *, longest_s: float) -> Pose:
    """Return a pose with the speeds since the one before (times in seconds); none after a silence of `longest_s`."""
    if before is None or not 0.0 < at_s - before[0] <= longest_s:
        return pose
    gone, old = at_s - before[0], before[1]
    return replace(
        pose,
        slew_rad_s=turned(old.slew_rad, pose.slew_rad) / gone,
        trolley_m_s=(pose.trolley_m - old.trolley_m) / gone,
        hook_m_s=(pose.hook_m - old.hook_m) / gone,
    )


def parts(crane: Crane, slew: Array, trolley: Array, hook: Array) -> tuple[Array, Array]:
    """Return both ends of every part, each (5, N, 3), for N poses."""
    east, north = np.cos(slew), np.sin(slew)
    level, back = crane.jib_level_m, -crane.counter_jib_m
    lines: tuple[tuple[Array | float, Array | float, Array | float, Array | float], ...] = (
        (0.0, level, crane.jib_m, level),
        (0.0, level, back, level),
        (back, level, back, level - crane.counterweight_drop_m),
        (trolley, level, trolley, crane.base_m + hook),
        (0.0, crane.base_m, 0.0, crane.top_m),
    )
    starts, ends = np.empty((2, len(PARTS), slew.size, 3))
    for number, (begin, low, end, high) in enumerate(lines):
        for into, out, height in ((starts[number], begin, low), (ends[number], end, high)):
            into[:, 0], into[:, 1], into[:, 2] = crane.x + out * east, crane.y + out * north, height
    return starts, ends


def _moved(crane: Crane, pose: Pose, after_s: Array) -> tuple[Array, Array, Array]:
    """Return slew, trolley and hook after some seconds at the present speeds, run out to the stop after braking."""
    slew = pose.slew_rad + pose.slew_rad_s * after_s + slew_overrun_rad(pose.slew_rad_s, crane.slew_brake_rad_s2)
    rolled = slew_overrun_rad(pose.trolley_m_s, crane.trolley_brake_m_s2)
    trolley = np.clip(pose.trolley_m + pose.trolley_m_s * after_s + rolled, 0.0, crane.jib_m)
    hook = np.clip(pose.hook_m + pose.hook_m_s * after_s, 0.0, crane.jib_height_m - crane.hook_gap_m)
    return slew, trolley, hook


def _between(one: Crane, two: Crane, a: tuple[Array, Array], b: tuple[Array, Array]) -> Array:
    """Return the distances of every part of one crane to every part of the other, (5, 5, N); masts have a thickness."""
    apart = segment_distances(a[0][:, None], a[1][:, None], b[0][None], b[1][None])
    apart[_MAST] -= one.mast_half_m
    apart[:, _MAST] -= two.mast_half_m
    apart = np.maximum(0.0, apart)
    apart[_FIXED] = np.inf
    return apart


@dataclass(frozen=True, slots=True)
class Nearness:
    """How two cranes stand: distance now and of which parts, seconds to contact if they go on (None: none in sight),
    and the vertical gap where their plans overlap (None: they do not)."""

    distance_m: float
    parts: tuple[str, str]
    contact_s: float | None
    gap_m: float | None


def nearness(one: Crane, a: Pose, two: Crane, b: Pose, limits: Limits) -> Nearness:
    """Return how near two cranes are now and in the next 15 s, by steps of half a second with braking added."""
    now = np.zeros(1)
    here = parts(one, now + a.slew_rad, now + a.trolley_m, now + a.hook_m)
    there = parts(two, now + b.slew_rad, now + b.trolley_m, now + b.hook_m)
    apart = _between(one, two, here, there)[:, :, 0]
    i, j = np.unravel_index(int(np.argmin(apart)), apart.shape)
    least = float(apart[i, j])
    in_reach = least - _way_m(one, a, limits) - _way_m(two, b, limits) <= limits.contact_m
    return Nearness(
        least,
        (PARTS[int(i)], PARTS[int(j)]),
        contact_s(one, a, two, b, limits) if in_reach else None,
        _gap_m(one, two, here, there, limits.footprint_m),
    )


def _way_m(crane: Crane, pose: Pose, limits: Limits) -> float:
    """Return the longest way that any part of a crane can go within the prediction, braking added."""
    slew = abs(pose.slew_rad_s) * limits.predict_s + abs(slew_overrun_rad(pose.slew_rad_s, crane.slew_brake_rad_s2))
    rolled = abs(slew_overrun_rad(pose.trolley_m_s, crane.trolley_brake_m_s2))
    trolley = abs(pose.trolley_m_s) * limits.predict_s + rolled
    return slew * max(crane.jib_m, crane.counter_jib_m) + trolley + abs(pose.hook_m_s) * limits.predict_s


def contact_s(one: Crane, a: Pose, two: Crane, b: Pose, limits: Limits) -> float | None:
    """Return after how many seconds at the present speeds two cranes come nearer than the contact distance, if they
    brake only then; None when not within the prediction, or when neither moves."""
    if not any((a.slew_rad_s, a.trolley_m_s, a.hook_m_s, b.slew_rad_s, b.trolley_m_s, b.hook_m_s)):
        return None
    after = np.arange(0.0, limits.predict_s + limits.step_s / 2, limits.step_s)
    apart = _between(one, two, parts(one, *_moved(one, a, after)), parts(two, *_moved(two, b, after)))
    met = np.flatnonzero(apart.min(axis=(0, 1)) <= limits.contact_m)
    return float(after[met[0]]) if met.size else None


def _gap_m(one: Crane, two: Crane, a: tuple[Array, Array], b: tuple[Array, Array], footprint_m: float) -> float | None:
    """Return the least height between parts whose plans overlap, masts left out: high over low crane."""
    if one.jib_level_m < two.jib_level_m:
        a, b = b, a
    (a0, a1), (b0, b1) = ((p[:_MAST, 0], q[:_MAST, 0]) for p, q in (a, b))
    flat = segment_distances(a0[:, None, :2], a1[:, None, :2], b0[None, :, :2], b1[None, :, :2])
    bottom = np.minimum(a0[:, 2], a1[:, 2])[:, None]
    top = np.maximum(b0[:, 2], b1[:, 2])[None]
    gaps = np.where(flat <= footprint_m, bottom - top, np.inf)
    least = float(gaps.min())
    return None if math.isinf(least) else least


@dataclass(frozen=True)
class PairCheck:
    """The check of two cranes on paper: the numbers, and whether each meets what is asked.

    `high` is the crane whose jib is higher; None when both are at one height.
    """

    one: str
    two: str
    high: str | None
    apart_m: float
    overlaps: bool
    shared_m2: float
    tip_clearance_m: float
    tip_met: bool
    height_gap_m: float | None
    height_met: bool

    @property
    def met(self) -> bool:
        """Whether everything that is asked of the pair is met."""
        return self.tip_met and self.height_met


def static_check(one: Crane, two: Crane, limits: Limits) -> PairCheck:
    """Return the check of a pair whatever way they turn (GB 5144-2006 10.5; JGJ 196-2010).

    Overlap when the bases are nearer than both jibs together; then heights must differ, the low jib's tip must pass the
    high crane's mast by 2 m, and the high crane's lowest part must be 2 m above the low crane's highest.
    """
    apart = math.hypot(two.x - one.x, two.y - one.y)
    overlaps = apart < one.jib_m + two.jib_m
    low, high = sorted((one, two), key=lambda crane: crane.jib_level_m)
    level = math.isclose(low.jib_level_m, high.jib_level_m, abs_tol=1e-6)
    reach = max(one.jib_m, two.jib_m) if level else low.jib_m
    mast = max(one.mast_half_m, two.mast_half_m) if level else high.mast_half_m
    tip = apart - reach - mast
    gap = None if level else high.lowest_m - low.top_m
    shared = lens_area_m2(Disc(one.x, one.y, one.jib_m), Disc(two.x, two.y, two.jib_m))
    return PairCheck(
        one=one.code,
        two=two.code,
        high=None if level else high.code,
        apart_m=apart,
        overlaps=overlaps,
        shared_m2=shared,
        tip_clearance_m=tip,
        tip_met=tip >= limits.static_gap_m,
        height_gap_m=gap,
        height_met=not overlaps or (gap is not None and gap >= limits.static_gap_m),
    )
