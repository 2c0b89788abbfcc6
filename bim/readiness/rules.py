"""Judge a model: run the checks of geometry, add what the IDS pack found, grade each safety function. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .catalogue import FUNCTIONS, Check, catalogue
from .facts import ModelFacts
from .grades import Count, Grade, grade, not_judged, outcome
from .values import Values, usual_values


@dataclass(frozen=True)
class Judged:
    """A check, what it counted and its outcome (None where it takes part in no grade)."""

    check: Check
    count: Count
    outcome: Grade | None


def judge(facts: ModelFacts, specified: Mapping[str, Count], values: Values | None = None) -> list[Judged]:
    """Return every check's outcome. `specified` has the counts of the IDS pack by identifier; one that is not there
    was not judged."""
    used = values or usual_values()
    found = []
    for check in catalogue().values():
        if check.is_specification:
            count = specified.get(check.identifier, not_judged("not_read"))
        else:
            count = check.run(facts, used)
        found.append(Judged(check, count, outcome(count, check.limits)))
    return found


def grades(judged: list[Judged]) -> dict[str, Grade | None]:
    """Return each function's grade: the worst outcome of its checks."""
    return {function: grade(one.outcome for one in judged if one.check.function == function) for function in FUNCTIONS}
