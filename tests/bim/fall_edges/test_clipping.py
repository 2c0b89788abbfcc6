"""What is cut and drawn for many triangles at once is what plain numbers give for each."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bim.fall_edges.clipping import MARGIN, Polygons, clipped
from bim.fall_edges.spans import joined, without
from bim.fall_edges.values import usual_values
from bim.fall_edges.walls import walled

Polygon = list[list[float]]
LEAST, MOST = np.array([0.0, 0.0, -0.5]), np.array([4.0, 1.2, 0.3])
NUMBERS = st.one_of(st.sampled_from([0.0, 0.3, -0.5, 1.2, 4.0, 2.0]), st.floats(-3, 7, allow_nan=False))
TRIANGLES = st.lists(st.lists(NUMBERS, min_size=9, max_size=9), min_size=1, max_size=12)


def plainly_cut(polygon: Polygon) -> Polygon:
    """Return what lies in the box, by Sutherland and Hodgman."""
    low, high = [min(axis) for axis in zip(*polygon, strict=True)], [max(axis) for axis in zip(*polygon, strict=True)]
    least, most = (LEAST - MARGIN).tolist(), (MOST + MARGIN).tolist()
    if any(low[axis] > most[axis] or high[axis] < least[axis] for axis in range(3)):
        return []
    for axis in range(3):
        for needed, limit, sign in ((low[axis] < least[axis], least, 1.0), (high[axis] > most[axis], most, -1.0)):
            polygon = plain_half(polygon, axis, limit[axis], sign) if needed else polygon
    return polygon


def plain_half(polygon: Polygon, axis: int, limit: float, sign: float) -> Polygon:
    kept: Polygon = []
    for here, there in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        a, b = (here[axis] - limit) * sign, (there[axis] - limit) * sign
        if a >= 0:
            kept.append(here)
        if (a >= 0) != (b >= 0):
            kept.append([h + (t - h) * (a / (a - b)) for h, t in zip(here, there, strict=True)])
    return kept


def each(polygons: Polygons) -> list[Polygon]:
    return [part.tolist() for part in np.split(polygons.points, polygons.first[1:])] if len(polygons.first) else []


def cut_all(triangles: Any) -> Polygons:
    corners = np.array(triangles).reshape(-1, 3, 3)
    return clipped(corners, np.tile(LEAST, (len(corners), 1)), np.tile(MOST, (len(corners), 1)))


@settings(max_examples=300, deadline=None)
@given(TRIANGLES)
def test_triangles_are_cut_to_the_box_to_the_last_bit_as_plain_numbers_cut_them(triangles: list[list[float]]) -> None:
    seen = cut_all(triangles)
    plain = [plainly_cut(np.array(one).reshape(3, 3).tolist()) for one in triangles]
    assert seen.source.tolist() == [number for number, polygon in enumerate(plain) if len(polygon) >= 2]
    assert each(seen) == [polygon for polygon in plain if len(polygon) >= 2]


def plainly_walled(faces: list[Polygon], length: float) -> list[tuple[float, float]]:
    """Return the spans without a hole that is too high, face by face."""
    values = usual_values()
    stops = np.clip(np.round([point[0] for face in faces for point in face], 6), 0.0, length)
    found = []
    for a, b in pairwise(sorted(set(stops.tolist()))):
        at, heights = (a + b) / 2, []
        for face in faces:
            if min(p[0] for p in face) < at < max(p[0] for p in face):
                crossed = [
                    here[1] + (there[1] - here[1]) * (at - here[0]) / (there[0] - here[0])
                    for here, there in zip(face, face[1:] + face[:1], strict=True)
                    if (here[0] < at) != (there[0] < at)
                ]
                heights.append((min(crossed), max(crossed)))
        holes = without((0.0, values.barrier_height_m), joined(heights))
        if max((high - low for low, high in holes), default=0.0) <= values.barrier_gap_m + 1e-6:
            found.append((a, b))
    return found


@settings(max_examples=300, deadline=None)
@given(st.lists(TRIANGLES, min_size=1, max_size=3))
def test_walls_of_many_runs_protect_where_each_alone_does(runs: list[list[list[float]]]) -> None:
    drawn = cut_all([triangle for triangles in runs for triangle in triangles])
    run = np.repeat(np.arange(len(runs)), [len(triangles) for triangles in runs])[drawn.source]
    lengths = np.full(len(runs), MOST[0])
    faces = [[polygon for polygon in each(cut_all(triangles)) if len(polygon) >= 3] for triangles in runs]
    expected = [(number, span) for number, own in enumerate(faces) for span in plainly_walled(own, float(MOST[0]))]
    assert list(walled(drawn, run, lengths, usual_values())) == expected


def test_a_wall_of_two_triangles_protects_all_of_its_run_and_half_a_wall_half_of_it() -> None:
    whole = [[0, 0, 0, 4, 0, 0, 4, 1.2, 0], [0, 0, 0, 4, 1.2, 0, 0, 1.2, 0]]
    half = [[0, 0, 0, 2, 0, 0, 2, 1.2, 0], [0, 0, 0, 2, 1.2, 0, 0, 1.2, 0]]
    drawn = cut_all([*whole, *half])
    found = list(walled(drawn, np.array([0, 0, 1, 1]), np.array([4.0, 4.0]), usual_values()))
    assert found == [(0, (0.0, 4.0)), (1, (0.0, 2.0))]
