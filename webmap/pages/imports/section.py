"""One card of a revision's page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Section:
    """One card: its template draws the whole `<section class="card">` from `context`; `key` is its anchor."""

    key: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
