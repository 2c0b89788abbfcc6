"""Property and quantity sets read from a step table: those of single values and simple quantities, all at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from .part_model import bring
from .property_values import (
    MAX_PROPERTIES,
    NAME,
    NAME_OF_ROOT,
    NOMINAL_VALUE,
    QUANTITY,
    Named,
    PropertySet,
    collect,
    plain,
    read_property,
    read_quantity,
)
from .step_values import ANYTHING, REFERENCES, TEXT, Odd, record_pattern, references_of, simple_of
from .table_records import CleanTexts, TableRecords

_QUANTITIES = tuple(f"IfcQuantity{what}" for what in ("Length", "Area", "Volume", "Weight", "Count", "Time", "Number"))
_MAX_NAME = 255


class TableProperties:
    """Reads the sets of one file; properties of other kinds, and odd records, are read from IfcOpenShell's objects."""

    def __init__(self, model: Any, records: TableRecords) -> None:
        self.model, self.records = model, records
        self._names = CleanTexts(_MAX_NAME)
        self._values: dict[bytes, Any] = {}

    def sets(self) -> dict[int, PropertySet]:
        """Return the IfcPropertySet and IfcElementQuantity by their #ids; odd ones are left out."""
        single = self._items(("IfcPropertySingleValue",), NOMINAL_VALUE, read_property)
        found = self._sets("IFCPROPERTYSET", "HasProperties", single, read_property)
        simple = self._items(_QUANTITIES, QUANTITY, read_quantity)
        return found | self._sets("IFCELEMENTQUANTITY", "Quantities", simple, read_quantity)

    def _items(self, names: tuple[str, ...], value: int, read: Callable[[Any], Named]) -> dict[int, Named]:
        found: dict[int, Named] = {}
        odd: list[int] = []
        for known, rows in self.records.rows_below(*names):
            match = record_pattern(len(known.attributes), {NAME: TEXT, value: ANYTHING}).fullmatch
            for step_id, text in self.records.texts(rows):
                try:
                    if (groups := match(text)) is None:
                        raise Odd
                    found[step_id] = self._names[groups[1]], self._value(groups[2])
                except Odd:
                    odd.append(step_id)
        self._read(odd, read, found)
        return found

    def _sets(
        self, name: str, items: str, known_items: dict[int, Named], read: Callable[[Any], Named]
    ) -> dict[int, PropertySet]:
        known = self.records.classes.of(name)
        if known is None:
            return {}
        rows = self.records.rows(name)
        lost = self.records.with_lost_references(rows)
        wanted = {NAME_OF_ROOT: TEXT, known.attributes[items]: REFERENCES}
        match = record_pattern(len(known.attributes), wanted).fullmatch
        held: dict[int, tuple[str, list[int]]] = {}
        for step_id, text in self.records.texts(rows):
            if step_id in lost or (groups := match(text)) is None:
                continue
            try:
                held[step_id] = self._names[groups[1]] or known.name, references_of(groups[2])[:MAX_PROPERTIES]
            except Odd:
                continue
        others = dict.fromkeys(each for _, ids in held.values() for each in ids if each not in known_items)
        self._read(others, read, known_items)
        return {
            step_id: (title, collect([known_items[each] for each in ids])) for step_id, (title, ids) in held.items()
        }

    def _read(self, step_ids: Collection[int], read: Callable[[Any], Named], found: dict[int, Named]) -> None:
        bring(self.model, step_ids)
        found.update((step_id, read(self.model.by_id(step_id))) for step_id in step_ids)

    def _value(self, written: bytes) -> Any:
        if written not in self._values:
            value, kind = simple_of(written)
            if kind and not self.records.classes.is_value_type(kind):
                raise Odd
            self._values[written] = plain(value)
        return self._values[written]
