"""Work permits: windows, states, gas tests, who may be inside when (C-01, spec 07 7.7). Pure, no clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from spatial.rulebook.tenant_numbers import PERMIT_LIMITS, shipped, value_of

_FILE = Path(__file__).parent / "data" / "permit_kinds.json"
ENDS = ("least", "most", "below")


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing to be checked before the work."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class PermitKind:
    """A kind of permit as the data file has it; `source` and `mark` say where it comes from."""

    code: str
    zh: str
    en: str
    needs_attendant: bool
    needs_gas_test: bool
    count_entrants: bool
    certificates: tuple[str, ...]
    measures: tuple[Measure, ...]
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class GasLimit:
    """What a gas must read: at least, at most, or below."""

    code: str
    zh: str
    en: str
    unit: str
    least: float | None
    most: float | None
    below: float | None

    def holds(self, value: float) -> bool:
        """Return whether a value is within the limit."""
        if self.least is not None and value < self.least:
            return False
        if self.most is not None and value > self.most:
            return False
        return self.below is None or value < self.below


@dataclass(frozen=True, slots=True)
class GasTestTaken:
    """When a gas was tested, and whether all values were within the limits."""

    taken_at: datetime
    passed: bool


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another."""

    starts_at: datetime
    ends_at: datetime


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Any]:
    return json.loads(_FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def permit_kinds() -> dict[str, PermitKind]:
    """Return the kinds of permits by code."""
    table = _table()
    found = {}
    for row in table["kinds"]:
        source = table["sources"][row["source"]]
        found[row["code"]] = PermitKind(
            code=row["code"],
            zh=row["zh"],
            en=row["en"],
            needs_attendant=row["needs_attendant"],
            needs_gas_test=row["needs_gas_test"],
            count_entrants=row["count_entrants"],
            certificates=tuple(row["certificates"]),
            measures=tuple(Measure(*measure) for measure in row["measures"]),
            source=source["title"],
            mark=source["mark"],
        )
    return found


@dataclass(frozen=True, slots=True)
class PermitLimits:
    """The numbers of permits as a table `permit_limits` has them: gases, the ages of tests, the attendant, windows."""

    gases: tuple[GasLimit, ...]
    entry_age: timedelta
    """How old a gas test may be at entry (30 min)."""
    repeat_after: timedelta
    """After how long a gas test must be repeated while people are inside (2 h)."""
    attendant_m: float
    """How near to the entrance an attendant's tag must be."""
    most: Mapping[str, timedelta]
    """The longest window of each kind of permit."""

    def passed(self, values: Mapping[str, float]) -> bool:
        """Return whether every limited gas was measured and is within its limit."""
        return all(limit.code in values and limit.holds(values[limit.code]) for limit in self.gases)


def read_limits(body: Mapping[str, Any]) -> PermitLimits:
    """Return the limits of a table `permit_limits`. Raises KeyError for a number that is missing."""
    gas = {name: float(row["value"]) for name, row in body["gas"].items()}
    return PermitLimits(
        gases=tuple(
            GasLimit(row["code"], row["zh"], row["en"], row["unit"], *(gas.get(f"{row['code']}_{end}") for end in ENDS))
            for row in _table()["gases"]
        ),
        entry_age=timedelta(minutes=value_of(body, "tests", "before_entry_min")),
        repeat_after=timedelta(minutes=value_of(body, "tests", "repeat_min")),
        attendant_m=float(value_of(body, "tests", "attendant_within_m")),
        most={name.removesuffix("_h"): timedelta(hours=row["value"]) for name, row in body["windows"].items()},
    )


@lru_cache(maxsize=1)
def shipped_limits() -> PermitLimits:
    """Return the limits that ship with the product: what counts under an edition from before the table."""
    return read_limits(shipped(PERMIT_LIMITS))


def stay_spans(
    starts_at: datetime,
    ends_at: datetime,
    kind: PermitKind,
    tests: Iterable[GasTestTaken],
    limits: PermitLimits | None = None,
) -> list[Span]:
    """Return when people may be inside: the window, and where gas is tested, only while a passed test is fresh.

    A test that failed ends what an earlier one allowed.
    """
    if ends_at <= starts_at:
        return []
    if not kind.needs_gas_test:
        return [Span(starts_at, ends_at)]
    taken = sorted(tests, key=lambda test: test.taken_at)
    found: list[Span] = []
    for number, test in enumerate(taken):
        if not test.passed:
            continue
        until = test.taken_at + (limits or shipped_limits()).repeat_after
        failed = next((later.taken_at for later in taken[number + 1 :] if not later.passed), until)
        start, end = max(starts_at, test.taken_at), min(ends_at, until, failed)
        if start >= end:
            continue
        if found and found[-1].ends_at >= start:
            found[-1] = Span(found[-1].starts_at, max(found[-1].ends_at, end))
        else:
            found.append(Span(start, end))
    return found


def may_go_in(tests: Sequence[GasTestTaken], at: datetime, limits: PermitLimits | None = None) -> bool:
    """Return whether the newest gas test at a moment passed and is fresh enough to go in (30 min). `limits` None are
    those that ship."""
    before = [test for test in tests if test.taken_at <= at]
    newest = max(before, key=lambda test: test.taken_at, default=None)
    return newest is not None and newest.passed and at - newest.taken_at <= (limits or shipped_limits()).entry_age


def standing(state: str, starts_at: datetime, ends_at: datetime, at: datetime) -> str:
    """Return the state as time makes it: a request, approved or running permit is expired after its window."""
    if state in ("requested", "approved", "running") and at >= ends_at:
        return "expired"
    return state


def still_inside(passages: Iterable[tuple[Any, bool]]) -> set[Any]:
    """Return who is inside after passages in order: (who, inwards)."""
    inside: set[Any] = set()
    for who, inwards in passages:
        (inside.add if inwards else inside.discard)(who)
    return inside
