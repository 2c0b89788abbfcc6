"""Limits of pit monitoring by class of the pit, wall and depth, from the table of GB 50497-2019. Pure.

The table's values are recalled (confidence B): a monitoring design's own values always win. Where it gives a range,
its lower end is the default (spec 07: lower end, strictest limit).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

ITEM_OF_QUANTITY = {
    "wall_top_displacement": "墙(坡)顶水平位移",
    "wall_top_settlement": "墙(坡)顶竖向位移",
    "deep_displacement": "深层水平位移",
    "column_settlement": "立柱竖向位移",
    "ground_settlement": "地表竖向位移",
    "pit_heave": "坑底隆起",
    "water_level": "地下水位变化",
    "rigid_pressure_pipe": "刚性压力管",
    "rigid_pipe": "刚性非压力管",
    "flexible_pipe": "柔性管线",
    "building_settlement": "邻近建筑位移",
    "main_road_settlement": "主干道路基沉降",
    "road_settlement": "一般道路路基沉降",
    "building_crack_new": "建筑结构裂缝(新增)",
    "building_crack": "建筑结构裂缝(既有)",
    "ground_crack_new": "地表裂缝(新增)",
    "ground_crack": "地表裂缝(既有)",
}


@dataclass(frozen=True, slots=True)
class PitLimits:
    """The limits of one datastream: of the accumulated value and of its change per day; None where none is known."""

    accumulated: float | None
    rate_per_day: float | None


@lru_cache(maxsize=1)
def gb50497() -> dict[str, Any]:
    """This function will return the table of GB 50497-2019 with its source and confidence."""
    text = files("spatial.observations").joinpath("data/gb50497.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def _walls() -> tuple[str, ...]:
    names = [row["wall"] for row in gb50497()["wall"] if row["wall"]]
    return tuple(dict.fromkeys(names))


WALLS = _walls()


def table_limits(quantity: str, *, monitoring_class: int | None, wall: str, depth_m: float | None) -> PitLimits:
    """This function will return the table's limits of a quantity: the smaller of absolute and relative value."""
    item = ITEM_OF_QUANTITY.get(quantity)
    for row in gb50497()["surroundings"]:
        if row["item"] == item:
            return PitLimits(_low(row["acc_mm"]), _low(row["rate_mm_d"]))
    if monitoring_class is None:
        return PitLimits(None, None)
    for row in gb50497()["wall"]:
        if row["item"] == item and row["wall"] in ("", wall):
            cell = row[f"class{monitoring_class}"]
            if cell is None:
                return PitLimits(None, None)
            absolute, relative = _low(cell["acc_mm"]), _low(cell["rel_pct"])
            limits = [absolute] if absolute is not None else []
            if relative is not None and depth_m is not None:
                limits.append(relative / 100 * depth_m * 1000)
            return PitLimits(min(limits, default=None), _low(cell["rate_mm_d"]))
    return PitLimits(None, None)


def limits_of(
    quantity: str,
    *,
    design_limit: float | None,
    rate_limit: float | None,
    monitoring_class: int | None,
    wall: str,
    depth_m: float | None,
) -> PitLimits:
    """This function will return the limits that count: the design's own, else those of the table."""
    table = table_limits(quantity, monitoring_class=monitoring_class, wall=wall, depth_m=depth_m)
    return PitLimits(
        design_limit if design_limit is not None else table.accumulated,
        rate_limit if rate_limit is not None else table.rate_per_day,
    )


def _low(cell: Any) -> float | None:
    if isinstance(cell, list):
        return float(min(cell))
    return float(cell) if isinstance(cell, int | float) else None
