"""The numbers that decide what a fall edge is: data in values.json, each with its source and mark of confidence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("values.json")


@dataclass(frozen=True)
class Values:
    """Lengths in metres; the names are those of values.json."""

    drop_m: float
    guardrail_height_m: float
    barrier_height_m: float
    railing_height_m: float
    barrier_gap_m: float
    beside_m: float
    outside_m: float
    edge_from_m: float
    opening_from_m: float
    opening_classes_m: tuple[float, ...]


def sources() -> dict[str, dict[str, Any]]:
    """Return {name: {"value", "source", "mark"}}."""
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


@cache
def usual_values() -> Values:
    """Return the values of values.json."""
    given = {name: row["value"] for name, row in sources().items()}
    return Values(**{**given, "opening_classes_m": tuple(given["opening_classes_m"])})
