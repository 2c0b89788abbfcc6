"""Metres on the ground to millimetres on a sheet: scale, window, hatching, scale bar, labels without overlap. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin
from typing import Final

from shapely import affinity
from shapely.geometry import MultiLineString, MultiPoint, box
from shapely.geometry.base import BaseGeometry
from shapely.prepared import prep

MM_PER_M: Final = 1000.0
Box = tuple[float, float, float, float]


class NothingToShow(ValueError):
    """A sheet would be empty; the message says what is missing."""


@dataclass(frozen=True)
class Window:
    """The part of a sheet that the map fills, in millimetres from the sheet's upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class View:
    """Ground to sheet: the ground point `centre` (grid east, north) is in the middle of the window, at 1:scale."""

    window: Window
    centre: tuple[float, float]
    scale: int

    @property
    def mm_per_m(self) -> float:
        """Return how many millimetres a metre is on the sheet."""
        return MM_PER_M / self.scale

    def to_sheet(self, east: float, north: float) -> tuple[float, float]:
        """Return a ground point in millimetres of the sheet (y down, grid north up)."""
        k = self.mm_per_m
        return (
            self.window.x + self.window.width / 2 + (east - self.centre[0]) * k,
            self.window.y + self.window.height / 2 - (north - self.centre[1]) * k,
        )

    def shape(self, ground: BaseGeometry) -> BaseGeometry:
        """Return a shape on the ground (flat) as it lies on the sheet, cut to the window."""
        k = self.mm_per_m
        x, y = self.to_sheet(0.0, 0.0)
        moved = affinity.affine_transform(ground, [k, 0, 0, -k, x, y])
        return moved.intersection(self.frame)

    @property
    def frame(self) -> BaseGeometry:
        """Return the window as a shape."""
        w = self.window
        return box(w.x, w.y, w.x + w.width, w.y + w.height)


def fitting_scale(extent: Box, window: Window, scales: Sequence[int], *, margin_mm: float = 8.0) -> int:
    """Return the first N of a rising series whose 1:N shows the extent (west, south, east, north; m) in a window.

    Raises NothingToShow when even the last one does not.
    """
    width, height = extent[2] - extent[0], extent[3] - extent[1]
    for scale in scales:
        k = MM_PER_M / scale
        if width * k <= window.width - 2 * margin_mm and height * k <= window.height - 2 * margin_mm:
            return scale
    raise NothingToShow(f"{max(width, height) / 1000:.1f} km do not fit a sheet at 1:{scales[-1]}.")


def view_of(extent: Box, window: Window, scales: Sequence[int], *, margin_mm: float = 8.0) -> View:
    """Return the view that shows an extent in the middle of a window at the largest scale that fits."""
    centre = ((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2)
    return View(window, centre, fitting_scale(extent, window, scales, margin_mm=margin_mm))


@dataclass(frozen=True)
class ScaleBar:
    """A bar of `parts` pieces of `step_m` metres; `length_mm` is its exact length on paper."""

    step_m: float
    parts: int
    length_mm: float

    @property
    def metres(self) -> float:
        """Return how long the bar is on the ground."""
        return self.step_m * self.parts


def scale_bar(scale: int, *, room_mm: float, parts: int = 4) -> ScaleBar:
    """Return the longest bar of four round steps (1, 2, 5 or 10 times a power of ten) that fits its room."""
    steps = sorted(factor * 10**power for power in range(-1, 5) for factor in (1, 2, 5))
    fitting = [step for step in steps if step * parts * MM_PER_M / scale <= room_mm]
    step = fitting[-1] if fitting else steps[0]
    return ScaleBar(step, parts, step * parts * MM_PER_M / scale)


def hatch(shape: BaseGeometry, pattern: str, *, gap_mm: float = 3.2) -> BaseGeometry | None:
    """Return the lines (diagonal, cross-hatch) or points (dots) that mark a grade inside a shape on the sheet.

    Lines of all shapes lie on one grid of the sheet, so neighbours of a grade continue each other.
    """
    if shape.is_empty or pattern == "none":
        return None
    west, north, east, south = shape.bounds
    if pattern == "dots":
        inside = prep(shape)
        columns = range(int(west // gap_mm), int(east // gap_mm) + 2)
        rows = range(int(north // gap_mm), int(south // gap_mm) + 2)
        points = MultiPoint([(c * gap_mm + (r % 2) * gap_mm / 2, r * gap_mm) for c in columns for r in rows])
        kept = [point for point in points.geoms if inside.contains(point)]
        return MultiPoint(kept) if kept else None
    slopes = (1, -1) if pattern == "cross-hatch" else (1,)
    step = gap_mm * 2**0.5
    lines = []
    for slope in slopes:
        # y = -slope * x + c: c runs over the multiples of the step that touch the box
        corners = [y + slope * x for x in (west, east) for y in (north, south)]
        for index in range(int(min(corners) // step), int(max(corners) // step) + 2):
            c = index * step
            lines.append(((west - 1, c - slope * (west - 1)), (east + 1, c - slope * (east + 1))))
    return MultiLineString(lines).intersection(shape)


@dataclass(frozen=True)
class Label:
    """A label's wish: near `at`, of this size; the lower `rank` chooses first."""

    key: str
    at: tuple[float, float]
    width: float
    height: float
    rank: float = 0.0


@dataclass(frozen=True)
class Placed:
    """Where a label stands (its middle), and whether a line must lead from it to its place."""

    label: Label
    x: float
    y: float
    leads: bool


def place_labels(
    labels: Iterable[Label], window: Window, *, taken: list[Box] | None = None, rings: int = 12
) -> list[Placed]:
    """Return where labels stand so that none covers another or leaves the window; what finds no room is left out.

    A label stands at its place if it can, else on the nearest free spot of growing rings around it, with a line.
    `taken` are boxes that labels must keep clear of; placed labels are added to it.
    """
    occupied = [] if taken is None else taken
    found = []
    for label in sorted(labels, key=lambda one: (one.rank, one.key)):
        spot = next((s for s in _spots(label, rings) if _is_free(s, label, window, occupied)), None)
        if spot is None:
            continue
        x, y = spot
        occupied.append(_box(x, y, label))
        moved = hypot(x - label.at[0], y - label.at[1])
        found.append(Placed(label, x, y, moved > label.height))
    return found


def _spots(label: Label, rings: int) -> Iterable[tuple[float, float]]:
    x, y = label.at
    yield x, y
    for ring in range(1, rings + 1):
        reach = ring * 0.85
        for turn in range(16):
            angle = 2 * pi * turn / 16
            yield (
                x + cos(angle) * (label.width / 2 + reach * label.height),
                y + sin(angle) * (label.height / 2 + reach * label.height),
            )


def _box(x: float, y: float, label: Label) -> Box:
    pad = 0.25
    half_w, half_h = label.width / 2 + pad, label.height / 2 + pad
    return (x - half_w, y - half_h, x + half_w, y + half_h)


def _is_free(spot: tuple[float, float], label: Label, window: Window, occupied: Sequence[Box]) -> bool:
    west, north, east, south = _box(*spot, label)
    inside = (
        west >= window.x and north >= window.y and east <= window.x + window.width
        and south <= window.y + window.height
    )  # fmt: skip
    return inside and not any(
        west < other[2] and other[0] < east and north < other[3] and other[1] < south for other in occupied
    )
