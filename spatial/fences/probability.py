"""How likely a position with a stated accuracy is inside a polygon: an integral, not a buffer.

The error of a fix is a circular Gaussian about the reported point. Trackers state r95, the radius that holds
95 % of it, so sigma = r95 / sqrt(-2 ln 0.05). Membership of the point itself is exact geometry (spec 07,
7.2); this is what alarms decide on.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

R95_PER_SIGMA = math.sqrt(-2.0 * math.log(0.05))
HEIGHT95_PER_SIGMA = 1.959963984540054  # of one dimension: 95 % of a Gaussian lie within
# Beyond this many sigmas from the boundary at most exp(-8) = 0.0003 of the probability lies across it.
CERTAIN_AFTER_SIGMAS = 4.0
_TAIL_SIGMAS = 7.0
_NODES = 40


def sigma_of(accuracy_m: float) -> float:
    """This function will return the standard deviation per axis, in metres, of an r95 accuracy in metres."""
    return accuracy_m / R95_PER_SIGMA


def probability_inside(polygon: shapely.Geometry, east_m: float, north_m: float, accuracy_m: float) -> float:
    """This function will return P(inside), 0..1, of a fix for a (multi)polygon in the same projected CRS.

    Exact to 0.0004: certainties beyond 4 sigma of the boundary, quadrature nearer to it. `polygon` may be
    prepared (shapely.prepare), which makes the certain cases fast. Empty polygons give 0.
    """
    sigma_m = sigma_of(accuracy_m)
    point = shapely.Point(east_m, north_m)
    if not shapely.dwithin(polygon, point, CERTAIN_AFTER_SIGMAS * sigma_m):
        return 0.0
    boundary = shapely.boundary(polygon)
    if not shapely.dwithin(boundary, point, CERTAIN_AFTER_SIGMAS * sigma_m):
        return 1.0
    return integrate_gaussian(polygon, east_m, north_m, sigma_m)


def probability_of_height(low_m: float, high_m: float, height_accuracy_m: float) -> float:
    """This function will return P(low <= error < high) of a height error of which 95 % lie within the accuracy."""
    scale = height_accuracy_m / HEIGHT95_PER_SIGMA * math.sqrt(2.0)
    return max(0.0, 0.5 * (math.erf(high_m / scale) - math.erf(low_m / scale)))


def integrate_gaussian(polygon: shapely.Geometry, east_m: float, north_m: float, sigma_m: float) -> float:
    """This function will integrate a circular Gaussian over a (multi)polygon with holes, edge by edge.

    By Green's theorem the integral is the sum over directed edges at signed distance d from the centre of
    1/2pi * integral of d * (1 - exp(-(d^2 + t^2) / 2 sigma^2)) / (d^2 + t^2) dt along the edge. Within 7
    sigma of the foot the integrand is smooth (Gauss-Legendre, 40 nodes); beyond, the exponential is below
    3e-11 and the rest is an arc tangent.
    """
    total = 0.0
    for part in shapely.get_parts(polygon):
        for ring in shapely.get_rings(shapely.orient_polygons(part)):
            corners = (shapely.get_coordinates(ring) - (east_m, north_m)) / sigma_m
            total += _ring_integral(corners)
    return min(1.0, max(0.0, total))


@cache
def _rule() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return nodes, weights


def _ring_integral(corners: NDArray[np.float64]) -> float:
    """Sum the edges of one directed ring; corners in sigmas from the centre, first repeated at the end."""
    start, end = corners[:-1], corners[1:]
    length = np.hypot(*(end - start).T)
    start, end, length = start[length > 0], end[length > 0], length[length > 0]
    along = (end - start) / length[:, None]
    distance = start[:, 0] * along[:, 1] - start[:, 1] * along[:, 0]
    t_start = (start * along).sum(axis=1)
    t_end = t_start + length
    low = np.clip(t_start, -_TAIL_SIGMAS, _TAIL_SIGMAS)
    high = np.clip(t_end, -_TAIL_SIGMAS, _TAIL_SIGMAS)
    nodes, weights = _rule()
    half = (high - low) / 2.0
    t = half[:, None] * nodes + ((high + low) / 2.0)[:, None]
    q = np.maximum((distance[:, None] ** 2 + t**2) / 2.0, 1e-300)
    near = half * ((-np.expm1(-q) / (2.0 * q)) @ weights) * distance
    angle = np.arctan2(np.stack([t_start, low, high, t_end]), np.abs(distance)) * np.sign(distance)
    tails = (angle[1] - angle[0]) + (angle[3] - angle[2])
    return float((near + tails).sum() / (2.0 * math.pi))
