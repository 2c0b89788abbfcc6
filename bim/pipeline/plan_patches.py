"""Triangles in plan -> few polygons: triangles that share edges grow together without any overlay of polygons."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

AREA_TOLERANCE = 1e-9


def grown_together(plan: NDArray[np.float64], faces: NDArray[np.int64]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Return (polygons, the polygon that each face went into).

    plan (n, 2) in metres; faces (m, 3) counterclockwise, counting into it. Faces that share an edge are one patch, with
    the boundary that is left when shared edges cancel; a patch that covers itself, whose boundary therefore does not
    enclose the sum of its faces, stays in single triangles. Patches may cover one another.
    """
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    face = np.repeat(np.arange(len(faces)), 3)
    beside = _opposite_edges(start * len(plan) + end, end * len(plan) + start)
    inner = beside >= 0
    patch = _components(len(faces), face[inner], face[beside[inner]])
    owner = patch[face[~inner]]
    order = np.argsort(owner, kind="stable")
    boundary = np.stack([plan[start[~inner]], plan[end[~inner]]], axis=1)[order]
    polygons = np.full(int(patch.max(initial=-1)) + 1, None, dtype=object)
    numbers, index = np.unique(owner[order], return_inverse=True)
    if len(numbers):
        edges: Any = shapely.linestrings(boundary)
        polygons[numbers] = shapely.build_area(shapely.multilinestrings(edges, indices=index))
    corners = plan[faces]
    whole = np.bincount(patch, weights=_areas(corners), minlength=len(polygons))
    sound = np.abs(shapely.area(polygons) - whole) <= AREA_TOLERANCE * (1 + whole)
    return _with_triangles(polygons, sound, patch, corners)


def _with_triangles(
    polygons: NDArray[np.object_], sound: NDArray[np.bool_], patch: NDArray[np.intp], corners: NDArray[np.float64]
) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Return the sound polygons and after them the triangles of the others, with the polygon of each triangle."""
    alone = ~sound[patch]
    number = (np.cumsum(sound) - 1)[patch]
    number[alone] = int(sound.sum()) + np.arange(int(alone.sum()))
    triangles: Any = shapely.polygons(corners[alone])
    return np.concatenate([polygons[sound], triangles]), number


def _areas(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]) / 2)


def _opposite_edges(keys: NDArray[np.int64], reverse: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return for each edge one that runs the other way, -1 where there is none."""
    order = np.argsort(keys, kind="stable")
    place = np.minimum(np.searchsorted(keys, reverse, sorter=order), max(len(keys) - 1, 0))
    found = order[place] if len(keys) else order
    return np.where(keys[found] == reverse, found, -1)


def _components(count: int, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return for each of `count` things the number of its group, where one[k] and other[k] belong together."""
    labels = np.arange(count)
    while True:
        least = np.minimum(labels[one], labels[other])
        lower = labels.copy()
        np.minimum.at(lower, labels[one], least)
        np.minimum.at(lower, labels[other], least)
        while not (lower == (shorter := lower[lower])).all():
            lower = shorter
        if (lower == labels).all():
            return np.unique(labels, return_inverse=True)[1]
        labels = lower
