"""Which elements have a body: a 3D solid, surface or mesh that a viewer could show."""

from __future__ import annotations

from typing import Any

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
    representation = getattr(product, "Representation", None)
    if representation is None:
        return []
    return [
        shape
        for shape in representation.Representations or ()
        if shape.is_a("IfcShapeRepresentation")
        and _may_be_body(shape)
        and any(_is_solid(item, 0) for item in shape.Items or ())
    ]


def _may_be_body(shape: Any) -> bool:
    kind = (shape.RepresentationType or "").lower()
    identifier = (shape.RepresentationIdentifier or "").lower()
    return kind not in _FLAT_TYPES and identifier not in _NOT_BODY


def _is_solid(item: Any, depth: int) -> bool:
    if depth > 8 or any(item.is_a(name) for name in _CURVES):
        return False
    if item.is_a("IfcMappedItem"):
        mapped = item.MappingSource.MappedRepresentation
        return any(_is_solid(child, depth + 1) for child in mapped.Items or ())
    if item.is_a("IfcGeometricCurveSet"):
        return False
    if item.is_a("IfcGeometricSet"):
        return any(_is_solid(child, depth + 1) for child in item.Elements or ())
    return True
