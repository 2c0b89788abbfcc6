"""Fit a picture to the ground: an affine map from pixels to projected metres by least squares. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

DEFAULT_LIMIT_M = 0.5  # RMS of a drawn plan; a scan of paper may need more
MAX_STRETCH = 0.10
MAX_SKEW_DEG = 5.0


class FitRefused(ValueError):
    """Control points that cannot place a picture; the message says why and names the worst one.

    `residuals_m` are those of each point where a fit was found but is too bad.
    """

    def __init__(self, message: str, residuals_m: tuple[float, ...] = ()) -> None:
        super().__init__(message)
        self.residuals_m = residuals_m


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """A place of the picture (x right, y down, 0 0 = upper left corner) and on the ground (E, N in metres)."""

    x: float
    y: float
    east_m: float
    north_m: float


@dataclass(frozen=True)
class Fit:
    """E = a x + b y + c, N = d x + e y + f, with the residual of each point and their RMS in metres."""

    coefficients: tuple[float, float, float, float, float, float]
    residuals_m: tuple[float, ...]
    rms_m: float

    def to_map(self, x: float, y: float) -> tuple[float, float]:
        """This function will return east and north of a pixel position."""
        a, b, c, d, e, f = self.coefficients
        return a * x + b * y + c, d * x + e * y + f


def read_control_points(rows: Sequence[Mapping[str, Any]]) -> list[ControlPoint]:
    """This function will read [{"pixel": [x, y], "map": [E, N]}, ...]. Raises FitRefused naming the point."""
    points = []
    for number, row in enumerate(rows, start=1):
        try:
            x, y = (float(value) for value in row["pixel"])
            east_m, north_m = (float(value) for value in row["map"])
        except (KeyError, TypeError, ValueError) as error:
            raise FitRefused(f'Control point {number} must be {{"pixel": [x, y], "map": [E, N]}}.') from error
        if not all(map(math.isfinite, (x, y, east_m, north_m))):
            raise FitRefused(f"Control point {number} has a value that is not a number.")
        points.append(ControlPoint(x, y, east_m, north_m))
    return points


def fit_affine(points: Sequence[ControlPoint], *, limit_m: float = DEFAULT_LIMIT_M) -> Fit:
    """This function will fit the six parameters by least squares and check what came out.

    Raises FitRefused for fewer than 3 points, points in one line, a mirrored picture, an implausible stretch
    or skew, or residuals above `limit_m` (RMS).
    """
    if len(points) < 3:
        raise FitRefused(f"A picture needs at least 3 control points, not {len(points)}.")
    pixels = np.array([(point.x, point.y) for point in points])
    ground = np.array([(point.east_m, point.north_m) for point in points])
    middle, centre = pixels.mean(axis=0), ground.mean(axis=0)
    spread = float(np.abs(pixels - middle).max()) or 1.0
    design = np.column_stack([(pixels - middle) / spread, np.ones(len(points))])
    if np.linalg.svd(design, compute_uv=False)[-1] < 1e-3:
        raise FitRefused("The control points lie in one line; spread them over the picture.")
    solution, *_ = np.linalg.lstsq(design, ground - centre, rcond=None)
    matrix = solution[:2].T / spread
    offset = centre + solution[2] - matrix @ middle
    errors = np.hypot(*(ground - (pixels @ matrix.T + offset)).T)
    rms_m = float(np.sqrt((errors**2).mean()))
    _check_shape(matrix)
    if rms_m > limit_m:
        worst = int(errors.argmax())
        raise FitRefused(
            f"The control points do not fit: RMS {rms_m:.2f} m, more than {limit_m:g} m. "
            f"The worst is point {worst + 1} with {errors[worst]:.2f} m.",
            tuple(float(error) for error in errors),
        )
    (a, b), (d, e) = matrix
    coefficients = (float(a), float(b), float(offset[0]), float(d), float(e), float(offset[1]))
    return Fit(coefficients, tuple(float(error) for error in errors), rms_m)


def _check_shape(matrix: np.ndarray) -> None:
    (a, b), (d, e) = matrix
    if a * e - b * d >= 0:  # pixel rows run down and north runs up: a plan seen from above has a negative one
        raise FitRefused("The picture would be mirrored; check the order of east and north, and of x and y.")
    across, down = math.hypot(a, d), math.hypot(b, e)
    if abs(across / down - 1) > MAX_STRETCH:
        raise FitRefused(f"A pixel would be {across:.3f} m wide and {down:.3f} m high; a point is wrong.")
    skew_deg = abs(math.degrees(math.asin(max(-1.0, min(1.0, (a * b + d * e) / (across * down))))))
    if skew_deg > MAX_SKEW_DEG:
        raise FitRefused(f"The picture would be skewed by {skew_deg:.1f} degrees; a point is wrong.")


def residuals_m(coefficients: Sequence[float], points: Sequence[ControlPoint]) -> list[float]:
    """This function will return how far, in metres, each control point lies from where a stored fit puts it."""
    a, b, c, d, e, f = coefficients
    return [math.hypot(p.east_m - (a * p.x + b * p.y + c), p.north_m - (d * p.x + e * p.y + f)) for p in points]
