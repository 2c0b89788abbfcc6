"""From counts to outcomes, from outcomes to a grade. Pure; docs/reference/risk-readiness.md says it in words.

A check counts what it looked at and what failed. Its share of failures decides its outcome against two limits; what has
to be there and is not counts as failed altogether. A function's grade is the worst outcome of its checks. So one
more failing element can never raise a grade: (f + 1) / (n + 1) >= f / n, and the worst of what got no better is no
better.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Grade(StrEnum):
    """How far a model can be used for a safety function; A is better than B, B than C."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True)
class Limits:
    """Up to which share of failures a check is passed, and above which the function is unusable (None: never)."""

    gap_above: float
    fail_above: float | None
    required: bool

    def __post_init__(self) -> None:
        if not 0 <= self.gap_above < 1 or (self.fail_above is not None and not self.gap_above <= self.fail_above < 1):
            raise ValueError(f"0 <= gap_above <= fail_above < 1, not {self.gap_above}, {self.fail_above}")


@dataclass(frozen=True)
class Count:
    """What a check found: how many it looked at, how many failed, which elements (indexes), and figures to tell.

    `judged` is false where the check could not be done, which takes part in no grade; `why` is the code of the cause.
    """

    checked: int = 0
    failed: int = 0
    elements: tuple[int, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)
    judged: bool = True
    why: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.failed <= self.checked:
            raise ValueError(f"0 <= failed <= checked, not {self.failed} of {self.checked}")


def not_judged(why: str) -> Count:
    """Return the count of a check that could not be done, with the code of the cause."""
    return Count(judged=False, why=why)


def outcome(count: Count, limits: Limits) -> Grade | None:
    """Return a check's outcome; None where it was not done, or looked at nothing that has to be there."""
    if not count.judged or (count.checked == 0 and not limits.required):
        return None
    share = count.failed / count.checked if count.checked else 1.0
    if limits.fail_above is not None and share > limits.fail_above:
        return Grade.C
    return Grade.B if share > limits.gap_above else Grade.A


def grade(outcomes: Iterable[Grade | None]) -> Grade | None:
    """Return the worst outcome, None where no check was done."""
    return max((one for one in outcomes if one is not None), default=None)
