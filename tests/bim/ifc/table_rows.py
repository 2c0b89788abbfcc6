"""One record of a step table, for tests that look at each."""

from __future__ import annotations

from bim.ifc.step_table import StepTable


def class_of(table: StepTable, row: int) -> str:
    return table.names[table.kinds[row]]


def text_of(table: StepTable, row: int) -> bytes:
    return table.content[table.starts[row] : table.ends[row]]


def references_of(table: StepTable, row: int) -> list[int]:
    found: list[int] = table.reference_ids[table.reference_starts[row] : table.reference_starts[row + 1]].tolist()
    return found
