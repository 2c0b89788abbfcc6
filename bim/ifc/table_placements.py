"""Object placements read from a step table: the local placements and their axes, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .object_placements import Link, ObjectPlacements, Rows, placed_rows, turn_rows
from .table_records import TableRecords

_LOCAL_PLACEMENT = re.compile(rb"\s*(?:#([0-9]+)|\$)\s*,\s*#([0-9]+)\s*")
_AXIS_PLACEMENT = re.compile(rb"\s*#([0-9]+)\s*,\s*(?:#([0-9]+)|\$)\s*,\s*(?:#([0-9]+)|\$)\s*")
_NUMBERS = re.compile(rb"\s*\(([-+.0-9Ee,\s]+)\)\s*")

Numbers = tuple[float, ...]


class TablePlacements(ObjectPlacements):
    """Knows the plain links of one file; the others are asked of IfcOpenShell's objects."""

    def __init__(self, model: Any, records: TableRecords, unit_m: float) -> None:
        super().__init__(model, unit_m)
        rows = records.rows("IFCLOCALPLACEMENT")
        lost = records.with_lost_references(rows)
        found = {
            step_id: match.groups()
            for step_id, text in records.texts(rows)
            if step_id not in lost and (match := _LOCAL_PLACEMENT.fullmatch(text))
        }
        axes = _axis_placements(records, {int(own) for _, own in found.values()}, unit_m)
        self.links = {
            step_id: Link(int(above) if above else None, axes[int(own)])
            for step_id, (above, own) in found.items()
            if int(own) in axes
        }

    def link(self, step_id: int) -> Link | None:
        return self.links.get(step_id) or super().link(step_id)


def _axis_placements(records: TableRecords, ids: Iterable[int], unit_m: float) -> dict[int, Rows]:
    """Return the rows of those of the placements that are plain IfcAxis2Placement3D, in metres."""
    written = {
        step_id: match.groups()
        for step_id, text in records.texts_of(ids, "IFCAXIS2PLACEMENT3D")
        if (match := _AXIS_PLACEMENT.fullmatch(text))
    }
    points = _numbers(records, {int(point) for point, _, _ in written.values()}, "IFCCARTESIANPOINT")
    turns = _turns(records, {(axis, reference) for _, axis, reference in written.values()})
    found: dict[int, Rows] = {}
    for step_id, (point, *pair) in written.items():
        place, turn = points.get(int(point)), turns.get(tuple(pair))
        if place is not None and turn is not None:
            found[step_id] = placed_rows(turn, place, unit_m) if turn else ()
    return found


def _turns(records: TableRecords, pairs: set[tuple[bytes | None, ...]]) -> dict[tuple[bytes | None, ...], Rows]:
    """Return the 3 by 3 rows of (axis, reference direction) pairs of plain directions; empty for one without length."""
    known = _numbers(records, {int(each) for pair in pairs for each in pair if each}, "IFCDIRECTION")
    found: dict[tuple[bytes | None, ...], Rows] = {}
    for pair in pairs:
        axis, reference = (known.get(int(each)) if each else None for each in pair)
        if any(each and int(each) not in known for each in pair):
            continue
        try:
            found[pair] = turn_rows(axis, reference)
        except ValueError:
            found[pair] = ()
    return found


def _numbers(records: TableRecords, ids: Iterable[int], name: str) -> dict[int, Numbers]:
    found: dict[int, Numbers] = {}
    for step_id, text in records.texts_of(ids, name):
        if match := _NUMBERS.fullmatch(text):
            try:
                found[step_id] = tuple(map(float, match.group(1).split(b",")))
            except ValueError:  # IfcOpenShell says what it makes of it
                continue
    return found
