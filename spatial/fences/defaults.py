"""The numbers that a fence starts with: the table `fence_defaults` of the rule edition, and what the engine takes for
every fence. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from spatial.rulebook.tenant_numbers import FENCE_DEFAULTS, in_order, rows_of, shipped

_FILE = Path(__file__).parent / "data" / "fence_engine.json"
KEPT = (
    "enter_fixes", "leave_fixes", "enter_probability", "leave_probability", "receded_beyond_m", "crowded_after_s",
    "uncrowded_after_s", "alone_after_s",
)  # fmt: skip
"""What a fence takes from the table when it is made, and keeps; the others are proposed in its form."""


@dataclass(frozen=True)
class PersonLimit:
    """How many persons a kind of place holds at most."""

    zh: str
    en: str
    value: int
    source: str
    mark: str


@cache
def _engine() -> dict[str, Any]:
    return json.loads(_FILE.read_text(encoding="utf-8"))


def engine_number(name: str) -> float:
    """This function will return a number of the engine by its name."""
    return float(_engine()["values"][name]["value"])


def numbers_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """This function will return the numbers of a table by their names."""
    return {name: row["value"] for group, name, row in rows_of(content) if group != "persons"}


@cache
def shipped_numbers() -> Mapping[str, Any]:
    """This function will return the numbers that ship with the product."""
    return numbers_of(shipped(FENCE_DEFAULTS))


def person_limits(content: Mapping[str, Any]) -> list[PersonLimit]:
    """This function will return the head-count limits that a table names."""
    return [
        PersonLimit(row["zh"], row["en"], int(row["value"]), row["source"], row["conf"])
        for group, _, row in in_order(FENCE_DEFAULTS, content)
        if group == "persons"
    ]
