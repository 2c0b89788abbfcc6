"""A fault at a place of a workbook. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class CellFault:
    """What is wrong at a place of a workbook: a sentence with %(names)s for `values`. Warnings do not stop it."""

    sheet: str
    row: int
    column: str
    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)
    severity: str = "refuse"
