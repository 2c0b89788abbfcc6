"""Binning of weighted points into squares or hexagons of one size, in a metric CRS. Pure arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Shape = Literal["square", "hexagon"]
Centre = tuple[float, float]


@dataclass(frozen=True)
class WeightedPoint:
    """A weight at a place (east, north in metres of the site's projected CRS)."""

    east_m: float
    north_m: float
    weight: float
    grade: int = 0


@dataclass(frozen=True)
class Cell:
    """The sum of the weights in a cell, and the highest grade in it; the centre in metres."""

    east_m: float
    north_m: float
    weight: float
    grade: int


def square_centre(east_m: float, north_m: float, size_m: float) -> Centre:
    """Return the centre of the square (side `size_m`) that holds a point; a cell owns its lower and left edge."""
    return (math.floor(east_m / size_m) + 0.5) * size_m, (math.floor(north_m / size_m) + 0.5) * size_m


def hexagon_centre(east_m: float, north_m: float, size_m: float) -> Centre:
    """Return the centre of the pointy-topped hexagon (distance between flat sides `size_m`) nearest to a point."""
    row_height = size_m * math.sqrt(3) / 2
    row = math.floor(north_m / row_height)
    candidates = []
    for r in (row, row + 1):
        shift = 0.5 * size_m * (r % 2)
        column = math.floor((east_m - shift) / size_m + 0.5)
        candidates.append((column * size_m + shift, r * row_height))
    return min(candidates, key=lambda c: (c[0] - east_m) ** 2 + (c[1] - north_m) ** 2)


def spread_points(points: Iterable[WeightedPoint], radius_m: float) -> Iterator[WeightedPoint]:
    """Yield each point's weight shared out over a disc of `radius_m` around it; no weight is lost.

    Shares follow the quartic kernel (1 - (d/r)²)², as heat maps of GIS do, taken at the middle and on three rings.
    A radius of 0 leaves the points as they are.
    """
    if radius_m <= 0:
        yield from points
        return
    shares = [(0.0, 0.0, 1.0)]
    for ring, count in ((0.25, 6), (0.5, 12), (0.75, 18)):
        for number in range(count):
            angle = 2 * math.pi * number / count
            shares.append((ring * math.cos(angle), ring * math.sin(angle), (1 - ring**2) ** 2))
    total = sum(share for _, _, share in shares)
    for point in points:
        for east, north, share in shares:
            yield WeightedPoint(
                point.east_m + east * radius_m,
                point.north_m + north * radius_m,
                point.weight * share / total,
                point.grade,
            )


def corners(cell: Cell, *, size_m: float, shape: Shape) -> list[Centre]:
    """Return the corners of a cell (east, north in metres), anti-clockwise, not closed."""
    if shape == "square":
        half = size_m / 2
        return [(cell.east_m + x * half, cell.north_m + y * half) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    radius = size_m / math.sqrt(3)
    angles = [math.radians(30 + 60 * number) for number in range(6)]
    return [(cell.east_m + radius * math.cos(a), cell.north_m + radius * math.sin(a)) for a in angles]


def bin_points(points: Iterable[WeightedPoint], *, size_m: float, shape: Shape) -> list[Cell]:
    """This function will sum points into cells of `size_m` metres; no weight is lost.

    Cells come in the order of their centres. Raises ValueError when the size is not positive.
    """
    if size_m <= 0:
        raise ValueError("A cell needs a size above 0 m.")
    centre_of: Callable[[float, float, float], Centre] = square_centre if shape == "square" else hexagon_centre
    sums: dict[Centre, float] = {}
    grades: dict[Centre, int] = {}
    for point in points:
        centre = centre_of(point.east_m, point.north_m, size_m)
        sums[centre] = sums.get(centre, 0.0) + point.weight
        grades[centre] = max(grades.get(centre, 0), point.grade)
    return [Cell(*centre, sums[centre], grades[centre]) for centre in sorted(sums)]
