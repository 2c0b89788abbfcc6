"""The limits that hold for a datastream, as lines of a chart and words of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from spatial.alarms.conditions import Condition
from spatial.alarms.rule_queries import SiteConditions, stream_facts
from spatial.observations.models import Datastream
from spatial.observations.quantities import quantity_of, unit_sign

from .charts import LimitLine

SAME_UNIT = frozenset({"value", "mean_3s", "mean_10min", "mean_1h"})


def conditions_of(stream: Datastream, held: SiteConditions, zone: ZoneInfo) -> list[Condition]:
    """Return the conditions that look at a datastream."""
    return held.of_stream(stream, stream_facts(stream, zone))


def limit_lines(stream: Datastream, conditions: Iterable[Condition], zone: ZoneInfo) -> list[LimitLine]:
    """Return the limits that can be drawn over a datastream's values, each value once, with its rule."""
    facts, unit = stream_facts(stream, zone), unit_sign(quantity_of(stream.quantity).unit)
    found: dict[tuple[str, float], LimitLine] = {}
    for condition in conditions:
        if condition.aggregate not in SAME_UNIT or condition.basis == "rate":
            continue
        scale = (facts.design_limit or 0.0) / 100 if condition.basis == "design" else 1.0
        for step in condition.steps:
            value = step.limit * scale
            label = f"{condition.rule} {step.operator} {value:g} {unit}".strip()
            found.setdefault((step.level, value), LimitLine(step.level, value, label))
    return sorted(found.values(), key=lambda line: line.value)


def shown_limits(lines: Sequence[LimitLine]) -> list[LimitLine]:
    """Return the limits a table has room for: one for each level, the one reached first."""
    found: dict[str, LimitLine] = {}
    for line in lines:
        found.setdefault(line.level, line)
    return list(found.values())
