"""The numbers that a fence starts with, from a data file with source and mark. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "data" / "fence_defaults.json"


@dataclass(frozen=True)
class PersonLimit:
    """How many persons a kind of place holds at most."""

    zh: str
    en: str
    value: int
    source: str
    mark: str


@cache
def _table() -> dict[str, Any]:
    return json.loads(_FILE.read_text(encoding="utf-8"))


def number(name: str) -> float:
    """This function will return a default by its name."""
    return float(_table()["values"][name]["value"])


def source_of(name: str) -> str:
    """This function will return where a default comes from, with its mark of confidence."""
    row = _table()["values"][name]
    return f"{row['source']} ({row['mark']})"


def person_limits() -> list[PersonLimit]:
    """This function will return the head-count limits that are built in."""
    return [PersonLimit(**row) for row in _table()["person_limits"]]
