"""What a schema says of the classes that a file names: their spelling, attributes and kin. The one place that asks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ifcopenshell


@dataclass(frozen=True)
class SchemaClass:
    """A class of a schema: its name as the schema spells it, and its attributes in the order of a record's text."""

    name: str
    entity: Any

    @cached_property
    def attributes(self) -> dict[str, int]:
        """Return where each attribute stands, by its name."""
        return {each.name(): index for index, each in enumerate(self.entity.all_attributes())}

    @cached_property
    def kin(self) -> frozenset[str]:
        """Return its own name and those of the classes above it."""
        names, above = [], self.entity
        while above is not None:
            names.append(above.name())
            above = above.supertype()
        return frozenset(names)

    def is_a(self, name: str) -> bool:
        return name in self.kin

    def literals(self, attribute: str) -> frozenset[bytes]:
        """Return what may stand for an enumerated attribute, as it is written; empty where it is none."""
        named = self.entity.all_attributes()[self.attributes[attribute]].type_of_attribute().as_named_type()
        enumeration = named and named.declared_type().as_enumeration_type()
        return (
            frozenset(f".{item}.".encode() for item in enumeration.enumeration_items()) if enumeration else frozenset()
        )


class SchemaClasses:
    """The classes and value types of one schema, by names in any letter case; each is looked up once."""

    def __init__(self, schema: str) -> None:
        self.schema = ifcopenshell.ifcopenshell_wrapper.schema_by_name(schema)
        self._classes: dict[str, SchemaClass | None] = {}
        self._types: dict[str, bool] = {}

    def of(self, name: str) -> SchemaClass | None:
        """Return a class, None where the schema has no such class."""
        if name not in self._classes:
            declared = self._declared(name)
            entity = declared and declared.as_entity()
            self._classes[name] = SchemaClass(entity.name(), entity) if entity else None
        return self._classes[name]

    def is_value_type(self, name: str) -> bool:
        """Return whether a name is that of a type of values, such as IfcLabel."""
        if name not in self._types:
            declared = self._declared(name)
            self._types[name] = bool(declared and declared.as_type_declaration())
        return self._types[name]

    def _declared(self, name: str) -> Any:
        try:
            return self.schema.declaration_by_name(name)
        except RuntimeError:  # no such name
            return None
