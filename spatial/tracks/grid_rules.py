"""Where a positioning grid lies on its site: origin, rotation, scale and floor, fitted to control points. Pure.

A UWB system measures in metres from a corner of its own. Its placement is a 4-parameter Helmert map to the
site's projected CRS (spec 08, 8.3): E = E0 + k (x cos a - y sin a), N = N0 + k (x sin a + y cos a).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


class GridRefused(ValueError):
    """A placement that cannot be used; the message says why and names the worst control point."""


@dataclass(frozen=True, slots=True)
class GridPoint:
    """A control point: metres on the grid, and east and north in the site's projected CRS."""

    x_m: float
    y_m: float
    east_m: float
    north_m: float


@dataclass(frozen=True, slots=True)
class GridPlacement:
    """A grid on its site. `rotation_deg` is the angle from map east to the grid's x axis, anti-clockwise;
    `floor_height_m` is the Yellow Sea height of its floor (height 0)."""

    origin_east_m: float
    origin_north_m: float
    rotation_deg: float = 0.0
    scale: float = 1.0
    floor_height_m: float = 0.0

    def to_plan(self, x_m: Any, y_m: Any) -> tuple[Any, Any]:
        """This function will return east and north of places on the grid (numbers or columns)."""
        angle = math.radians(self.rotation_deg)
        c, s = self.scale * math.cos(angle), self.scale * math.sin(angle)
        return self.origin_east_m + c * x_m - s * y_m, self.origin_north_m + s * x_m + c * y_m


@dataclass(frozen=True, slots=True)
class GridFit:
    """A fitted placement, how far it misses each control point, and their RMS, in metres."""

    placement: GridPlacement
    residuals_m: tuple[float, ...]
    rms_m: float


def fit_grid(
    points: Sequence[GridPoint], *, floor_height_m: float, rms_limit_m: float, scale_tolerance: float
) -> GridFit:
    """This function will place a grid by least squares on its control points.

    Two points give a placement without residuals; from three on they are checked. Raises GridRefused for
    fewer than two distinct points, an RMS above the limit, or a scale that betrays a unit or zone error.
    """
    if len(points) < 2 or len({(p.x_m, p.y_m) for p in points}) < 2:
        raise GridRefused("A grid needs at least two control points at different places.")
    local = np.array([complex(p.x_m, p.y_m) for p in points])
    ground = np.array([complex(p.east_m, p.north_m) for p in points])
    turn, origin = _helmert(local, ground)
    residuals = np.abs(origin + turn * local - ground)
    rms_m = float(np.sqrt(np.mean(residuals**2)))
    scale = abs(turn)
    if rms_m > rms_limit_m:
        worst = int(np.argmax(residuals)) + 1
        raise GridRefused(
            f"The control points miss by {rms_m:.3f} m (RMS, at most {rms_limit_m:g}); "
            f"the worst is number {worst} with {residuals.max():.3f} m. Measure it again."
        )
    if abs(scale - 1.0) > scale_tolerance:
        raise GridRefused(
            f"The grid would be stretched by {scale:.6f}; control points must be in metres on both sides, "
            "and east and north not swapped."
        )
    rotation = math.degrees(math.atan2(turn.imag, turn.real))
    placement = GridPlacement(float(origin.real), float(origin.imag), rotation, scale, floor_height_m)
    return GridFit(placement, tuple(residuals.tolist()), rms_m)


def _helmert(local: NDArray[np.complex128], ground: NDArray[np.complex128]) -> tuple[complex, complex]:
    """Return (turn, origin) of ground = origin + turn * local in the sense of least squares."""
    centre_local, centre_ground = local.mean(), ground.mean()
    spread = local - centre_local
    turn = np.vdot(spread, ground - centre_ground) / np.vdot(spread, spread)
    return complex(turn), complex(centre_ground - turn * centre_local)
