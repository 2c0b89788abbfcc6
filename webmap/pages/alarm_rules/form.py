"""The form of a condition: what was typed becomes a condition, or the faults of its fields."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from spatial.alarms.catalogue import ConditionRefused, Fault, faults_of, period_of
from spatial.alarms.conditions import Condition, Period, Step
from spatial.alarms.rules import LEVELS

from .words import SIGNS, periods_words


@dataclass(frozen=True)
class LevelField:
    """One row of the limits table: a level, the operator, and what stands in its two fields."""

    level: str
    operator: str
    limit: str
    hold_s: str


def fields_of(condition: Condition) -> dict[str, Any]:
    """Return what the form shows of a condition."""
    steps = {step.level: step for step in condition.steps}
    operator = condition.steps[0].operator
    return {
        "levels": [
            LevelField(
                level,
                steps[level].operator if level in steps else operator,
                f"{steps[level].limit:g}" if level in steps else "",
                f"{steps[level].hold_s:g}" if level in steps else "",
            )
            for level in LEVELS
        ],
        "clear_limit": "" if condition.clear_limit is None else f"{condition.clear_limit:g}",
        "clear_hold_s": f"{condition.clear_hold_s:g}",
        "clearing": condition.clearing,
        "aggregate": condition.aggregate,
        "periods": periods_words(condition.periods),
        "enabled": condition.enabled,
    }


def shown_level(row: LevelField, faults: Mapping[str, str]) -> dict[str, str]:
    """Return a row of the limits table as the page shows it, with what is wrong with its fields."""
    return {
        **asdict(row),
        "sign": SIGNS[row.operator],
        "limit_fault": faults.get(f"limit_{row.level}", ""),
        "hold_fault": faults.get(f"hold_{row.level}", ""),
    }


def read_condition(answers: Mapping[str, str], given: Condition) -> Condition:
    """Return the condition that was typed, on top of the edition's. Raises ConditionRefused with every fault."""
    faults: list[Fault] = []
    operators = {step.level: step.operator for step in given.steps}
    steps = []
    for level in LEVELS:
        if not answers.get(f"limit_{level}", "").strip():
            continue
        limit = _number(answers, f"limit_{level}", faults)
        hold_s = _number(answers, f"hold_{level}", faults, empty=0.0)
        if limit is not None and hold_s is not None:
            steps.append(Step(level, operators.get(level, given.steps[0].operator), limit, hold_s))
    clear_limit = _number(answers, "clear_limit", faults) if answers.get("clear_limit", "").strip() else None
    clear_hold_s = _number(answers, "clear_hold_s", faults, empty=0.0)
    condition = replace(
        given,
        steps=tuple(steps),
        aggregate=answers.get("aggregate", given.aggregate),  # type: ignore[arg-type]
        clearing=answers.get("clearing", given.clearing),  # type: ignore[arg-type]
        clear_limit=clear_limit,
        clear_hold_s=clear_hold_s or 0.0,
        periods=_periods(answers.get("periods", ""), faults),
        enabled=answers.get("enabled") == "1",
    )
    if faults := [*faults, *faults_of(condition)]:
        raise ConditionRefused(faults)
    return condition


def _number(answers: Mapping[str, str], field: str, faults: list[Fault], empty: float | None = None) -> float | None:
    text = answers.get(field, "").strip()
    if not text and empty is not None:
        return empty
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        faults.append(Fault(field, "not_a_number", {"value": text}))
        return None
    return value


def _periods(text: str, faults: list[Fault]) -> tuple[Period, ...]:
    found = []
    for part in filter(None, (piece.strip() for piece in text.replace("，", ",").replace("–", "-").split(","))):
        start, dash, end = part.partition("-")
        try:
            if not dash:
                raise ValueError(part)
            found.append(period_of({"start": start.strip(), "end": end.strip()}))
        except ValueError:
            faults.append(Fault("periods", "bad_periods", {}))
            return ()
    return tuple(found)
