"""The reference engine and fall-back: IfcOpenShell with OpenCASCADE.

It yields one outcome for every element that it is asked for, in any order: a mesh, or the reason why not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import ifcopenshell
import ifcopenshell.geom
import numpy as np
from numpy.typing import NDArray

from ..class_colours import class_colour
from ..meshing_types import Mesh, Outcome
from ..text import clean_text
from .port import OPENCASCADE, fault_of_mesh

LINEAR_DEFLECTION_M = 0.005
ANGULAR_DEFLECTION_RAD = 0.6


class OpenCascade:
    """IfcOpenShell's OpenCASCADE kernel: its iterator first, `create_shape` for what the iterator leaves out."""

    name = f"IfcOpenShell {ifcopenshell.version} with OpenCASCADE"

    def __init__(self, unit_m: float, threads: int = 1) -> None:
        self.unit_m = unit_m
        self.threads = threads
        self.settings = ifcopenshell.geom.settings()
        self.settings.set("no-normals", True)
        self.settings.set("weld-vertices", True)
        self.settings.set("mesher-linear-deflection", LINEAR_DEFLECTION_M)
        self.settings.set("mesher-angular-deflection", ANGULAR_DEFLECTION_RAD)

    def mesh_all(self, model: Any, step_ids: Sequence[int]) -> Iterator[Outcome]:
        elements = [model.by_id(step_id) for step_id in step_ids]
        if not elements:
            return
        iterator = ifcopenshell.geom.iterator(self.settings, model, self.threads, include=elements)
        going: Any = iterator.initialize()
        while going:
            shape = iterator.get()
            yield self._outcome(shape.id, shape, model.by_id(shape.id).is_a())
            going = iterator.next()

    def mesh_one(self, model: Any, step_id: int) -> Outcome:
        element = model.by_id(step_id)
        try:
            shape = self._create_shape(element)
        except Exception as error:  # the kernel raises RuntimeError and its own Error for what it cannot mesh
            return Outcome(step_id, None, _sentence(error))
        return self._outcome(step_id, shape, element.is_a())

    def _create_shape(self, element: Any) -> Any:
        """Return the element's shape; texts written as `*` (derived) where they may not be are emptied first."""
        try:
            return ifcopenshell.geom.create_shape(self.settings, element)
        except Exception as error:
            if "<derived>" not in str(error):
                raise
        for index in (2, 3, 4):  # IfcRoot.Name, IfcRoot.Description, IfcObject.ObjectType
            element[index] = None
        return ifcopenshell.geom.create_shape(self.settings, element)

    def _outcome(self, step_id: int, shape: Any, ifc_class: str) -> Outcome:
        geometry = shape.geometry
        vertices = np.frombuffer(geometry.verts_buffer, dtype=np.float64).reshape(-1, 3)
        faces = np.frombuffer(geometry.faces_buffer, dtype=np.int32).reshape(-1, 3).copy()
        matrix = np.array(shape.transformation.matrix, dtype=np.float64).reshape(4, 4).T
        world = vertices @ matrix[:3, :3].T + matrix[:3, 3]
        if fault := fault_of_mesh(world, faces):
            return Outcome(step_id, None, fault)
        colours, face_colour = _colours(geometry, len(faces), ifc_class)
        return Outcome(step_id, Mesh(world, faces, colours, face_colour), engine=OPENCASCADE)


def _sentence(error: Exception) -> str:
    text = clean_text(error, 200).strip() or type(error).__name__
    return f"OpenCASCADE could not mesh it: {text}"


def _colours(geometry: Any, face_count: int, ifc_class: str) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Return the surface styles' colours (k, 4), the class's own colour last, and which one each face has."""
    table = []
    for style in geometry.materials:
        colour = style.diffuse
        styled = bool(colour) and getattr(style, "instance_id", lambda: 0)() > 0
        if not styled:
            table.append(class_colour(ifc_class))
            continue
        alpha = 1 - min(max(float(style.transparency), 0.0), 0.9) if style.has_transparency() else 1.0
        table.append((_byte(colour.r()), _byte(colour.g()), _byte(colour.b()), _byte(alpha)))
    table.append(class_colour(ifc_class))
    ids = np.frombuffer(geometry.material_ids_buffer, dtype=np.int32)
    if len(ids) != face_count:
        ids = np.full(face_count, -1, dtype=np.int32)
    ids = np.where((ids < 0) | (ids >= len(table)), len(table) - 1, ids).astype(np.int32)
    return np.array(table, dtype=np.uint8), ids


def _byte(value: float) -> int:
    return round(min(max(value, 0.0), 1.0) * 255) if value == value else 255
