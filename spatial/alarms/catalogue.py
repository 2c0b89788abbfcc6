"""The conditions that the edition's alarm rules come with, what happens to an alarm in time, and their checks. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from spatial.alarms.conditions import REACHES, Again, Condition, Period, Step
from spatial.alarms.measures import REACH
from spatial.alarms.rules import LEVELS
from spatial.rulebook.tenant_numbers import ALARM_POLICY, put_in, shipped

LONGEST_HOLD_S = 86_400
MINUTES_OF_DAY = 24 * 60


@dataclass(frozen=True)
class Fault:
    """Why a condition cannot be used: a field of its form, a code of the sentence, and its parts."""

    field: str
    code: str
    parts: Mapping[str, Any]


class ConditionRefused(ValueError):
    """A condition cannot be used as given; `faults` says for each field what is wrong."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(f"{row.field}: {row.code} {dict(row.parts)}" for row in self.faults))


def _read(name: str) -> Any:
    return json.loads(files("spatial.alarms").joinpath(f"data/{name}").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def policy() -> dict[str, Any]:
    """This function will return when alarms escalate, remind, become hazard drafts, and what signals mean: what is no
    number, which no tenant changes, and the numbers that ship. Those of a site are asked by `policies.policy_of`."""
    return policy_with(shipped(ALARM_POLICY))


def policy_with(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """This function will return the policy with the numbers of a table `alarm_policy`."""
    return put_in(_read("policy.json"), numbers)


@lru_cache(maxsize=1)
def _all_conditions() -> tuple[Condition, ...]:
    return tuple(condition_of(row) for row in _read("conditions.json")["conditions"])


def conditions_of_rules(rules: Iterable[str]) -> dict[str, Condition]:
    """This function will return the conditions of the rules that an edition has, by their keys."""
    known = set(rules)
    return {row.key: row for row in _all_conditions() if row.rule in known}


def condition_of(row: Mapping[str, Any]) -> Condition:
    """This function will read a condition from its row of the data file. Raises ConditionRefused."""
    again = row.get("again")
    condition = Condition(
        key=row["key"],
        rule=row["rule"],
        quantity=row["quantity"],
        aggregate=row["aggregate"],
        basis=row["basis"],
        absolute=bool(row["absolute"]),
        steps=tuple(Step(**step) for step in row["steps"]),
        clearing=row["clearing"],
        clear_limit=row["clear_limit"],
        clear_hold_s=float(row["clear_hold_s"]),
        periods=tuple(period_of(period) for period in row["periods"]),
        device_kinds=frozenset(row["device_kinds"]),
        enabled=bool(row["enabled"]),
        again=Again(again["count"], again["level"]) if again else None,
        note=row.get("note", ""),
        note_zh=row.get("note_zh", ""),
    )
    if faults := faults_of(condition):
        raise ConditionRefused(faults)
    return condition


def period_of(body: Mapping[str, Any]) -> Period:
    """This function will read an active period: `start` and `end` as HH:MM, `days` 0 (Monday) to 6."""
    return Period(_minutes(body["start"]), _minutes(body["end"]), frozenset(body.get("days") or ()))


def period_json(period: Period) -> dict[str, Any]:
    """This function will return an active period in the form that `period_of` reads."""
    return {"start": clock(period.start), "end": clock(period.end), "days": sorted(period.days)}


def clock(minute: int) -> str:
    """This function will return a minute of the day as HH:MM."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    number = int(hours) * 60 + int(minutes or 0)
    if not (0 <= int(minutes or 0) < 60 and 0 <= number <= MINUTES_OF_DAY):
        raise ValueError(f"{text!r} is not a time of day.")
    return number % MINUTES_OF_DAY


def faults_of(condition: Condition) -> list[Fault]:
    """This function will check a whole condition: its steps rise with their limits, and clearing lies before them."""
    faults: list[Fault] = []
    if condition.aggregate not in REACH:
        faults.append(Fault("aggregate", "not_an_aggregate", {"value": condition.aggregate}))
    if condition.basis not in ("value", "design", "rate"):
        faults.append(Fault("basis", "not_a_basis", {"value": condition.basis}))
    if condition.clearing not in ("limit", "hand", "next_day"):
        faults.append(Fault("clearing", "not_a_clearing", {"value": condition.clearing}))
    if not condition.steps:
        faults.append(Fault("steps", "no_step", {}))
        return faults
    faults += _step_faults(condition)
    faults += _clear_faults(condition)
    return faults


def _step_faults(condition: Condition) -> list[Fault]:
    faults = []
    upward = condition.steps[0].operator in (">=", ">")
    for number, step in enumerate(condition.steps):
        field = f"limit_{step.level}"
        if step.level not in LEVELS or step.operator not in REACHES:
            faults.append(Fault(field, "not_a_step", {"value": f"{step.level} {step.operator}"}))
            continue
        if not math.isfinite(step.limit):
            faults.append(Fault(field, "not_a_number", {"value": step.limit}))
        if not 0 <= step.hold_s <= LONGEST_HOLD_S:
            faults.append(Fault(f"hold_{step.level}", "hold_out_of_range", {"most": LONGEST_HOLD_S}))
        if (step.operator in (">=", ">")) != upward:
            faults.append(Fault(field, "operators_differ", {}))
        elif number:
            before = condition.steps[number - 1]
            rises = step.limit > before.limit if upward else step.limit < before.limit
            if not rises or LEVELS.index(step.level) <= LEVELS.index(before.level):
                faults.append(Fault(field, "not_beyond", {"value": step.limit, "before": before.limit}))
    return faults


def _clear_faults(condition: Condition) -> list[Fault]:
    if not 0 <= condition.clear_hold_s <= LONGEST_HOLD_S:
        return [Fault("clear_hold_s", "hold_out_of_range", {"most": LONGEST_HOLD_S})]
    limit, first = condition.clear_limit, condition.steps[0]
    if condition.clearing != "limit" or limit is None:
        return []
    if not math.isfinite(limit):
        return [Fault("clear_limit", "not_a_number", {"value": limit})]
    beyond = limit > first.limit if first.operator in (">=", ">") else limit < first.limit
    return [Fault("clear_limit", "clear_beyond_limit", {"value": limit, "limit": first.limit})] if beyond else []
