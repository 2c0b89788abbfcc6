"""Shapes of moving danger in plan and in space, each with a closed form for distance. Pure: numpy, no clock.

Plan coordinates are metres east (x) and north (y) of the site's projected CRS, angles radians counter-clockwise from
map east, heights metres of the 1985 Yellow Sea height. Distances are 0 inside a shape.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
_TINY = 1e-12
TURN = 2.0 * math.pi


@dataclass(frozen=True, slots=True)
class Disc:
    """All places within `radius_m` of a point."""

    x: float
    y: float
    radius_m: float

    def distance(self, x: ArrayLike, y: ArrayLike) -> Array:
        """Return how far outside the disc each place is."""
        away = np.hypot(np.asarray(x, float) - self.x, np.asarray(y, float) - self.y)
        return np.maximum(0.0, away - self.radius_m)

    @property
    def area_m2(self) -> float:
        """Its area: pi r²."""
        return math.pi * self.radius_m**2


@dataclass(frozen=True, slots=True)
class Sector:
    """A swept part of a ring: radii from `inner_m` to `outer_m`, from `start_rad` on by `sweep_rad` (0 to 2 pi)."""

    x: float
    y: float
    inner_m: float
    outer_m: float
    start_rad: float
    sweep_rad: float

    def distance(self, x: ArrayLike, y: ArrayLike) -> Array:
        """Return how far outside the sector each place is: to its ring within the angle, else to its straight ends."""
        dx, dy = np.asarray(x, float) - self.x, np.asarray(y, float) - self.y
        radius = np.hypot(dx, dy)
        turned = np.mod(np.arctan2(dy, dx) - self.start_rad, TURN)
        ring = np.maximum(0.0, np.maximum(self.inner_m - radius, radius - self.outer_m))
        ends = np.minimum(self._to_end(dx, dy, self.start_rad), self._to_end(dx, dy, self.start_rad + self.sweep_rad))
        return np.where((turned <= self.sweep_rad) | (self.sweep_rad >= TURN), ring, ends)

    def _to_end(self, dx: Array, dy: Array, angle: float) -> Array:
        along = dx * math.cos(angle) + dy * math.sin(angle)
        across = dy * math.cos(angle) - dx * math.sin(angle)
        return np.hypot(along - np.clip(along, self.inner_m, self.outer_m), across)

    @property
    def area_m2(self) -> float:
        """Its area: (R² - r²) times half the angle."""
        return (self.outer_m**2 - self.inner_m**2) * min(self.sweep_rad, TURN) / 2.0


@dataclass(frozen=True, slots=True)
class Capsule:
    """All places within `radius_m` of the line from (x0, y0) to (x1, y1)."""

    x0: float
    y0: float
    x1: float
    y1: float
    radius_m: float

    def distance(self, x: ArrayLike, y: ArrayLike) -> Array:
        """Return how far outside the capsule each place is."""
        px, py = np.asarray(x, float) - self.x0, np.asarray(y, float) - self.y0
        dx, dy = self.x1 - self.x0, self.y1 - self.y0
        long2 = dx * dx + dy * dy
        share = np.clip((px * dx + py * dy) / long2, 0.0, 1.0) if long2 > _TINY else np.zeros_like(px)
        return np.maximum(0.0, np.hypot(px - share * dx, py - share * dy) - self.radius_m)

    @property
    def area_m2(self) -> float:
        """Its area: a strip with two half discs."""
        return 2.0 * self.radius_m * math.hypot(self.x1 - self.x0, self.y1 - self.y0) + math.pi * self.radius_m**2


PlanShape = Disc | Sector | Capsule


def lens_area_m2(one: Disc, two: Disc) -> float:
    """Return the area that two discs share: the sum of two circular segments."""
    apart = math.hypot(two.x - one.x, two.y - one.y)
    r, s = one.radius_m, two.radius_m
    if apart >= r + s:
        return 0.0
    if apart <= abs(r - s):
        return math.pi * min(r, s) ** 2
    a = math.acos(max(-1.0, min(1.0, (apart**2 + r**2 - s**2) / (2 * apart * r))))
    b = math.acos(max(-1.0, min(1.0, (apart**2 + s**2 - r**2) / (2 * apart * s))))
    return r * r * (a - math.sin(2 * a) / 2) + s * s * (b - math.sin(2 * b) / 2)


def segment_distances(a0: ArrayLike, a1: ArrayLike, b0: ArrayLike, b1: ArrayLike) -> Array:
    """Return the least distance between segments a0-a1 and b0-b1, for arrays of shape (..., 2) or (..., 3).

    The nearest points of two lines by the normal equations, clamped to the segments (Ericson, Real-Time Collision
    Detection, 5.1.9); segments of no length are points.
    """
    p, q = np.asarray(a0, float), np.asarray(b0, float)
    d1, d2 = np.asarray(a1, float) - p, np.asarray(b1, float) - q
    r = p - q
    a, e = _dot(d1, d1), _dot(d2, d2)
    b, c, f = _dot(d1, d2), _dot(d1, r), _dot(d2, r)
    safe_a, safe_e = np.where(a > _TINY, a, 1.0), np.where(e > _TINY, e, 1.0)
    spread = a * e - b * b
    crossing = spread > 1e-9 * a * e
    s = np.where(crossing, np.clip((b * f - c * e) / np.where(crossing, spread, 1.0), 0.0, 1.0), 0.0)
    t = np.where(e > _TINY, (b * s + f) / safe_e, 0.0)
    clamped = np.clip(t, 0.0, 1.0)
    again = np.where(a > _TINY, np.clip((b * clamped - c) / safe_a, 0.0, 1.0), 0.0)
    s = np.where((t != clamped) | (e <= _TINY), again, s)
    s = np.where(a > _TINY, s, 0.0)
    apart = r + s[..., None] * d1 - clamped[..., None] * d2
    return np.sqrt(_dot(apart, apart))


def _dot(u: Array, v: Array) -> Array:
    return np.einsum("...i,...i->...", u, v)


def heading_of(before: Sequence[float], after: Sequence[float], *, least_m: float) -> float | None:
    """Return the direction from one place to another (radians from map east), None below `least_m` of way."""
    dx, dy = after[0] - before[0], after[1] - before[1]
    return math.atan2(dy, dx) if math.hypot(dx, dy) >= least_m else None
