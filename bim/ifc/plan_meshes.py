"""Read a model a second time for shapes that its rows do not hold: floors, stairs, spaces, openings in slabs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .bodies import body_items
from .meshers.opencascade import OpenCascade
from .meshing_types import Mesh
from .text import clean_text

SHOWN = ("IfcSlab", "IfcRoof", "IfcStair", "IfcStairFlight", "IfcRamp", "IfcRampFlight", "IfcSpace")
HOSTS = ("IfcSlab", "IfcRoof")
WELD_M = 1e-5


@dataclass(frozen=True)
class PlanMesh:
    """The mesh of an element; `host` is the GlobalId of the slab that it voids, empty where it is no opening."""

    global_id: str
    mesh: Mesh
    host: str = ""


def read_plan_meshes(model: Any) -> Iterator[PlanMesh]:
    """Yield the meshes (project metres) of floors, stairs and spaces, and of the openings in slabs and roofs."""
    hosts = {opening.id(): host for opening, host in _voids(model)}
    wanted = [entity.id() for name in SHOWN for entity in model.by_type(name) if body_items(entity)]
    wanted += [step_id for step_id in hosts if body_items(model.by_id(step_id))]
    for outcome in OpenCascade(1.0).mesh_all(model, sorted(set(wanted))):
        if outcome.mesh is not None:
            host = hosts.get(outcome.step_id)
            name = _global_id(model.by_id(outcome.step_id))
            yield PlanMesh(name, outcome.mesh, _global_id(host) if host is not None else "")


def _voids(model: Any) -> Iterable[tuple[Any, Any]]:
    for relation in model.by_type("IfcRelVoidsElement"):
        host, opening = relation.RelatingBuildingElement, relation.RelatedOpeningElement
        if host is not None and opening is not None and any(host.is_a(name) for name in HOSTS):
            yield opening, host


def _global_id(entity: Any) -> str:
    return clean_text(entity.GlobalId, 22)


def is_closed(mesh: Mesh) -> bool:
    """Return whether a mesh encloses a volume: every directed edge is met by its opposite."""
    _, welded = np.unique(np.round(mesh.vertices / WELD_M), axis=0, return_inverse=True)
    faces = welded.reshape(-1)[mesh.faces].astype(np.int64)
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])]
    if not len(faces):
        return False
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    size = int(faces.max()) + 1
    forward, backward = edges[:, 0] * size + edges[:, 1], edges[:, 1] * size + edges[:, 0]
    return bool(np.array_equal(np.sort(forward), np.sort(backward)))
