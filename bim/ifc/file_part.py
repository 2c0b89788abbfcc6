"""A part of a STEP file: some of its records and all that they refer to, written as a file of its own.

IfcOpenShell needs seven times a file's size in memory, and opens all of it or nothing. Of a large model that is read in
columns it is asked about a few records only: they, what they refer to, and the relationships that say more of them are
written apart, and opened as if the file held nothing else. What a record of the part refers to and the part does not
hold is left out of lists and empty elsewhere, as IfcOpenShell does with any reference to nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .ragged import ranges
from .step_table import StepTable, Text

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]


def reached(table: StepTable, rows: Rows, stop_at: Collection[str] = ()) -> Mask:
    """Return which records are these or are referred to by them, however far; classes of `stop_at` (upper case) are
    neither taken nor gone through, but where they are among `rows`."""
    found = np.zeros(len(table), dtype=bool)
    closed = table.are_of(stop_at)
    while len(rows):
        found[rows] = True
        starts = table.reference_starts[rows]
        named = table.row_of(table.reference_ids[ranges(starts, table.reference_starts[rows + 1] - starts)])
        new = np.zeros(len(table), dtype=bool)
        new[named[named >= 0]] = True
        rows = np.flatnonzero(new & ~found & ~closed)
    return found


def naming(table: StepTable, names: Collection[str], found: Mask) -> Rows:
    """Return the rows of these classes (upper case, no subclasses) that refer to a record that was found."""
    rows = table.rows_of(*names)
    counts = table.reference_starts[rows + 1] - table.reference_starts[rows]
    named = table.row_of(table.reference_ids[ranges(table.reference_starts[rows], counts)])
    hits = (named >= 0) & found[named]
    return rows[np.unique(np.repeat(np.arange(len(rows)), counts)[hits])]


def write_part(table: StepTable, found: Mask, path: Path) -> None:
    """Write the records that were found, in the order of the file and as they stand there, under its header."""
    content, rows = table.content, np.flatnonzero(found)
    breaks = np.flatnonzero(np.diff(rows) > 1)
    firsts, lasts = rows[np.append(0, breaks + 1)[: len(rows)]], rows[np.append(breaks, -1)[: len(rows)]]
    with path.open("wb") as file:
        file.write(content[: _begin(content, int(table.starts[0]))])
        for start, end in zip(table.starts[firsts].tolist(), table.ends[lasts].tolist(), strict=True):
            file.write(content[_begin(content, start) : content.find(b";", end) + 1] + b"\n")
        file.write(b"ENDSEC;\nEND-ISO-10303-21;\n")


def _begin(content: Text, start: int) -> int:
    """Return where the record begins whose outer bracket opens before `start`."""
    return content.rfind(b"#", 0, start)
