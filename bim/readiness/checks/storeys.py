"""Whether storeys can be told apart and hold their elements. Pure."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from ..facts import ElementFacts, ModelFacts, StoreyFacts
from ..grades import Count
from ..values import Values

SAME_FLOOR_M = 0.3


def apart(facts: ModelFacts, values: Values) -> Count:
    """Count the storeys that lie less than a storey's height above another of their building."""
    buildings: dict[str, list[float]] = defaultdict(list)
    for storey in facts.storeys:
        buildings[storey.building].append(storey.elevation_m)
    gaps = [high - low for levels in buildings.values() for low, high in pairwise(sorted(levels))]
    near = [gap for gap in gaps if gap < values.storey_apart_m - 1e-6]
    figures = {"least_m": round(min(near), 2)} if near else {}
    return Count(len(facts.storeys), len(near), figures=figures)


def assigned(facts: ModelFacts, values: Values) -> Count:
    """Count the elements that belong to no storey."""
    looked_at = [element for element in facts.elements if element.is_physical]
    return _count(looked_at, [element for element in looked_at if element.storey_index is None])


def in_band(facts: ModelFacts, values: Values) -> Count:
    """Count the elements that begin below or above the height band of their storey."""
    bands = bands_of(facts.storeys)
    looked_at, failed = [], []
    for element in facts.elements:
        if element.box is None or element.storey_index not in bands or not element.is_physical:
            continue
        looked_at.append(element)
        floor, ceiling = bands[element.storey_index]
        bottom = element.box[2]
        if bottom < floor - values.storey_below_m or bottom > ceiling + values.storey_above_m:
            failed.append(element)
    return _count(looked_at, failed)


def bands_of(storeys: tuple[StoreyFacts, ...]) -> dict[int | None, tuple[float, float]]:
    """Return {storey index: (floor, next floor)}; a building's lowest reaches down without end, its top one up."""
    bands: dict[int | None, tuple[float, float]] = {}
    for storey in storeys:
        levels = [other.elevation_m for other in storeys if other.building == storey.building]
        above = [level for level in levels if level > storey.elevation_m + SAME_FLOOR_M]
        below = [level for level in levels if level < storey.elevation_m - SAME_FLOOR_M]
        floor = storey.elevation_m if below else float("-inf")
        bands[storey.index] = floor, min(above, default=float("inf"))
    return bands


def _count(looked_at: list[ElementFacts], failed: list[ElementFacts]) -> Count:
    return Count(len(looked_at), len(failed), tuple(element.index for element in failed))
