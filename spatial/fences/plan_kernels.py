"""Plan geometry for machine code: on which side of a zone's edges, how far from them, P(inside) (numba).

Every function takes the edges of zones as rows (ax, ay, bx, by, 1 / length squared), directed so that the inside lies
to the left. A point nearer than 1e-9 m to an edge is UNSURE here, and its membership is asked of GEOS, which decides
exactly.
"""

from __future__ import annotations

import math

import numpy as np

from spatial.fences.machine_code import compiled, compiled_branchless
from spatial.fences.probability import CERTAIN_AFTER_SIGMAS, R95_PER_SIGMA

OUTSIDE, INSIDE, UNSURE = 0, 1, -1
UNSURE_M = 1e-9
FAR_SQUARED = 1e30
_FAR_BITS = np.float64(FAR_SQUARED).view(np.int64)
SURE_SQUARED = 1e-12  # a point farther than a micrometre from an edge lies surely on one side of it
_END = 1e-9
EDGES_PER_CHUNK = 8
_TAIL_SIGMAS = 7.0
# Gauss-Legendre rules by the length of the piece in sigmas: up to 0.25, up to 1.5, up to the whole 14.
_N4, _W4 = np.polynomial.legendre.leggauss(5)
_N12, _W12 = np.polynomial.legendre.leggauss(12)
_N40, _W40 = np.polynomial.legendre.leggauss(40)
_SIGMA_PER_R95 = 1.0 / R95_PER_SIGMA


@compiled
def side(x: float, y: float, edges: np.ndarray, first: int, end: int) -> int:
    """Return INSIDE or OUTSIDE by the parity of the edges that a ray to the right crosses, or UNSURE at an edge."""
    inside = False
    for k in range(first, end):
        ay, by = edges[k, 1], edges[k, 3]
        low, high = (ay, by) if ay < by else (by, ay)
        if y < low - UNSURE_M or y > high + UNSURE_M:
            continue
        ax, bx = edges[k, 0], edges[k, 2]
        dx, dy = bx - ax, by - ay
        cross = dx * (y - ay) - dy * (x - ax)
        if cross * cross <= 1e-18 * (dx * dx + dy * dy):
            left, right = (ax, bx) if ax < bx else (bx, ax)
            if left - UNSURE_M <= x <= right + UNSURE_M:
                return UNSURE
        if (ay > y) != (by > y) and (cross > 0.0) == (dy > 0.0):
            inside = not inside
    return INSIDE if inside else OUTSIDE


@compiled_branchless
def squared_distance(x: float, y: float, edges: np.ndarray, k: int) -> float:
    """Return the squared distance of a point to an edge; without branches, which a processor would guess wrongly."""
    px, py = x - edges[k, 0], y - edges[k, 1]
    dx, dy = edges[k, 2] - edges[k, 0], edges[k, 3] - edges[k, 1]
    along = min(max((px * dx + py * dy) * edges[k, 4], 0.0), 1.0)
    qx, qy = px - along * dx, py - along * dy
    return qx * qx + qy * qy


@compiled_branchless
def least_square(x: float, y: float, chain: np.ndarray, first: int, count: int) -> float:
    """Return the squared distance of a point to the nearest edge of a run; FAR_SQUARED without edges.

    A chain is rows of east, north and 1 / (length to the next corner) squared, 0 where no edge leads there. The least
    is sought among the bits of the squares: they order as whole numbers do, and a processor compares eight at once.
    """
    east, north = chain[0, first : first + count + 1], chain[1, first : first + count + 1]
    weight = chain[2, first : first + count]
    least = _FAR_BITS
    for k in range(count):
        px, py = x - east[k], y - north[k]
        dx, dy = east[k + 1] - east[k], north[k + 1] - north[k]
        along = (px * dx + py * dy) * weight[k]
        along = 0.0 if along < 0.0 else along
        along = 1.0 if along > 1.0 else along
        qx, qy = px - along * dx, py - along * dy
        bits = np.float64(qx * qx + qy * qy).view(np.int64)
        least = bits if bits < least else least
    return np.int64(least).view(np.float64)


@compiled_branchless
def least_of_few(x: float, y: float, corners: np.ndarray, first: int, count: int) -> float:
    """Return the squared distance to the nearest edge of a short run; `corners` are a chain's columns side by side."""
    least = FAR_SQUARED
    for k in range(first, first + count):
        px, py = x - corners[k, 0], y - corners[k, 1]
        dx, dy = corners[k + 1, 0] - corners[k, 0], corners[k + 1, 1] - corners[k, 1]
        along = min(max((px * dx + py * dy) * corners[k, 2], 0.0), 1.0)
        qx, qy = px - along * dx, py - along * dy
        least = min(qx * qx + qy * qy, least)
    return least


@compiled_branchless
def nearest_of_few(x: float, y: float, corners: np.ndarray, first: int, count: int) -> tuple[float, int]:
    """Return the squared distance to the nearest edge of a short run, and which edge that is.

    `corners` are the columns of a chain beside each other.
    """
    least, nearest = FAR_SQUARED, first
    for k in range(first, first + count):
        px, py = x - corners[k, 0], y - corners[k, 1]
        dx, dy = corners[k + 1, 0] - corners[k, 0], corners[k + 1, 1] - corners[k, 1]
        along = min(max((px * dx + py * dy) * corners[k, 2], 0.0), 1.0)
        qx, qy = px - along * dx, py - along * dy
        square = qx * qx + qy * qy
        nearest = k if square < least else nearest
        least = min(square, least)
    return least, nearest


@compiled
def side_of_nearest(x: float, y: float, square: float, corners: np.ndarray, k: int) -> int:
    """Return INSIDE or OUTSIDE by the edge that is nearest, or UNSURE beyond its ends or very near to it."""
    px, py = x - corners[k, 0], y - corners[k, 1]
    dx, dy = corners[k + 1, 0] - corners[k, 0], corners[k + 1, 1] - corners[k, 1]
    along = (px * dx + py * dy) * corners[k, 2]
    if square < SURE_SQUARED or along < _END or along > 1.0 - _END:
        return UNSURE
    return INSIDE if dx * py - dy * px > 0.0 else OUTSIDE


@compiled_branchless
def squared_distances(x: float, y: float, chain: np.ndarray, first: int, count: int, squares: np.ndarray) -> float:
    """Write the squared distance of a point to each edge of a run, and return the least."""
    east, north = chain[0, first : first + count + 1], chain[1, first : first + count + 1]
    weight = chain[2, first : first + count]
    least = _FAR_BITS
    for k in range(count):
        px, py = x - east[k], y - north[k]
        dx, dy = east[k + 1] - east[k], north[k + 1] - north[k]
        along = (px * dx + py * dy) * weight[k]
        along = 0.0 if along < 0.0 else along
        along = 1.0 if along > 1.0 else along
        qx, qy = px - along * dx, py - along * dy
        squares[k] = qx * qx + qy * qy
        bits = np.float64(qx * qx + qy * qy).view(np.int64)
        least = bits if bits < least else least
    return np.int64(least).view(np.float64)


@compiled
def squared_distance_to_box(x: float, y: float, box: np.ndarray, n: int) -> float:
    """Return the squared distance of a point to a box (west, south, east, north); 0 in it."""
    dx = max(box[n, 0] - x, x - box[n, 2], 0.0)
    dy = max(box[n, 1] - y, y - box[n, 3], 0.0)
    return dx * dx + dy * dy


@compiled
def squared_distance_to_edges(
    x: float,
    y: float,
    limit: float,
    z: int,
    edges: np.ndarray,
    zone_start: np.ndarray,
    chunk_first: np.ndarray,
    chunk_box: np.ndarray,
) -> float:
    """Return the squared distance of a point to the edges of a zone, or more than `limit` when it is more."""
    least = np.inf
    for c in range(chunk_first[z], chunk_first[z + 1]):
        if squared_distance_to_box(x, y, chunk_box, c) > min(limit, least):
            continue
        begin = zone_start[z] + (c - chunk_first[z]) * EDGES_PER_CHUNK
        for k in range(begin, min(begin + EDGES_PER_CHUNK, zone_start[z + 1])):
            d = squared_distance(x, y, edges, k)
            if d < least:
                least = d
    return least


@compiled
def _near_piece(distance: float, low: float, high: float, nodes: np.ndarray, weights: np.ndarray) -> float:
    half, middle, total = (high - low) / 2.0, (high + low) / 2.0, 0.0
    for n in range(nodes.size):
        t = half * nodes[n] + middle
        q = max((distance * distance + t * t) / 2.0, 1e-300)
        total += weights[n] * (-math.expm1(-q) / (2.0 * q))
    return half * total * distance


@compiled
def gaussian_inside(x: float, y: float, accuracy_m: float, edges: np.ndarray, first: int, end: int) -> float:
    """Return the integral of a circular Gaussian of this r95 over a zone, edge by edge.

    The same sum as `probability.integrate_gaussian`, with fewer nodes on short pieces.
    """
    sigma = accuracy_m * _SIGMA_PER_R95
    total = 0.0
    for k in range(first, end):
        sx, sy = (edges[k, 0] - x) / sigma, (edges[k, 1] - y) / sigma
        ex, ey = (edges[k, 2] - x) / sigma, (edges[k, 3] - y) / sigma
        length = math.sqrt((ex - sx) ** 2 + (ey - sy) ** 2)
        if length == 0.0:
            continue
        ux, uy = (ex - sx) / length, (ey - sy) / length
        distance = sx * uy - sy * ux
        start = sx * ux + sy * uy
        stop = start + length
        low = min(max(start, -_TAIL_SIGMAS), _TAIL_SIGMAS)
        high = min(max(stop, -_TAIL_SIGMAS), _TAIL_SIGMAS)
        if high > low:
            if high - low <= 0.25:
                total += _near_piece(distance, low, high, _N4, _W4)
            elif high - low <= 1.5:
                total += _near_piece(distance, low, high, _N12, _W12)
            else:
                total += _near_piece(distance, low, high, _N40, _W40)
        if distance != 0.0 and (start < low or stop > high):
            span = abs(distance)
            tails = math.atan2(low, span) - math.atan2(start, span) + math.atan2(stop, span) - math.atan2(high, span)
            total += tails if distance > 0.0 else -tails
    return min(1.0, max(0.0, total / (2.0 * math.pi)))


@compiled
def plan_probability(
    x: float, y: float, accuracy_m: float, distance_m: float, inside: bool, edges: np.ndarray, first: int, end: int
) -> float:
    """Return P(inside) in plan of a fix whose distance to the zone's boundary is known: certain beyond 4 sigma."""
    if distance_m > CERTAIN_AFTER_SIGMAS * accuracy_m * _SIGMA_PER_R95:
        return 1.0 if inside else 0.0
    if accuracy_m <= 0.0:
        return 1.0 if inside else 0.0
    return gaussian_inside(x, y, accuracy_m, edges, first, end)
