"""Straight pieces of a boundary, the stretches of them that matter, and chains of these. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from .spans import Span
from .surfaces import Body

Array = NDArray[np.float64]

SAME_DROP_M = 0.5


@dataclass(frozen=True)
class Run:
    """A straight piece of a boundary at one height, and the elements it belongs to."""

    start: Array
    end: Array
    z_m: float
    hosts: tuple[Body, ...]


@dataclass(frozen=True)
class Stretch:
    """A part of a run with a drop beside it; `by` are the GlobalIds of the barriers where it is protected."""

    start: Array
    end: Array
    drop_m: float
    hosts: tuple[Body, ...]
    by: tuple[str, ...] = ()


def stretch_of(run: Run, along: Array, part: Span, drop_m: float, by: tuple[str, ...] = ()) -> Stretch:
    """Return the stretch between two distances (m) along a run."""
    start, end = (np.append(run.start + along * at, run.z_m) for at in part)
    return Stretch(start, end, drop_m, run.hosts, by)


def barriers_of(parts: Sequence[Stretch]) -> tuple[str, ...]:
    """Return the GlobalIds of all barriers of the stretches, each once."""
    return tuple(dict.fromkeys(name for part in parts for name in part.by))


def pieces_between(length: float, spans: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans between 0 and `length` in which no other span begins or ends."""
    last = round(length, 6)
    stops = {round(at * 1e6) / 1e6 for at in (0.0, length, *(at for span in spans for at in span))}
    yield from pairwise(sorted(at for at in stops if 0.0 <= at <= last))


def chains_of(parts: list[Stretch]) -> Iterator[list[Stretch]]:
    """Yield stretches that follow one another with about the same drop; the ring's end may go on at its start."""
    chains: list[list[Stretch]] = []
    for part in parts:
        if chains and _follows(chains[-1][-1], part):
            chains[-1].append(part)
        else:
            chains.append([part])
    if len(chains) > 1 and _follows(chains[-1][-1], chains[0][0]):
        chains[0] = chains.pop() + chains[0]
    yield from chains


def _follows(before: Stretch, after: Stretch) -> bool:
    near = np.hypot(*(before.end - after.start)[:2]) < 0.002 and abs(before.end[2] - after.start[2]) < SAME_DROP_M
    return bool(near and abs(before.drop_m - after.drop_m) <= SAME_DROP_M)


def straightened(points: Array) -> Array:
    """Return a line without the points that lie on the straight between their neighbours."""
    keep = [0]
    for index in range(1, len(points) - 1):
        before, here, after = points[keep[-1]], points[index], points[index + 1]
        whole = after - before
        size = float(np.linalg.norm(whole))
        if size < 1e-9 or np.linalg.norm(np.cross(whole, here - before)) / size > 0.001:
            keep.append(index)
    return points[[*keep, len(points) - 1]]


def short_side(polygon: Any) -> float:
    """Return the shorter side (m) of the smallest rectangle around a polygon."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))
    return float(np.linalg.norm(np.diff(box[:3], axis=0), axis=1).min()) if len(box) >= 4 else 0.0
