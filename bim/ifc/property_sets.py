"""All property and quantity sets in one pass over the relationships, not one search per element."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from .attributes import attribute_of
from .records import Properties
from .text import clean_text

MAX_PROPERTIES = 3_000
MAX_LIST = 100

_NAME, _NOMINAL_VALUE = 0, 2  # IfcProperty, IfcPhysicalQuantity; IfcPropertySingleValue
_QUANTITY = 3  # IfcPhysicalSimpleQuantity
_NAME_OF_ROOT = 2

Sets = dict[str, dict[str, Any]]


def properties_by_element(model: Any) -> tuple[dict[int, Properties], dict[int, str]]:
    """Return ({element #id: {set name: {property: value}}}, {element #id: type name}).

    A property of the element itself wins over the same property of its type (IfcRelDefinesByType), as
    buildingSMART says. Values are JSON values; lengths and areas stay in the file's units, as written.
    """
    parsed: dict[int, tuple[str, dict[str, Any]]] = {}
    result: dict[int, Properties] = defaultdict(dict)
    type_names: dict[int, str] = {}
    for relation in model.by_type("IfcRelDefinesByType"):
        relating = relation.RelatingType
        if relating is None:
            continue
        sets = [_set_of(definition, parsed) for definition in relating.HasPropertySets or ()]
        name = clean_text(_safe(relating, "Name") or _safe(relating, "ElementType"), 255)
        for element in relation.RelatedObjects or ():
            type_names[element.id()] = name
            _merge(result[element.id()], sets)
    for relation in model.by_type("IfcRelDefinesByProperties"):
        sets = [_set_of(definition, parsed) for definition in _definitions(relation)]
        for element in relation.RelatedObjects or ():
            _merge(result[element.id()], sets)
    return result, type_names


def _definitions(relation: Any) -> tuple[Any, ...]:
    definition = relation.RelatingPropertyDefinition
    if definition is None:
        return ()
    if isinstance(definition, tuple):
        return definition
    if definition.is_a("IfcPropertySetDefinitionSet"):
        return tuple(definition.wrappedValue)
    return (definition,)


def _merge(target: Properties, sets: list[tuple[str, dict[str, Any]]]) -> None:
    for name, values in sets:
        if values:
            target[name] = {**target[name], **values} if name in target else values


def _set_of(definition: Any, parsed: dict[int, tuple[str, dict[str, Any]]]) -> tuple[str, dict[str, Any]]:
    key = definition.id()
    if key not in parsed:
        parsed[key] = (_name_of(definition, _NAME_OF_ROOT) or definition.is_a(), _values_of(definition))
    return parsed[key]


def _values_of(definition: Any) -> dict[str, Any]:
    if definition.is_a("IfcPropertySet"):
        return _collect(definition.HasProperties, _property_value)
    if definition.is_a("IfcElementQuantity"):
        return _collect(definition.Quantities, _quantity_value)
    skipped = {"id", "type", "GlobalId", "OwnerHistory", "Name", "Description"}
    info = definition.get_info(recursive=False)
    return {key: _plain(value) for key, value in info.items() if key not in skipped and value is not None}


def _collect(items: Any, read: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for item in (items or ())[:MAX_PROPERTIES]:
        name = _name_of(item, _NAME)
        try:
            value = read(item)
        except (AttributeError, RuntimeError, TypeError, ValueError, UnicodeError):
            value = None
        if name and value is not None:
            values[name] = value
    return values


def _property_value(item: Any) -> Any:
    kind = item.is_a()
    if kind == "IfcPropertySingleValue":
        return _plain(item.get_argument(_NOMINAL_VALUE))
    if kind == "IfcPropertyEnumeratedValue":
        return _plain(item.EnumerationValues)
    if kind == "IfcPropertyListValue":
        return _plain(item.ListValues)
    if kind == "IfcPropertyBoundedValue":
        return {"lower": _plain(item.LowerBoundValue), "upper": _plain(item.UpperBoundValue)}
    if kind == "IfcComplexProperty":
        return _collect(item.HasProperties, _property_value)
    if kind == "IfcPropertyTableValue":
        return {"defining": _plain(item.DefiningValues), "defined": _plain(item.DefinedValues)}
    return _plain(attribute_of(item, "PropertyReference"))


def _quantity_value(item: Any) -> Any:
    if item.is_a() == "IfcPhysicalComplexQuantity":
        return _collect(item.HasQuantities, _quantity_value)
    return _plain(item[_QUANTITY])


def _plain(value: Any) -> Any:
    """Return a value that JSON and PostgreSQL can hold."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if abs(value) < 1e300 else None
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value[:MAX_LIST]]
    if hasattr(value, "is_a"):
        wrapped = None if value.id() else value.get_argument(0)  # a value of a named type has no #id
        if wrapped is not None:
            return _plain(wrapped)
        return clean_text(attribute_of(value, "Name") or value.is_a(), 255)
    return clean_text(value)


def _name_of(entity: Any, number: int) -> str:
    try:
        return clean_text(entity.get_argument(number), 255)
    except (RuntimeError, UnicodeError):
        return ""


def _safe(entity: Any, name: str) -> Any:
    try:
        return attribute_of(entity, name)
    except (RuntimeError, UnicodeError):
        return None
