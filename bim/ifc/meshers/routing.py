"""Which engine meshes an element: the fast one, unless a rule says that it cannot be trusted with it.

The rules are R1 to R6 of docs/reference/import.md. R1 (a body without a mesh) and R6 (coordinates too far from their
origin for 32 bits) can only be judged on what the fast engine gave: see ifclite.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..attributes import OBJECT_PLACEMENT, PLACEMENT_REL_TO, RELATIVE_PLACEMENT
from ..bodies import Bodies
from ..container import CheckedFile
from ..element_frames import ElementFrames
from .openings import Openings, openings_of

SAFE_ITEMS = {
    "IfcExtrudedAreaSolid", "IfcRevolvedAreaSolid", "IfcFacetedBrep", "IfcTriangulatedFaceSet", "IfcPolygonalFaceSet",
    "IfcShellBasedSurfaceModel", "IfcFaceBasedSurfaceModel", "IfcSweptDiskSolid", "IfcHalfSpaceSolid",
    "IfcPolygonalBoundedHalfSpace", "IfcBlock", "IfcRightCircularCylinder",
}  # fmt: skip
SURFACE_MODELS = ("IfcShellBasedSurfaceModel", "IfcFaceBasedSurfaceModel")
NESTED = 32


def fault_of_file(checked: CheckedFile) -> str:
    """Return why the fast engine may not read this file at all, empty where it may."""
    if checked.declared_schema != checked.schema:
        return "its schema was renamed"
    if has_escaped_quote(checked.path):
        return "a text holds \\S\\' , at which the fast mesher loses its place"
    return ""


def has_escaped_quote(path: Path) -> bool:
    return b"\\S\\'" in path.read_bytes()


class Router:
    """Judges the elements of one model; what representations share is judged once."""

    def __init__(
        self, bodies: Bodies | None = None, frames: ElementFrames | None = None, openings: Openings | None = None
    ) -> None:
        self.bodies, self.frames = bodies or Bodies(), frames
        self._openings_of = openings.of if openings is not None else openings_of
        self._items: dict[int, str] = {}
        self._placements: dict[int, bool] = {}

    def slow_reason(self, product: Any) -> str:
        """Return the rule that sends a product to OpenCASCADE and its cause, empty for the fast engine."""
        representation = product.Representation
        if not representation.is_a("IfcProductDefinitionShape"):
            return f"R2 {representation.is_a()}"
        if len(self.bodies.shapes(product)) > 1:
            return "R3 several representations"
        if not self._stands_on_local(product):
            return "R4 linear placement"
        if product.is_a("IfcElement") and product.HasProjections:
            return "R2 projections"
        for part in (product, *self._openings_of(product)):
            if part is not product and not self._stands_on_local(part):
                return "R4 linear placement"
            for item in self.bodies.items(part):
                if risky := self._risky(item, 0):
                    return f"R2 {risky}"
        return ""

    def _stands_on_local(self, product: Any) -> bool:
        if self.frames is not None and self.frames.of(product) is not None:
            return True  # else its frame may only have a direction without a length
        return self._is_local(product.get_argument(OBJECT_PLACEMENT), 0)

    def _is_local(self, placement: Any, depth: int) -> bool:
        if placement is None:
            return True
        number = placement.id()
        if number not in self._placements:
            self._placements[number] = (
                placement.is_a("IfcLocalPlacement")
                and depth < 64
                and placement.get_argument(RELATIVE_PLACEMENT).is_a("IfcAxis2Placement3D")
                and self._is_local(placement.get_argument(PLACEMENT_REL_TO), depth + 1)
            )
        return self._placements[number]

    def _risky(self, item: Any, depth: int) -> str:
        """Return the class of the first item that the fast engine is not trusted with, empty where there is none."""
        number = item.id()
        if number not in self._items:
            self._items[number] = self._judge(item, depth)
        return self._items[number]

    def _judge(self, item: Any, depth: int) -> str:
        kind: str = item.is_a()
        if depth > NESTED:
            return "nesting"
        if kind == "IfcMappedItem":
            children = item.MappingSource.MappedRepresentation.Items or ()
        elif item.is_a("IfcBooleanResult"):
            children = (item.FirstOperand, item.SecondOperand)
        elif kind == "IfcCsgSolid":
            children = (item.TreeRootExpression,)
        elif kind not in SAFE_ITEMS:
            return kind
        elif kind == "IfcSweptDiskSolid":
            return kind if item.StartParam is not None or item.EndParam is not None else ""
        elif kind in SURFACE_MODELS:
            return _advanced(item)
        else:
            return ""
        return next((risky for child in children if (risky := self._risky(child, depth + 1))), "")


def _advanced(surface: Any) -> str:
    """Return IfcAdvancedFace where one of the shells' faces has a surface of its own, empty where all are flat."""
    shells = surface[0] or ()
    for shell in shells:
        for face in shell.CfsFaces or ():
            if face.is_a("IfcFaceSurface"):
                return str(face.is_a())
    return ""
