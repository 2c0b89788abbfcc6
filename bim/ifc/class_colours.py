"""The colour of an element whose file gives it none, by IFC class: sRGB and alpha, 0 to 255."""

from __future__ import annotations

Colour = tuple[int, int, int, int]

_DEFAULT: Colour = (200, 200, 200, 255)
_BY_CLASS: dict[str, Colour] = {
    "IfcSpace": (120, 170, 220, 40),
    "IfcSpatialZone": (120, 170, 220, 40),
    "IfcWindow": (150, 190, 210, 110),
    "IfcCurtainWall": (150, 190, 210, 140),
    "IfcPlate": (170, 195, 205, 200),
    "IfcDoor": (160, 120, 85, 255),
    "IfcWall": (214, 208, 198, 255),
    "IfcWallStandardCase": (214, 208, 198, 255),
    "IfcSlab": (182, 182, 180, 255),
    "IfcRoof": (170, 110, 90, 255),
    "IfcColumn": (176, 176, 172, 255),
    "IfcBeam": (176, 176, 172, 255),
    "IfcFooting": (158, 156, 150, 255),
    "IfcPile": (158, 156, 150, 255),
    "IfcStair": (190, 186, 178, 255),
    "IfcStairFlight": (190, 186, 178, 255),
    "IfcRailing": (110, 114, 120, 255),
    "IfcMember": (130, 134, 140, 255),
    "IfcReinforcingBar": (120, 80, 60, 255),
    "IfcSite": (150, 140, 110, 255),
    "IfcGeographicElement": (150, 140, 110, 255),
    "IfcFurnishingElement": (186, 156, 116, 255),
    "IfcFlowSegment": (110, 150, 140, 255),
    "IfcFlowFitting": (110, 150, 140, 255),
}


def class_colour(ifc_class: str) -> Colour:
    """Return the colour for elements of this class."""
    return _BY_CLASS.get(ifc_class, _DEFAULT)
