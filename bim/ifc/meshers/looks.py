"""Which colour the file gives to each item of a body, as OpenCASCADE's side of IfcOpenShell reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..attributes import attribute_of

Colour = tuple[int, int, int, int]  # sRGB with alpha, 0 to 255
DEPTH = 8


@dataclass(frozen=True)
class Piece:
    """A part of a body with one colour: the #id of the item, for each mapped item that it hangs under (outermost first)
    the #ids of its map's origin and of its target, its colour.

    `colour` is None where the file gives none: the class's own colour is meant.
    """

    item: int
    mapped_by: tuple[tuple[int, int], ...]
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

    def _collect(self, item: Any, path: tuple[tuple[int, int], ...], outer: Colour | None, found: list[Piece]) -> None:
        own = self._colour_of_item(item)
        if item.is_a("IfcMappedItem") and len(path) < DEPTH:
            source = item.MappingSource
            step = (source.MappingOrigin.id(), item.MappingTarget.id())
            for child in source.MappedRepresentation.Items or ():
                self._collect(child, (*path, step), own or outer, found)
            return
        found.append(Piece(item.id(), path, own or outer))

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
            self._materials[number] = colour_of_material(material)
        return self._materials[number]


def colour_of_material(material: Any) -> Colour | None:
    """Return the colour that an IfcMaterial is shown in, None where the file says none."""
    found = None
    for definition in material.HasRepresentation or ():
        for shape in definition.Representations or ():
            found = found or _first_colour(shape.Items or ())
    return found


def _first_colour(styled_items: Any) -> Colour | None:
    for styled in styled_items:
        if not styled.is_a("IfcStyledItem"):
            continue
        for style in styled.Styles or ():
            if (colour := colour_of_style(style)) is not None:
                return colour
    return None


def colour_of_style(style: Any) -> Colour | None:
    """Return the colour of an IfcSurfaceStyle, or of the first in an assignment of styles; None where it has none."""
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
                return one_material_of(relation.RelatingMaterial)
    return None


def one_material_of(choice: Any) -> Any | None:
    """Return the IfcMaterial that what an element is made of is, or has as its only layer, profile or part."""
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
