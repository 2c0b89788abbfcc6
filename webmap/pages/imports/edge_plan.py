"""The plan of one storey's fall edges as an SVG's shapes: floors below, what is protected, what is open, labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from bim.fall_edges.models import FallEdge

MARGIN_M = 2.0
LETTERS = 42  # text height: the plan's width over this
Point = Sequence[float]


def plan_of(rows: Sequence[FallEdge], floors: Sequence[Any], protected: Sequence[Any]) -> dict[str, Any] | None:
    """Return the view box (m, north up) and the shapes of a storey's plan; None where there is nothing to draw."""
    rings = [ring for floor in floors for ring in floor["rings"]]
    lines = [row.points_m for row in rows] + [row["points_m"] for row in protected]
    points = [point for line in [*rings, *lines] for point in line]
    if not points:
        return None
    west, east = min(p[0] for p in points) - MARGIN_M, max(p[0] for p in points) + MARGIN_M
    south, north = min(p[1] for p in points) - MARGIN_M, max(p[1] for p in points) + MARGIN_M
    size = max(east - west, 1.6 * (north - south))

    def drawn(line: Iterable[Point]) -> str:
        return " ".join(f"{point[0] - west:.2f},{north - point[1]:.2f}" for point in line)

    text_m = size / LETTERS
    labels = _labels(rows, text_m)
    return {
        "box": f"0 0 {east - west:.2f} {north - south:.2f}",
        "stroke": f"{size / 220:.3f}",
        "text": f"{text_m:.2f}",
        "floors": ["".join(f"M{drawn(ring)}Z" for ring in floor["rings"]) for floor in floors],
        "protected": [{"points": drawn(row["points_m"]), "kind": row["kind"]} for row in protected],
        "shapes": [
            {
                "row": row,
                "points": drawn(row.points_m),
                "x": f"{labels[row.number][0] - west:.2f}" if row.number in labels else "",
                "y": f"{north - labels[row.number][1]:.2f}" if row.number in labels else "",
            }
            for row in rows
        ],
    }


def _labels(rows: Sequence[FallEdge], text_m: float) -> dict[int, tuple[float, float]]:
    """Return where each number stands; the longer edge has the first choice, and what finds no room has no label."""
    taken: list[tuple[float, float, float, float]] = []
    found: dict[int, tuple[float, float]] = {}
    for row in sorted(rows, key=lambda row: -row.length_m):
        x, y = _middle(row)
        half = 0.32 * text_m * len(str(row.number)) + 0.15 * text_m
        for up in (0.0, 1.1, -1.1, 2.2, -2.2):
            at = y + up * text_m
            box = (x - half, at - 0.55 * text_m, x + half, at + 0.55 * text_m)
            if not any(_overlap(box, other) for other in taken):
                taken.append(box)
                found[row.number] = (x, at)
                break
    return found


def _overlap(first: tuple[float, float, float, float], second: tuple[float, float, float, float]) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def _middle(row: FallEdge) -> tuple[float, float]:
    """Return the middle of an opening's box, and of an edge the point half way along its longest straight."""
    points = row.points_m
    if row.kind == FallEdge.Kind.OPENING:
        xs, ys = [point[0] for point in points], [point[1] for point in points]
        return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    a, b = max(pairwise(points), key=lambda pair: (pair[1][0] - pair[0][0]) ** 2 + (pair[1][1] - pair[0][1]) ** 2)
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
