"""The values of one property or quantity set, as values that JSON and PostgreSQL can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .attributes import attribute_of
from .text import clean_text

MAX_PROPERTIES = 3_000
MAX_LIST = 100

NAME, NOMINAL_VALUE = 0, 2  # IfcProperty, IfcPhysicalQuantity; IfcPropertySingleValue
QUANTITY = 3  # IfcPhysicalSimpleQuantity
NAME_OF_ROOT = 2

Named = tuple[str, Any]  # a property, empty or None where it cannot be read
PropertySet = tuple[str, dict[str, Any]]


def set_of(definition: Any) -> PropertySet:
    """Return the (name, values) of a property set, a quantity set or a predefined set."""
    return _name_of(definition, NAME_OF_ROOT) or definition.is_a(), _values_of(definition)


def read_property(item: Any) -> Named:
    """Return the (name, value) of an IfcProperty."""
    return _name_of(item, NAME), _tried(_property_value, item)


def read_quantity(item: Any) -> Named:
    """Return the (name, value) of an IfcPhysicalQuantity."""
    return _name_of(item, NAME), _tried(_quantity_value, item)


def _tried(read: Callable[[Any], Any], item: Any) -> Any:
    try:
        return read(item)
    except (AttributeError, RuntimeError, TypeError, ValueError, UnicodeError):
        return None


def _values_of(definition: Any) -> dict[str, Any]:
    if definition.is_a("IfcPropertySet"):
        return collect(map(read_property, (definition.HasProperties or ())[:MAX_PROPERTIES]))
    if definition.is_a("IfcElementQuantity"):
        return collect(map(read_quantity, (definition.Quantities or ())[:MAX_PROPERTIES]))
    skipped = {"id", "type", "GlobalId", "OwnerHistory", "Name", "Description"}
    info = definition.get_info(recursive=False)
    return {key: plain(value) for key, value in info.items() if key not in skipped and value is not None}


def collect(items: Iterable[Named]) -> dict[str, Any]:
    """Return {name: value} of those that have both; of one name the last."""
    return {name: value for name, value in items if name and value is not None}


def _property_value(item: Any) -> Any:
    kind = item.is_a()
    if kind == "IfcPropertySingleValue":
        return plain(item.get_argument(NOMINAL_VALUE))
    if kind == "IfcPropertyEnumeratedValue":
        return plain(item.EnumerationValues)
    if kind == "IfcPropertyListValue":
        return plain(item.ListValues)
    if kind == "IfcPropertyBoundedValue":
        return {"lower": plain(item.LowerBoundValue), "upper": plain(item.UpperBoundValue)}
    if kind == "IfcComplexProperty":
        return collect(map(read_property, (item.HasProperties or ())[:MAX_PROPERTIES]))
    if kind == "IfcPropertyTableValue":
        return {"defining": plain(item.DefiningValues), "defined": plain(item.DefinedValues)}
    return plain(attribute_of(item, "PropertyReference"))


def _quantity_value(item: Any) -> Any:
    if item.is_a() == "IfcPhysicalComplexQuantity":
        return collect(map(read_quantity, (item.HasQuantities or ())[:MAX_PROPERTIES]))
    return plain(item[QUANTITY])


def plain(value: Any) -> Any:
    """Return a value that JSON and PostgreSQL can hold."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if abs(value) < 1e300 else None
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value[:MAX_LIST]]
    if hasattr(value, "is_a"):
        wrapped = None if value.id() else value.get_argument(0)  # a value of a named type has no #id
        if wrapped is not None:
            return plain(wrapped)
        return clean_text(attribute_of(value, "Name") or value.is_a(), 255)
    return clean_text(value)


def _name_of(entity: Any, number: int) -> str:
    try:
        return clean_text(entity.get_argument(number), 255)
    except (RuntimeError, UnicodeError):
        return ""
