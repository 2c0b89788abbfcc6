"""What an import would do: each row new, changed (old and new), unchanged or refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

import shapely
from shapely.geometry.base import BaseGeometry

from ingest.vectors.places.drafts import Draft, area_m2
from ingest.vectors.places.problems import Problem

State = Literal["new", "changed", "unchanged", "refused"]
SAME_DEG = 1e-8  # a millimetre


@dataclass(frozen=True)
class Change:
    """One field of a place that is there: before and after, as people read them."""

    field: str
    before: str
    after: str


@dataclass
class Step:
    """What happens to one row; `row`, `existing` and `parent` are for the writer."""

    draft: Draft
    state: State
    key: str
    name: str
    label: str = ""
    changes: list[Change] = field(default_factory=list)
    existing: Any = None
    fields: dict[str, Any] = field(default_factory=dict)
    parent: Any = None


@dataclass
class Plan:
    """The preview of a file; `steps` are in the order in which they are written."""

    kind: str
    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    suggested_datum: str = ""

    def count(self, state: State) -> int:
        """Return how many rows are new, changed, unchanged or refused."""
        if state == "refused":
            return len({problem.row for problem in self.problems})
        return sum(step.state == state for step in self.steps)

    @property
    def counts(self) -> dict[str, int]:
        states: tuple[State, ...] = ("new", "changed", "unchanged", "refused")
        return {state: self.count(state) for state in states}

    @property
    def writes(self) -> list[Step]:
        return [step for step in self.steps if step.state in ("new", "changed")]

    @property
    def digest(self) -> str:
        """What was consented to: another outcome has another digest."""
        facts = [
            [s.draft.row, s.state, s.key, [[c.field, c.before, c.after] for c in s.changes]] for s in self.steps
        ] + [[p.row, p.field, str(p)] for p in self.problems]
        return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def same_shape(before: BaseGeometry | None, after: BaseGeometry | None) -> bool:
    """Return whether two shapes are the same to a millimetre, whatever their first corner or turn."""
    if before is None or after is None:
        return before is after
    return bool(shapely.equals_exact(shapely.normalize(before), shapely.normalize(after), SAME_DEG))


def shape_words(shape: BaseGeometry | None) -> str:
    """Return a shape in a few signs: its area and number of corners, or the place of a point."""
    if shape is None:
        return "–"
    if isinstance(shape, shapely.Point):
        return f"{shape.x:.6f}, {shape.y:.6f}"
    area = area_m2(shape)
    size = f"{area / 1e6:,.2f} km²" if area >= 1e6 else f"{area:,.0f} m²"
    return f"{size} (n={shapely.get_num_coordinates(shape)})"


def value_words(value: Any) -> str:
    """Return a value as the preview shows it."""
    if value is None or value == "":
        return "–"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def differences(row: Any, fields: dict[str, Any], names: dict[str, str] | None = None) -> list[Change]:
    """Return which of these fields a stored row has otherwise; `names` are the fields' keys in the file."""
    found = []
    for name, value in fields.items():
        before = getattr(row, name)
        if isinstance(value, BaseGeometry):
            stored = None if before is None else shapely.from_wkb(bytes(before.wkb))
            if not same_shape(stored, value):
                found.append(Change("geometry", shape_words(stored), shape_words(value)))
        elif isinstance(value, float) and isinstance(before, int | float):
            if abs(before - value) > 1e-6:
                found.append(Change(_key(name, names), value_words(before), value_words(value)))
        elif before != value:
            found.append(Change(_key(name, names), value_words(before), value_words(value)))
    return found


def _key(name: str, names: dict[str, str] | None) -> str:
    return (names or {}).get(name, name)
