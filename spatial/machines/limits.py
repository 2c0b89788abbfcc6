"""The numbers of moving danger, as the rule edition of a site has them in its table `machine_limits`. Pure.

An edition from before that table has the values that ship with the product.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from spatial.rulebook.machine_limits import GROUPS, TABLE

FILE = Path(__file__).parents[1] / "rulebook" / "data" / f"{TABLE}.json"
Level = Literal["yellow", "orange", "red"]
LEVELS: tuple[Level, ...] = ("yellow", "orange", "red")


@dataclass(frozen=True)
class RuleLimits:
    """When a rule holds: steps (level, measure, limit), how long before it is raised and after it is cleared."""

    steps: tuple[tuple[Level, str, float], ...]
    hold_s: float
    clear_s: float
    clear_margin_m: float
    source: str


@dataclass(frozen=True)
class Limits:
    """All numbers that moving zones need; names and units are those of the table."""

    fall_rows: tuple[tuple[float, float | None, float], ...]
    power_rows: tuple[tuple[float, float, float], ...]
    static_gap_m: float
    contact_m: float
    predict_s: float
    step_s: float
    footprint_m: float
    loaded_above_t: float
    load_half_m: float
    shadow_ahead_s: float
    slow_deg_s: float
    roof_m: float
    margin_m: float
    reaction_s: float
    level_below_m: float
    braking_m_s2: float
    least_way_m: float
    nothing_m: float
    low_stacks_m: float
    stack_height_m: float
    guard_depth_m: float
    state_s: float
    fix_s: float
    rules: dict[str, RuleLimits]

    def power_line_m(self, voltage_kv: float) -> tuple[float, float]:
        """Return the least distance to a line of a voltage: above or below it, and beside it.

        A voltage between two rows takes the higher row, one above the table its last row.
        """
        for upto_kv, vertical_m, side_m in self.power_rows:
            if voltage_kv <= upto_kv:
                return vertical_m, side_m
        return self.power_rows[-1][1:]


@lru_cache(maxsize=1)
def limits() -> Limits:
    """Return the numbers that ship with the product."""
    return read_limits(json.loads(FILE.read_text(encoding="utf-8")))


def read_limits(body: dict[str, Any]) -> Limits:
    """Return the numbers of a table. Raises KeyError for one that is missing."""
    singles = {name: float(row["value"]) for group in GROUPS for name, row in body[group].items()}
    rules = {
        rule: RuleLimits(
            tuple((level, measure, float(limit)) for level, measure, limit in row["steps"]),
            float(row["hold_s"]),
            float(row["clear_s"]),
            float(row["clear_margin_m"]),
            row["source"],
        )
        for rule, row in body["rules"].items()
    }
    fall = tuple(
        (float(low), None if high is None else float(high), float(r)) for low, high, r in body["fall_radius"]["rows"]
    )
    power = tuple((float(kv), float(v), float(h)) for kv, v, h in body["power_line"]["rows"])
    return Limits(fall_rows=fall, power_rows=power, rules=rules, **singles)
