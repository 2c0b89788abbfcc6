"""What is read from an IFC file, as frozen dataclasses that need neither ifcopenshell nor Django."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Properties = dict[str, dict[str, Any]]
Classification = dict[str, str]  # {"system", "code", "name"}
Group = dict[str, str]  # {"ifc_class", "global_id", "name"}: IfcZone, IfcSystem, IfcGroup ...


@dataclass(frozen=True)
class StoreyRecord:
    """An IfcBuildingStorey; `elevation_m` is its elevation in the model's own height system, in metres."""

    index: int
    step_id: int
    global_id: str
    name: str
    elevation_m: float
    building_name: str = ""


@dataclass(frozen=True)
class ElementRecord:
    """An IfcElement or spatial element. `index` counts from 0 in the order of the file's line numbers (#id).

    `placement` is its object placement in project metres, the first three rows (12 numbers) of the matrix from its own
    frame to the project's, empty where it has none. `wants_mesh` is true where a body representation exists and the
    element is no opening.
    """

    index: int
    step_id: int
    global_id: str
    ifc_class: str
    name: str
    predefined_type: str
    type_name: str
    storey_index: int | None
    kind: str  # "element", "space" or "opening"
    has_body: bool
    properties: Properties = field(default_factory=dict)
    materials: tuple[str, ...] = ()
    classifications: tuple[Classification, ...] = ()
    groups: tuple[Group, ...] = ()
    placement: tuple[float, ...] = ()

    @property
    def wants_mesh(self) -> bool:
        return self.has_body and self.kind != "opening"


@dataclass(frozen=True)
class ModelRecord:
    """Everything read from the file but its elements' geometry."""

    schema: str
    declared_schema: str
    length_unit_m: float
    unit_known: bool
    project_name: str
    storeys: tuple[StoreyRecord, ...]
    elements: tuple[ElementRecord, ...]
    warnings: tuple[str, ...] = ()
