"""Which elements have a body: a 3D solid, surface or mesh that a viewer could show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .attributes import REPRESENTATION

_FLAT_TYPES = {
    "curve", "curve2d", "curve3d", "geometriccurveset", "annotation2d", "boundingbox", "point", "pointcloud",
    "text", "lightsource", "segment", "structuralsurfacemember",
}  # fmt: skip
_NOT_BODY = {
    "axis", "axis2d", "axis3d", "footprint", "box", "annotation", "plan", "profile", "reference", "clearance", "cog",
    "lighting", "survey", "gradient", "simple", "fallback", "2d",
}  # fmt: skip
_CURVES = ("IfcCurve", "IfcPoint", "IfcBoundingBox", "IfcAnnotationFillArea", "IfcTextLiteral", "IfcLightSource")


def body_items(product: Any) -> list[Any]:
    """Return the representation items that make up the product's body, empty where it has none."""
    return [item for shape in body_shapes(product) for item in shape.Items if _is_solid(item, 0)]


def body_shapes(product: Any) -> list[Any]:
    """Return the representations that hold items of the product's body."""
    representation = product.get_argument(REPRESENTATION) if product.is_a("IfcProduct") else None
    if representation is None:
        return []
    return [
        shape
        for shape in representation.Representations or ()
        if shape.is_a("IfcShapeRepresentation")
        and may_be_body(shape.RepresentationIdentifier or "", shape.RepresentationType or "")
        and any(_is_solid(item, 0) for item in shape.Items or ())
    ]


class Bodies:
    """Remembers the body of each product of one model that is asked for."""

    def __init__(self) -> None:
        self._shapes: dict[int, list[Any]] = {}
        self._items: dict[int, list[Any]] = {}
        self._known: dict[int, bool] = {}

    def shapes(self, product: Any) -> list[Any]:
        """Return the representations that hold items of the product's body."""
        number = product.id()
        if number not in self._shapes:
            self._shapes[number] = body_shapes(product)
        return self._shapes[number]

    def items(self, product: Any) -> list[Any]:
        """Return the representation items that make up the product's body, empty where it has none."""
        number = product.id()
        if number not in self._items:
            self._items[number] = [item for shape in self.shapes(product) for item in shape.Items if _is_solid(item, 0)]
        return self._items[number]

    def note(self, known: dict[int, bool]) -> None:
        """Take over which products, by #id, have a body."""
        self._known.update(known)

    def known(self, model: Any, step_id: int) -> bool:
        """Return whether the product with this #id has a body."""
        if step_id not in self._known:
            found = self._items.get(step_id)
            self._known[step_id] = bool(self.items(model.by_id(step_id)) if found is None else found)
        return self._known[step_id]


def may_be_body(identifier: str, kind: str) -> bool:
    """Say whether a representation of this identifier and type may hold a body."""
    return kind.lower() not in _FLAT_TYPES and identifier.lower() not in _NOT_BODY


def _is_solid(item: Any, depth: int) -> bool:
    ifc_class = item.is_a()
    if ifc_class not in _solidity:
        _solidity[ifc_class] = is_solid_class(item.is_a)
    solidity = _solidity[ifc_class]
    if depth > 8 or solidity == "no":
        return False
    if solidity == "mapped":
        mapped = item.MappingSource.MappedRepresentation
        return any(_is_solid(child, depth + 1) for child in mapped.Items or ())
    if solidity == "set":
        return any(_is_solid(child, depth + 1) for child in item.Elements or ())
    return True


_solidity: dict[str, str] = {}
"""What the class of an item, of which there are few, says of it: "no", "yes", or that its children decide."""


def is_solid_class(is_a: Callable[[str], bool]) -> str:
    """Return what a class of items, of which `is_a` tells the kin, says of them (see `_solidity`)."""
    if any(map(is_a, (*_CURVES, "IfcGeometricCurveSet"))):
        return "no"
    if is_a("IfcMappedItem"):
        return "mapped"
    return "set" if is_a("IfcGeometricSet") else "yes"
