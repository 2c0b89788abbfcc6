"""Which colour the file gives to each item of a body, as OpenCASCADE's side of IfcOpenShell reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..attributes import attribute_of

Colour = tuple[int, int, int, int]  # sRGB with alpha, 0 to 255
_DEPTH = 8


@dataclass(frozen=True)
class Piece:
    """A part of a body with one colour: the item, the mapped items it hangs under (outermost first), its colour.

    `colour` is None where the file gives none: the class's own colour is meant.
    """

    item: Any
    mapped_by: tuple[Any, ...]
    colour: Colour | None


class Looks:
    """Reads surface styles of one model, each item and each material once."""

    def __init__(self) -> None:
        self._items: dict[int, Colour | None] = {}
        self._materials: dict[int, Colour | None] = {}

    def pieces(self, product: Any, items: list[Any]) -> list[Piece]:
        """Return the body's items, mapped ones taken apart, each with its colour."""
        found: list[Piece] = []
        for item in items:
            self._collect(item, (), None, found)
        if any(piece.colour is None for piece in found):
            material = self._colour_of_material(product)
            found = [Piece(p.item, p.mapped_by, material if p.colour is None else p.colour) for p in found]
        return found

    def _collect(self, item: Any, path: tuple[Any, ...], outer: Colour | None, found: list[Piece]) -> None:
        own = self._colour_of_item(item)
        if item.is_a("IfcMappedItem") and len(path) < _DEPTH:
            for child in item.MappingSource.MappedRepresentation.Items or ():
                self._collect(child, (*path, item), own or outer, found)
            return
        found.append(Piece(item, path, own or outer))

    def _colour_of_item(self, item: Any) -> Colour | None:
        number = item.id()
        if number not in self._items:
            colour = _first_colour(item.StyledByItem or ())
            if colour is None and item.is_a("IfcBooleanResult"):
                colour = self._colour_of_item(item.FirstOperand)
            self._items[number] = colour
        return self._items[number]

    def _colour_of_material(self, product: Any) -> Colour | None:
        """Return the colour of the product's one material (its own or its type's)."""
        material = _single_material(product)
        if material is None:
            return None
        number = material.id()
        if number not in self._materials:
            self._materials[number] = None
            for definition in material.HasRepresentation or ():
                for shape in definition.Representations or ():
                    self._materials[number] = self._materials[number] or _first_colour(shape.Items or ())
        return self._materials[number]


def _first_colour(styled_items: Any) -> Colour | None:
    for styled in styled_items:
        if not styled.is_a("IfcStyledItem"):
            continue
        for style in styled.Styles or ():
            inner = style.Styles if style.is_a("IfcPresentationStyleAssignment") else (style,)
            for surface in inner or ():
                if hasattr(surface, "is_a") and surface.is_a("IfcSurfaceStyle"):
                    for shading in surface.Styles or ():
                        if shading.is_a("IfcSurfaceStyleShading"):
                            return _colour_of_shading(shading)
    return None


def _colour_of_shading(shading: Any) -> Colour | None:
    surface = shading.SurfaceColour
    rgb = (surface.Red, surface.Green, surface.Blue)
    diffuse = attribute_of(shading, "DiffuseColour")
    if diffuse is not None:
        if diffuse.is_a("IfcColourRgb"):
            rgb = (diffuse.Red, diffuse.Green, diffuse.Blue)
        else:
            rgb = tuple(channel * diffuse.wrappedValue for channel in rgb)
    transparency = attribute_of(shading, "Transparency")
    alpha = 1 - min(max(float(transparency), 0.0), 0.9) if transparency is not None else 1.0
    red, green, blue = (_byte(value) for value in rgb)
    return red, green, blue, _byte(alpha)


def _byte(value: float) -> int:
    return round(min(max(value, 0.0), 1.0) * 255) if value == value else 255


def _single_material(product: Any) -> Any | None:
    """Return the one IfcMaterial of a product or of its type, also where it is the one layer of a set."""
    owners = [product]
    for relation in attribute_of(product, "IsTypedBy") or ():
        owners.append(relation.RelatingType)
    for relation in attribute_of(product, "IsDefinedBy") or ():
        if relation.is_a("IfcRelDefinesByType"):
            owners.append(relation.RelatingType)
    for owner in owners:
        for relation in attribute_of(owner, "HasAssociations") or ():
            if relation.is_a("IfcRelAssociatesMaterial"):
                return _one_of(relation.RelatingMaterial)
    return None


def _one_of(choice: Any) -> Any | None:
    if choice is None:
        return None
    if choice.is_a("IfcMaterial"):
        return choice
    if choice.is_a("IfcMaterialLayerSetUsage"):
        choice = choice.ForLayerSet
    elif choice.is_a("IfcMaterialProfileSetUsage"):
        choice = choice.ForProfileSet
    for name in ("MaterialLayers", "MaterialProfiles", "Materials"):
        parts = attribute_of(choice, name)
        if parts and len(parts) == 1:
            return parts[0] if parts[0].is_a("IfcMaterial") else parts[0].Material
    return None
