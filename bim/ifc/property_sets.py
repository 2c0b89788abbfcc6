"""All property and quantity sets in one pass over the relationships, not one search per element."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from .attributes import attribute_of
from .property_values import PropertySet
from .record_source import TEXT, ModelSource
from .records import Properties
from .text import clean_text


def properties_by_element(source: ModelSource) -> tuple[dict[int, Properties], dict[int, str]]:
    """Return ({element #id: {set name: {property: value}}}, {element #id: type name}).

    A property of the element itself wins over the same property of its type (IfcRelDefinesByType), as
    buildingSMART says. Values are JSON values; lengths and areas stay in the file's units, as written.
    Elements share the values of a set that they share.
    """
    result: dict[int, Properties] = defaultdict(dict)
    type_names: dict[int, str] = {}
    for relating, related in source.relations("IfcRelDefinesByType", "RelatingType", "RelatedObjects"):
        for type_id in relating:
            name, sets = _type_of(source, type_id)
            type_names.update(dict.fromkeys(related, name))
            _merge(result, related, sets)
    definitions = source.relations("IfcRelDefinesByProperties", "RelatingPropertyDefinition", "RelatedObjects")
    for relating, related in definitions:
        _merge(result, related, [source.property_set(definition) for definition in relating])
    return result, type_names


def _type_of(source: ModelSource, type_id: int) -> tuple[str, list[PropertySet]]:
    """Return a type's name and its sets."""
    record = source.model.by_id(type_id)
    sets = [source.property_set(definition.id()) for definition in record.HasPropertySets or ()]
    return clean_text(_safe(record, "Name") or _safe(record, "ElementType"), TEXT), sets


def _merge(result: dict[int, Properties], elements: list[int], sets: list[PropertySet]) -> None:
    for element in elements:
        target = result[element]
        for name, values in sets:
            if values:
                target[name] = {**target[name], **values} if name in target else values


def _safe(entity: Any, name: str) -> Any:
    try:
        return attribute_of(entity, name)
    except (RuntimeError, UnicodeError):
        return None
