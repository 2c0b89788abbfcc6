"""The records of a step table as the schema sees them, as the readers of a large model ask for them: many at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .ragged import ranges
from .schema_classes import SchemaClass, SchemaClasses
from .step_table import NotPlain, StepTable
from .step_values import text_of
from .text import clean_text

Rows = NDArray[np.intp]


class TableRecords:
    """A step table with its schema. Raises NotPlain where an #id is 0 or stands for two records."""

    def __init__(self, table: StepTable, schema: str) -> None:
        if table.repeats_ids or (len(table) and table.ids.min() < 1):
            raise NotPlain("an #id is 0 or stands for two records")
        self.table, self.classes = table, SchemaClasses(schema)
        self.of_schema = np.array([self.classes.of(name) is not None for name in table.names], dtype=bool)

    def rows(self, *names: str) -> Rows:
        """Return the rows of these classes (upper case, no subclasses) in the order of their #ids, as by_type does."""
        rows = self.table.rows_of(*names)
        return rows[np.argsort(self.table.ids[rows], kind="stable")]

    def rows_below(self, *ifc_classes: str) -> list[tuple[SchemaClass, Rows]]:
        """Return each class that the file has of these and those below them, with its rows as above; supers first."""
        kin = {
            kind: known
            for kind, name in enumerate(self.table.names)
            if (known := self.classes.of(name)) and any(map(known.is_a, ifc_classes))
        }
        rows = self.rows(*(self.table.names[kind] for kind in kin))
        kinds = self.table.kinds[rows]
        found = [(known, rows[kinds == kind]) for kind, known in kin.items()]
        return sorted(found, key=lambda pair: (pair[0].name not in ifc_classes, pair[0].name))

    def texts(self, rows: Rows) -> Iterable[tuple[int, bytes]]:
        """Return (#id, text between its outer brackets) of each row."""
        content, table = self.table.content, self.table
        spans = zip(table.ids[rows].tolist(), table.starts[rows].tolist(), table.ends[rows].tolist(), strict=True)
        return ((step_id, content[start:end]) for step_id, start, end in spans)

    def with_lost_references(self, rows: Rows) -> set[int]:
        """Return the #ids of those rows that refer to something that the file or its schema does not have."""
        table = self.table
        counts = table.reference_starts[rows + 1] - table.reference_starts[rows]
        holders = np.repeat(np.arange(len(rows)), counts)
        found = table.row_of(table.reference_ids[ranges(table.reference_starts[rows], counts)])
        lost = found < 0
        lost[~lost] = ~self.of_schema[table.kinds[found[~lost]]]
        return set(table.ids[rows[holders[lost]]].tolist())


class CleanTexts(dict[bytes, str]):
    """Texts as they are written in a record, cleaned and cut to `limit` characters, each once. Raises Odd."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def __missing__(self, written: bytes) -> str:
        self[written] = found = clean_text(text_of(written), self.limit)
        return found
