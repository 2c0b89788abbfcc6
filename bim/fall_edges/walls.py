"""Where walls beside straight runs leave no hole that is too high, many runs at once. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bim.ifc.ragged import ranges

from .clipping import Polygons
from .spans import Span
from .values import Values

Array = NDArray[np.float64]
Numbers = NDArray[np.intp]

COLUMNS_AT_ONCE = 500_000
LEAST_HOLE_M = 0.001


def walled(drawn: Polygons, run: Numbers, lengths: Array, values: Values) -> Iterator[tuple[int, Span]]:
    """Yield (run, span) where the polygons drawn before a run, in (s, h, across), leave no hole higher than the
    allowed gap between floor and band. `run` names the run of each polygon; `lengths` (m) are those of all runs."""
    flat = drawn.counts >= 3
    faces, run = drawn.kept(flat), run[flat]
    if not len(run):
        return
    owner = np.repeat(run, faces.counts)
    stops = np.clip(np.round(faces.points[:, 0], 6), 0.0, lengths[owner])
    keys = np.sort(owner + 1j * stops)
    keys = keys[np.append(True, keys[1:] != keys[:-1])]
    inside = keys.real[1:] == keys.real[:-1]
    begins, ends = keys[:-1][inside], keys[1:][inside]
    middles = begins.real + 1j * ((begins.imag + ends.imag) / 2)
    widest = _widest_holes(faces, run, middles, values.barrier_height_m)
    for row in np.flatnonzero(widest <= values.barrier_gap_m + 1e-6).tolist():
        yield int(begins[row].real), (float(begins[row].imag), float(ends[row].imag))


def _widest_holes(faces: Polygons, run: Numbers, places: NDArray[np.complex128], top_m: float) -> Array:
    """Return the height of the highest hole that faces leave between the floor and `top_m` over each place.

    A place is run + i s; places rise.
    """
    face = np.repeat(np.arange(len(run)), faces.counts)
    here = faces.points[:, :2]
    behind = np.arange(1, len(here) + 1)
    behind[faces.first + faces.counts - 1] = faces.first
    there = here[behind]
    low, high = np.minimum(here[:, 0], there[:, 0]), np.maximum(here[:, 0], there[:, 0])
    east = np.maximum.reduceat(here[:, 0], faces.first)[face]
    base = run[face]
    begins = np.searchsorted(places, base + 1j * low, "right")
    ends = np.searchsorted(places, base + 1j * high, "right")
    ends = np.maximum(np.minimum(ends, np.searchsorted(places, base + 1j * east, "left")), begins)
    widest = np.full(len(places), top_m)
    step = max(1, len(places) * COLUMNS_AT_ONCE // max(COLUMNS_AT_ONCE, int((ends - begins).sum())))
    for first in range(0, len(places), step):
        a, b = np.maximum(begins, first), np.minimum(ends, first + step)
        edges = np.flatnonzero(b > a)
        place, edge = ranges(a[edges], b[edges] - a[edges]), np.repeat(edges, b[edges] - a[edges])
        if len(place):
            rise = there[edge] - here[edge]
            heights = here[edge, 1] + rise[:, 1] * (places.imag[place] - here[edge, 0]) / rise[:, 0]
            found, highest = _highest_of(*_columns(place, face[edge], heights), top_m)
            widest[found] = highest
    return widest


def _columns(place: Numbers, face: Numbers, heights: Array) -> tuple[Numbers, Array, Array]:
    """Return (place, from, to) of each face over each place, from the heights at which its edges pass there."""
    order = np.lexsort((face, place))
    place, face, heights = place[order], face[order], heights[order]
    new = np.append(True, (place[1:] != place[:-1]) | (face[1:] != face[:-1]))
    first = np.flatnonzero(new)
    return place[first], np.minimum.reduceat(heights, first), np.maximum.reduceat(heights, first)


def _highest_of(place: Numbers, low: Array, high: Array, top_m: float) -> tuple[Numbers, Array]:
    """Return the places and the height of the highest hole that spans of height leave over each, from 0 to top_m."""
    order = np.lexsort((high, low, place))
    place, low, high = place[order], low[order], high[order]
    first = np.flatnonzero(np.append(True, place[1:] != place[:-1]))
    counts = np.diff(first, append=len(place))
    reached, widest = np.zeros(len(first)), np.zeros(len(first))
    for rank in range(int(counts.max())):
        rows = np.flatnonzero(counts > rank)
        start, end, at = low[first[rows] + rank], high[first[rows] + rank], reached[rows]
        hole = np.where((start - at >= LEAST_HOLE_M) & (at < top_m), np.minimum(start, top_m) - at, 0.0)
        widest[rows] = np.maximum(widest[rows], hole)
        reached[rows] = np.maximum(at, end)
    rest = np.where(top_m - reached >= LEAST_HOLE_M, top_m - reached, 0.0)
    return place[first], np.maximum(widest, rest)
