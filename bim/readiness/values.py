"""The lengths and shares that the checks use: data in values.json, each with its source and mark of confidence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("values.json")


@dataclass(frozen=True)
class Values:
    """Lengths in metres, areas in square metres, shares of one; the names are those of values.json."""

    storey_apart_m: float
    storey_below_m: float
    storey_above_m: float
    floor_level_m: float
    floor_least_m2: float
    same_box_m: float
    same_volume: float
    railing_height_m: float
    temporary_height_m: float
    railing_edge_m: float
    void_tolerance_m: float
    hole_least_m2: float
    stair_covered: float
    stair_reach_m: float
    stair_rise_m: float
    space_cover: float
    door_reach_m: float
    device_reach_m: float
    agree_m: float
    agree_rough_m: float
    ground_gap_m: float


def sources() -> dict[str, dict[str, Any]]:
    """Return {name: {"value", "source", "mark"}}."""
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


@cache
def usual_values() -> Values:
    """Return the values of values.json."""
    return Values(**{name: float(row["value"]) for name, row in sources().items()})
