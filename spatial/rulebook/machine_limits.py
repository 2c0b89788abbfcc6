"""Which numbers of moving danger an organisation may set, and within which bounds. Pure.

A value with `low` and `high` may be set within them. Distances, times and radii of rules and tables that come from a
standard (B) may become stricter only; text that was seen (A) is not changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .tenant_numbers import LimitSetting, in_order, shipped

TABLE = "machine_limits"
GROUPS = ("crane", "vehicle", "pit_edge", "silence")
FREE = 5.0
"""How many times a distance of a standard may be raised."""


def limit_settings(content: Mapping[str, Any]) -> list[LimitSetting]:
    """Return the numbers of the table that may be set, by group, in the order of the table that ships."""
    found = [
        LimitSetting(TABLE, name, group, f"/{group}/{name}/value", row["low"], row["high"], row["zh"], row["en"])
        for group, name, row in in_order(TABLE, content)
        if group in GROUPS and row["conf"] != "A" and "low" in row
    ]
    return [*found, *_of_rules(content["rules"]), *_of_tables(content)]


def _of_rules(rules: Mapping[str, Any]) -> Iterator[LimitSetting]:
    units = {"distance_m": ("距离（m）", "distance (m)"), "contact_s": ("预计接触时间（s）", "time to contact (s)")}
    levels = {"yellow": ("黄", "yellow"), "orange": ("橙", "orange"), "red": ("红", "red")}
    places = {rule: place for place, rule in enumerate(shipped(TABLE)["rules"])}
    for rule, row in sorted(rules.items(), key=lambda item: places.get(item[0], len(places))):
        if row["conf"] == "A":
            continue
        for at, (level, measure, limit) in enumerate(row["steps"]):
            if measure in units and limit > 0:
                (zh, en), (level_zh, level_en) = units[measure], levels[level]
                yield LimitSetting(
                    TABLE, f"{rule}_{at}", "rules", f"/rules/{rule}/steps/{at}/2", limit, limit * FREE,
                    f"{rule} {level_zh}：{zh}", f"{rule} {level_en}: {en}",
                )  # fmt: skip
        if row["hold_s"] > 0:
            yield LimitSetting(
                TABLE, f"{rule}_hold", "rules", f"/rules/{rule}/hold_s", 0, row["hold_s"],
                f"{rule} 持续多久后报警（s）", f"{rule}: raised after (s)",
            )  # fmt: skip


def _of_tables(content: Mapping[str, Any]) -> Iterator[LimitSetting]:
    for at, (low, high, radius) in enumerate(content["fall_radius"]["rows"]):
        span = f"{low}–{high}" if high is not None else f"> {low}"
        yield LimitSetting(
            TABLE, f"fall_{at}", "fall_radius", f"/fall_radius/rows/{at}/2", radius, radius * FREE,
            f"坠落高度 {span} m：半径（m）", f"Fall height {span} m: radius (m)",
        )  # fmt: skip
    for at, (voltage, vertical, side) in enumerate(content["power_line"]["rows"]):
        for column, value, zh, en in ((1, vertical, "垂直", "above or below"), (2, side, "水平", "beside")):
            yield LimitSetting(
                TABLE, f"power_{at}_{column}", "power_line", f"/power_line/rows/{at}/{column}", value, value * FREE,
                f"≤ {voltage} kV {zh}距离（m）", f"up to {voltage} kV, {en} (m)",
            )  # fmt: skip


def step_faults(content: Mapping[str, Any], values: Mapping[str, float]) -> list[str]:
    """Return the fields at which a graver level would begin farther away than a lighter one."""
    wrong = []
    for rule, row in content["rules"].items():
        last: dict[str, float] = {}
        for at, (_level, measure, limit) in enumerate(row["steps"]):
            value = values.get(f"{rule}_{at}", limit)
            if measure in last and value > last[measure]:
                wrong.append(f"{rule}_{at}")
            last[measure] = min(value, last.get(measure, value))
    return wrong
