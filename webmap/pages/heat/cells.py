"""Binning of weighted points into squares or hexagons of one size, in a metric CRS. Pure arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
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
