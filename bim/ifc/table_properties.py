"""Property and quantity sets read from a step table: those of single values and simple quantities, all at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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

_QUANTITIES = tuple(f"IFCQUANTITY{what}" for what in ("LENGTH", "AREA", "VOLUME", "WEIGHT", "COUNT", "TIME", "NUMBER"))
_MAX_NAME = 255


class TableProperties:
    """Reads the sets of one file; properties of other kinds, and odd records, are read from IfcOpenShell's objects."""

    def __init__(self, model: Any, records: TableRecords) -> None:
        self.model, self.records = model, records
        self._names = CleanTexts(_MAX_NAME)
        self._values: dict[bytes, Any] = {}

    def sets(self) -> dict[int, PropertySet]:
        """Return the IfcPropertySet and IfcElementQuantity by their #ids; odd ones are left out."""
        single = self._items(("IFCPROPERTYSINGLEVALUE",), NOMINAL_VALUE, read_property)
        found = self._sets("IFCPROPERTYSET", "HasProperties", single, read_property)
        simple = self._items(_QUANTITIES, QUANTITY, read_quantity)
        return found | self._sets("IFCELEMENTQUANTITY", "Quantities", simple, read_quantity)

    def _items(self, names: tuple[str, ...], value: int, read: Callable[[Any], Named]) -> dict[int, Named]:
        found: dict[int, Named] = {}
        for known, rows in self.records.rows_below(*filter(self.records.classes.of, names)):
            match = record_pattern(len(known.attributes), {NAME: TEXT, value: ANYTHING}).fullmatch
            for step_id, text in self.records.texts(rows):
                try:
                    if (groups := match(text)) is None:
                        raise Odd
                    found[step_id] = self._names[groups[1]], self._value(groups[2])
                except Odd:
                    found[step_id] = read(self.model.by_id(step_id))
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
        found: dict[int, PropertySet] = {}
        for step_id, text in self.records.texts(rows):
            if step_id in lost or (groups := match(text)) is None:
                continue
            try:
                title = self._names[groups[1]]
            except Odd:
                continue
            ids = references_of(groups[2])[:MAX_PROPERTIES]
            for each in ids:
                if each not in known_items:
                    known_items[each] = read(self.model.by_id(each))
            found[step_id] = title or known.name, collect([known_items[each] for each in ids])
        return found

    def _value(self, written: bytes) -> Any:
        if written not in self._values:
            value, kind = simple_of(written)
            if kind and not self.records.classes.is_value_type(kind):
                raise Odd
            self._values[written] = plain(value)
        return self._values[written]
