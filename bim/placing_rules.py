"""Place a model by pairs of points: least squares in plan, mean offset in height (spec/domain/08 §8.3). Pure.

E = E0 + k (x cos a - y sin a), N = N0 + k (x sin a + y cos a), H = H0 + z; x, y, z in project metres, E, N, H in metres
of the site's projected CRS. k is 1 unless it is set free; heights are never stretched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LARGEST_RMS_M = 0.05
LARGEST_SCALE_ERROR = 0.0003
SHORTEST_BASE_M = 0.5
MOST_PAIRS = 50


class PairsRefused(ValueError):
    """The pairs give no place. `code` and `values` say why, for words in any language."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(f"{code} {values}" if values else code)
        self.code, self.values = code, values


@dataclass(frozen=True)
class Pair:
    """One point in the model (x, y, z; project metres) and on the map (E, N, H; metres, H may be unknown)."""

    model: tuple[float, float, float]
    map: tuple[float, float, float | None]


@dataclass(frozen=True)
class Doubt:
    """Something that a person must confirm before the place is kept."""

    code: str
    values: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Fit:
    """The place that fits the pairs best. `scale` is what was used, `free_scale` what the pairs themselves say."""

    matrix: tuple[float, ...]
    rotation_deg: float
    scale: float
    free_scale: float | None
    residuals_m: tuple[float, ...]
    rms_m: float
    doubts: tuple[Doubt, ...]


def read_pairs(data: Any) -> list[Pair]:
    """Return pairs from [{"model": [x, y, z], "map": [E, N, H or null]}]. Raises PairsRefused."""
    if not isinstance(data, list) or not data:
        raise PairsRefused("too_few", count=0)
    if len(data) > MOST_PAIRS:
        raise PairsRefused("too_many", count=len(data), most=MOST_PAIRS)
    return [_read_pair(entry, number) for number, entry in enumerate(data, start=1)]


def _read_pair(entry: Any, number: int) -> Pair:
    try:
        x, y, z = (float(value) for value in entry["model"])
        east, north, height = entry["map"]
        east, north = float(east), float(north)
        height = None if height is None else float(height)
    except (TypeError, ValueError, KeyError) as error:
        raise PairsRefused("no_number", number=number) from error
    if not all(math.isfinite(value) and abs(value) < 1e9 for value in (x, y, z, east, north, height or 0.0)):
        raise PairsRefused("no_number", number=number)
    return Pair((x, y, z), (east, north, height))


def fit_pairs(
    pairs: Sequence[Pair], *, free_scale: bool = False, rotation_deg: float | None, height_offset_m: float | None
) -> Fit:
    """Return the place of the model by its pairs.

    One pair only shifts: `rotation_deg` (anti-clockwise from grid east) is kept, and refused where it is None. Where no
    pair has a height, `height_offset_m` (H of z = 0) is kept. Raises PairsRefused.
    """
    if not pairs:
        raise PairsRefused("too_few", count=0)
    model = np.array([pair.model for pair in pairs], dtype=float)
    target = np.array([pair.map[:2] for pair in pairs], dtype=float)
    own = None
    if len(pairs) == 1:
        if rotation_deg is None:
            raise PairsRefused("too_few", count=1)
        angle, scale = math.radians(rotation_deg), 1.0
    else:
        _check_base(model, target)
        angle, own = _turn(model[:, :2], target)
        scale = own if free_scale else 1.0
    plan = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    shift = target.mean(axis=0) - plan @ model[:, :2].mean(axis=0)
    known = [(pair.map[2], pair.model[2]) for pair in pairs if pair.map[2] is not None]
    if not known and height_offset_m is None:
        raise PairsRefused("no_height")
    lift = float(np.mean([h - z for h, z in known])) if known else float(height_offset_m or 0.0)
    matrix = np.eye(4)
    matrix[:2, :2], matrix[:2, 3], matrix[2, 3] = plan, shift, lift
    residuals = _residuals(pairs, matrix)
    rms = math.sqrt(sum(value * value for value in residuals) / len(residuals))
    doubts = _doubts(model[:, :2], target, rms, own)
    return Fit(tuple(float(value) for value in matrix.ravel()), math.degrees(angle), scale, own, residuals, rms, doubts)


def _check_base(model: Array, target: Array) -> None:
    """Refuse points that all lie in one place: they turn nothing."""
    for where, points in (("model", model[:, :2]), ("map", target)):
        base = float(np.hypot(*(points - points.mean(axis=0)).T).max())
        if base < SHORTEST_BASE_M:
            raise PairsRefused("one_place_in_" + where, shortest_m=SHORTEST_BASE_M)


def _turn(model: Array, target: Array) -> tuple[float, float]:
    """Return angle (radians) and scale of the 4-parameter Helmert transformation."""
    p, q = model - model.mean(axis=0), target - target.mean(axis=0)
    along = float((p * q).sum())
    across = float((p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]).sum())
    return math.atan2(across, along), math.hypot(along, across) / float((p * p).sum())


def _residuals(pairs: Sequence[Pair], matrix: Array) -> tuple[float, ...]:
    """Return the distance of each pair (m): in space where it has a height, else in plan."""
    found = []
    for pair in pairs:
        east, north, height = matrix[:3, :3] @ np.array(pair.model) + matrix[:3, 3]
        up = 0.0 if pair.map[2] is None else height - pair.map[2]
        found.append(float(math.hypot(east - pair.map[0], north - pair.map[1], up)))
    return tuple(found)


def _doubts(model: Array, target: Array, rms: float, own: float | None) -> tuple[Doubt, ...]:
    doubts = []
    if rms > LARGEST_RMS_M:
        doubts.append(Doubt("rms", {"rms_m": round(rms, 3), "largest_m": LARGEST_RMS_M}))
    if len(model) > 2 and _is_mirrored(model, target):
        doubts.append(Doubt("mirrored"))
    elif own is not None and abs(own - 1) > LARGEST_SCALE_ERROR:
        doubts.append(Doubt("scale", {"scale": round(own, 6)}))
    return tuple(doubts)


def _is_mirrored(model: Array, target: Array) -> bool:
    """Return whether the pairs fit clearly better when the model is turned over (or east and north swapped)."""
    direct, turned_over = (_misfit(points, target) for points in (model, model * [-1, 1]))
    return direct > LARGEST_RMS_M and turned_over < direct / 2


def _misfit(model: Array, target: Array) -> float:
    """Return the RMS (m) in plan that the pairs leave with a scale of their own."""
    angle, scale = _turn(model, target)
    plan = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    left = (target - target.mean(axis=0)) - (model - model.mean(axis=0)) @ plan.T
    return float(np.sqrt((left**2).sum(axis=1).mean()))
