"""`python -m tests.proofs._bodies FILE FOLDER`: count elements and bodies by a list of what is a body.

Independent of `bim.ifc.bodies`, which lists what is none. Prints one JSON object: how many IfcElements and spatial
elements there are, and the GlobalId of each one with a body.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import ifcopenshell

from bim.ifc.container import check_file

SOLID = (
    "IfcSolidModel", "IfcBooleanResult", "IfcCsgPrimitive3D", "IfcFaceBasedSurfaceModel", "IfcShellBasedSurfaceModel",
    "IfcTessellatedItem", "IfcSurface", "IfcHalfSpaceSolid", "IfcSectionedSpine", "IfcTopologicalRepresentationItem",
)  # fmt: skip
OTHER_VIEWS = {
    "axis", "footprint", "box", "annotation", "plan", "profile", "reference", "clearance", "cog", "lighting", "survey",
}  # fmt: skip


def _solid(item: Any, depth: int = 0) -> bool:
    if item.is_a("IfcMappedItem"):
        mapped = item.MappingSource.MappedRepresentation.Items or ()
        return depth < 8 and any(_solid(child, depth + 1) for child in mapped)
    if item.is_a("IfcGeometricSet"):
        return any(_solid(child, depth + 1) for child in item.Elements or ())
    return any(item.is_a(name) for name in SOLID)


def _has_body(product: Any) -> bool:
    shapes = product.Representation.Representations or () if product.Representation else ()
    return any(
        _solid(item)
        for shape in shapes
        if shape.is_a("IfcShapeRepresentation")
        and (shape.RepresentationIdentifier or "").lower().rstrip("23d") not in OTHER_VIEWS
        for item in shape.Items or ()
    )


def main() -> int:
    """Count and print."""
    checked = check_file(Path(sys.argv[1]), Path(sys.argv[2]))
    model = ifcopenshell.open(str(checked.path))
    spatial = "IfcSpatialStructureElement" if checked.schema == "IFC2X3" else "IfcSpatialElement"
    rows = {row.id(): row for name in ("IfcElement", spatial) for row in model.by_type(name)}
    bodies = [row for row in rows.values() if not row.is_a("IfcFeatureElementSubtraction") and _has_body(row)]
    print(json.dumps({"elements": len(rows), "bodies": sorted(str(row.GlobalId) for row in bodies)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
