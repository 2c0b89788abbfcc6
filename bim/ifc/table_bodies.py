"""The bodies of all elements of a large model from the columns of its file: representations, items, placements.

What a reference of a record means is told by the class that it leads to: a product has one representation and one
object placement, wherever in the record they are named. Whatever is not written or linked in the usual way raises Odd:
IfcOpenShell's objects say what it means (bodies.py).
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from .bodies import is_solid_class, may_be_body
from .ragged import ranges
from .schema_classes import SchemaClass
from .step_values import REFERENCE, REFERENCES, TEXT, Odd, record_pattern
from .table_records import Rows, TableRecords

_DEPTH = 8
_REPRESENTATION = {0: REFERENCE, 1: TEXT, 2: TEXT, 3: REFERENCES}


class TableBody(NamedTuple):
    """A product: its #id and class, its placement (#id or None), the class of its representation (empty without one),
    the #ids of the representations that hold its body, the context of the first (#id or None), the rows of its items.
    """

    step_id: int
    ifc_class: str
    placement: int | None
    representation: str
    shapes: tuple[int, ...]
    context: int | None
    items: tuple[int, ...]


class _Representation(NamedTuple):
    context: int | None
    may_be_body: bool
    items: list[int]  # their rows


_Body = tuple[tuple[int, ...], int | None, tuple[int, ...]]
_NO_BODY: _Body = (), None, ()


class TableBodies:
    """Reads the bodies of one file's products, each representation and item once."""

    def __init__(self, records: TableRecords) -> None:
        self.records, self.table = records, records.table
        self.classes: list[SchemaClass | None] = [records.classes.of(name) for name in self.table.names]
        self._representations: dict[int, _Representation] = {}
        self._parts: dict[int, list[int]] = {}
        self._bodies: dict[int, _Body] = {}
        self._solid: dict[int, bool] = {}
        self._kinds: dict[tuple[bytes, bytes], bool] = {}

    def read(self, *ifc_classes: str) -> tuple[dict[int, TableBody], set[int]]:
        """Return the products of these classes and those below them by #id, and the #ids of odd ones."""
        found: dict[int, TableBody] = {}
        odd: set[int] = set()
        for known, rows in self.records.rows_below(*ifc_classes):
            placements, wholes, lost = self._named_by(rows)
            self._read_ahead(wholes)
            ids = self.table.ids[rows].tolist()
            for step_id, placement, whole, is_lost in zip(ids, placements, wholes, lost, strict=True):
                try:
                    if is_lost:
                        raise Odd
                    body = self._body(whole) if whole >= 0 else _NO_BODY
                except Odd:
                    odd.add(step_id)
                    continue
                representation = self.class_of(whole).name if whole >= 0 else ""
                found[step_id] = TableBody(step_id, known.name, placement, representation, *body)
        for once in (self._parts, self._representations, self._bodies):  # most will not be asked for again
            once.clear()
        return found, odd

    def class_of(self, row: int) -> SchemaClass:
        """Return the class of a record. Raises Odd where the schema has none of that name."""
        known = self.classes[self.table.kinds[row]]
        if known is None:
            raise Odd
        return known

    def named(self, row: int) -> list[int]:
        """Return the rows that a record refers to, in the order of its text. Raises Odd where one is lost."""
        if row not in self._parts:
            first, last = self.table.reference_starts[row], self.table.reference_starts[row + 1]
            self._parts[row] = self.table.row_of(self.table.reference_ids[first:last]).tolist()
        rows = self._parts[row]
        for each in rows:
            if each < 0 or self.classes[self.table.kinds[each]] is None:
                raise Odd
        return rows

    def mapped(self, row: int) -> tuple[int, list[int], int]:
        """Return the origin (row), the items (rows) and the target (row) of an IfcMappedItem. Raises Odd."""
        source, target = self._pair(row)
        if not self.class_of(source).is_a("IfcRepresentationMap"):
            raise Odd
        origin, representation = self._pair(source)
        if not self.class_of(representation).is_a("IfcRepresentation"):
            raise Odd
        return origin, self.representation(representation).items, target

    def operands(self, row: int) -> tuple[int, int]:
        """Return the rows of the two operands of an IfcBooleanResult. Raises Odd."""
        return self._pair(row)

    def representation(self, row: int) -> _Representation:
        """Return what a representation's record says. Raises Odd."""
        if row not in self._representations:
            self._read_representations([row])
        found = self._representations.get(row)
        if found is None:
            raise Odd
        return found

    def _pair(self, row: int) -> tuple[int, int]:
        named = self.named(row)
        if len(named) != 2:
            raise Odd
        return named[0], named[1]

    def _named_by(self, rows: Rows) -> tuple[list[int | None], list[int], list[bool]]:
        """Return the placement (#id) and the representation (row, -1 without) of products, and which are odd."""
        table = self.table
        counts = table.reference_starts[rows + 1] - table.reference_starts[rows]
        holders = np.repeat(np.arange(len(rows)), counts)
        named = table.row_of(table.reference_ids[ranges(table.reference_starts[rows], counts)])
        kinds = np.where(named >= 0, table.kinds[named], -1)
        lost = np.zeros(len(rows), dtype=bool)
        lost[holders[(named < 0) | ~np.append(self.records.of_schema, False)[kinds]]] = True
        found = []
        for ifc_class in ("IfcObjectPlacement", "IfcProductRepresentation"):
            is_one = np.array([known is not None and known.is_a(ifc_class) for known in (*self.classes, None)])[kinds]
            one = np.full(len(rows), -1, dtype=np.intp)
            one[holders[is_one]] = named[is_one]
            lost |= np.bincount(holders[is_one], minlength=len(rows)) > 1
            found.append(one)
        placements = np.where(found[0] >= 0, table.ids[found[0]], 0).tolist()
        return [number or None for number in placements], found[1].tolist(), lost.tolist()

    def _read_ahead(self, wholes: list[int]) -> None:
        """Read all representations of product definition shapes, and what their items lead to, in one go."""
        for rows in (sorted({row for row in wholes if row >= 0}),):
            self._note_parts(rows)
            shapes = {each for row in rows for each in self._parts[row] if each >= 0 and self._is_shape(each)}
            self._read_representations(sorted(shapes - self._representations.keys()))

    def _note_parts(self, rows: list[int]) -> None:
        rows = [row for row in rows if row not in self._parts]
        table, at = self.table, np.array(rows, dtype=np.intp)
        starts = table.reference_starts[at]
        counts = table.reference_starts[at + 1] - starts
        named = table.row_of(table.reference_ids[ranges(starts, counts)]).tolist()
        end = 0
        for row, count in zip(rows, counts.tolist(), strict=True):
            self._parts[row] = named[end : end + count]
            end += count

    def _is_shape(self, row: int) -> bool:
        known = self.classes[self.table.kinds[row]]
        return known is not None and known.is_a("IfcShapeRepresentation")

    def _read_representations(self, rows: list[int]) -> None:
        """Read the records of representations; odd ones are left out."""
        self._note_parts(rows)
        for row, (_, text) in zip(rows, self.records.texts(np.array(rows, dtype=np.intp)), strict=True):
            match = _pattern.fullmatch(text)
            if match is None:
                continue
            context, identifier, kind, _ = match.groups()
            try:
                named = self.named(row)
                body = self._may_be_body(identifier, kind)
            except Odd:
                continue
            if context == b"$":
                self._representations[row] = _Representation(None, body, named)
            else:
                self._representations[row] = _Representation(int(context[1:]), body, named[1:])

    def _may_be_body(self, identifier: bytes, kind: bytes) -> bool:
        key = identifier, kind
        if key not in self._kinds:
            if b"\\" in identifier + kind:
                raise Odd
            words = [b"" if word in (b"$", b"*") else word[1:-1] for word in (identifier, kind)]
            self._kinds[key] = may_be_body(*(word.decode("latin-1") for word in words))
        return self._kinds[key]

    def _body(self, whole: int) -> _Body:
        """Return the #ids of the representations that hold a body, the context of the first, and the body's items.
        Raises Odd."""
        if whole not in self._bodies:
            shapes: list[int] = []
            items: list[int] = []
            context = None
            for row in self.named(whole):
                if not self._is_shape(row):
                    continue
                shape = self.representation(row)
                if shape.may_be_body and (solid := [item for item in shape.items if self._is_solid(item, 0)]):
                    context = context if shapes else shape.context
                    shapes.append(int(self.table.ids[row]))
                    items += solid
            self._bodies[whole] = tuple(shapes), context, tuple(items)
        return self._bodies[whole]

    def _is_solid(self, row: int, depth: int) -> bool:
        solidity = self._solidity[self.table.kinds[row]]
        if depth > _DEPTH or solidity == "no":
            return False
        if solidity == "yes":
            return True
        if row not in self._solid:
            children = self.mapped(row)[1] if solidity == "mapped" else self.named(row)
            solid = [self._is_solid(child, depth + 1) for child in children]
            if depth:
                return any(solid)
            self._solid[row] = any(solid)
        return self._solid[row]

    @cached_property
    def _solidity(self) -> list[str]:
        return ["no" if known is None else is_solid_class(known.is_a) for known in self.classes]


_pattern = record_pattern(4, _REPRESENTATION)
