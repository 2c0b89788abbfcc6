"""Attributes that a record's class may not have in the file's schema."""

from __future__ import annotations

from typing import Any

_NOT_OF_THE_CLASS = 0

# Where attributes that are read of every element stand, in every schema: `entity.get_argument(number)` is three times
# as fast as the attribute's name.
OBJECT_PLACEMENT, REPRESENTATION = 5, 6  # IfcProduct
PLACEMENT_REL_TO, RELATIVE_PLACEMENT = 0, 1  # IfcLocalPlacement
LOCATION, AXIS, REF_DIRECTION = 0, 1, 2  # IfcAxis2Placement3D
NUMBERS = 0  # the coordinates of an IfcCartesianPoint, the ratios of an IfcDirection


def attribute_of(entity: Any, name: str) -> Any:
    """Return a record's attribute (also an inverse one), None where its class has no such attribute.

    `getattr(entity, name, None)` means the same, but searches IfcOpenShell's rules for a derived attribute first,
    which takes a tenth of a second the first time and is ten times slower every time.
    """
    return getattr(entity, name) if entity.get_attribute_category(name) != _NOT_OF_THE_CLASS else None
