"""Do elements on an alignment stand where the alignment's own parameters and the file's own coordinates put them?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from bim.ifc.element_frames import ElementFrames
from bim.ifc.meshers.alignment import Alignments, NotEvaluated
from bim.ifc.meshers.linear import linear_placement_of, stated_point
from bim.ifc.meshers.opencascade import OpenCascade
from bim.ifc.meshing_types import Outcome
from bim.ifc.units import length_unit_in_metres

NEAR_M = 0.05


class Placing(OpenCascade):
    """OpenCASCADE's side of IfcOpenShell, which also notes the origin (project metres) that it gives each element."""

    def __init__(self, place: Path) -> None:
        super().__init__(1.0, threads=1)
        self.place = place

    def _outcome(self, step_id: int, shape: Any, ifc_class: str) -> Outcome:
        matrix = np.array(shape.transformation.matrix, dtype=np.float64).reshape(4, 4)
        with self.place.open("a", encoding="utf-8") as file:
            file.write(json.dumps([step_id, matrix[3, :3].tolist()]) + "\n")
        return super()._outcome(step_id, shape, ifc_class)


def read_origins(place: Path) -> dict[int, list[float]]:
    """Return {#id: origin in project metres} of what was noted before the end or the kill."""
    lines = place.read_text(encoding="utf-8").splitlines() if place.exists() else []
    return dict(json.loads(line) for line in lines if line.endswith("]]"))


def check_linear(model: Any, step_ids: Iterable[int], origins: dict[int, list[float]]) -> list[dict[str, Any]]:
    """Return for each element on an alignment how far its origin is from where the alignment and the file put it."""
    if not model.schema_identifier.startswith("IFC4X3"):
        return []
    unit_m, _ = length_unit_in_metres(model)
    frames, alignments, found = ElementFrames(unit_m), Alignments(model), []
    for step_id in step_ids:
        product = model.by_id(step_id)
        placement = linear_placement_of(product)
        if placement is None:
            continue
        row: dict[str, Any] = {"global_id": product.GlobalId, "ifc_class": product.is_a(), "why_not": ""}
        if step_id not in origins:
            row["why_not"] = "OpenCASCADE gave no mesh"
        elif placement != product.ObjectPlacement:
            row["why_not"] = "it hangs on another element by a local placement"
        else:
            origin = np.array(origins[step_id])
            stated = stated_point(placement, frames)
            row["off_stated_m"] = None if stated is None else float(np.linalg.norm(origin - stated))
            try:
                row["off_m"] = float(np.linalg.norm(origin - alignments.place(placement)))
            except NotEvaluated as reason:
                row["why_not"] = str(reason)
            except (AttributeError, TypeError, ValueError) as error:
                row["why_not"] = f"its records are not as the schema says: {error}"
        found.append(row)
    return found
