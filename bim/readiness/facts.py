"""What the checks look at, as plain data. Lengths in project metres, z up; elements are named by their index."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shapely.geometry import box as rectangle

Box = tuple[float, float, float, float, float, float]
"""Least x, y, z and greatest x, y, z."""

SPATIAL = frozenset(
    {
        "IfcSite", "IfcBuilding", "IfcBuildingStorey", "IfcFacility", "IfcFacilityPart", "IfcFacilityPartCommon",
        "IfcBridge", "IfcBridgePart", "IfcRoad", "IfcRoadPart", "IfcRailway", "IfcRailwayPart", "IfcMarineFacility",
        "IfcMarinePart", "IfcExternalSpatialElement", "IfcSpatialZone", "IfcSpatialStructureElement",
    }
)  # fmt: skip
SPACE = "IfcSpace"
OPENINGS = frozenset({"IfcOpeningElement", "IfcOpeningStandardCase", "IfcVoidingFeature", "IfcEarthworksCut"})
UNREAL = frozenset({"IfcVirtualElement"})
SLABS = frozenset({"IfcSlab", "IfcSlabStandardCase", "IfcSlabElementedCase"})
FLOORS = SLABS | {"IfcRoof"}
STAIRS = frozenset({"IfcStair", "IfcStairFlight", "IfcRamp", "IfcRampFlight"})
DOORS = frozenset({"IfcDoor", "IfcDoorStandardCase"})
RAILINGS = frozenset({"IfcRailing"})
DEVICES = frozenset(
    {
        "IfcSensor", "IfcAlarm", "IfcController", "IfcUnitaryControlElement", "IfcDistributionControlElement",
        "IfcAudioVisualAppliance", "IfcCommunicationsAppliance",
    }
)  # fmt: skip
WHOLES = frozenset(
    {
        "IfcStair", "IfcRamp", "IfcRoof", "IfcCurtainWall", "IfcElementAssembly", "IfcTransportElement", "IfcRailing",
        "IfcWallElementedCase", "IfcSlabElementedCase",
    }
)  # fmt: skip
"""Elements whose shape may be that of their parts."""


@dataclass(frozen=True)
class ElementFacts:
    """One element. `box` is None without a shape, `gap` says that it has a body that no mesher could shape."""

    index: int
    global_id: str
    ifc_class: str
    storey_index: int | None = None
    box: Box | None = None
    gap: bool = False
    volume_m3: float | None = None
    is_external: bool | None = None
    in_zone: bool = False
    position: tuple[float, float, float] | None = None

    @property
    def is_physical(self) -> bool:
        """Whether it is a thing that stands somewhere: no space, no opening, nothing virtual."""
        return self.ifc_class not in SPATIAL | OPENINGS | UNREAL | {SPACE}

    @property
    def plan(self) -> Any:
        """Return the box in plan (a shapely rectangle), None without a shape."""
        return None if self.box is None else rectangle(self.box[0], self.box[1], self.box[3], self.box[4])


@dataclass(frozen=True)
class StoreyFacts:
    """A storey: its floor in project metres, and its building."""

    index: int
    elevation_m: float
    building: str = ""


@dataclass(frozen=True)
class ShapeFacts:
    """The outline in plan of an element (shapely, project metres) and whether its mesh is closed."""

    outline: Any
    closed: bool


@dataclass(frozen=True)
class VoidFacts:
    """An opening in a slab or roof: its index, its host's, its own box and outline before it is subtracted."""

    opening: int
    host: int
    box: Box
    outline: Any


@dataclass(frozen=True)
class PlaceFacts:
    """Where the model stands: level of its georeference, what disagrees with it, and how it lies on the site.

    `others` has (level, distance in metres) of the file's other usable carriers. `outside` has the elements that lie
    wholly outside the site's boundary, None where that cannot be said; `outlined` counts those that were looked at.
    `ground_gap_m` is how far the site's ground lies from the nearest storey, None where one is not known.
    """

    placed: bool
    level: int | None = None
    others: tuple[tuple[int, float], ...] = ()
    outlined: int = 0
    outside: tuple[int, ...] | None = None
    ground_gap_m: float | None = None


@dataclass(frozen=True)
class ModelFacts:
    """Everything that the checks may look at.

    `shapes` has outlines of floors, stairs and spaces by index; None for `shapes` and `voids` where the file could not
    be read again. `edges_searched` says whether the search for fall edges ran without a problem.
    """

    place: PlaceFacts
    storeys: tuple[StoreyFacts, ...] = ()
    elements: tuple[ElementFacts, ...] = ()
    edges_searched: bool = False
    shapes: dict[int, ShapeFacts] | None = None
    voids: tuple[VoidFacts, ...] | None = None
    repeated: tuple[int, ...] = field(default=())

    def of(self, classes: frozenset[str]) -> list[ElementFacts]:
        """Return the elements of some classes."""
        return [element for element in self.elements if element.ifc_class in classes]

    @property
    def spaces(self) -> list[ElementFacts]:
        return [element for element in self.elements if element.ifc_class == SPACE]

    def outline_of(self, element: ElementFacts) -> Any:
        """Return the outline in plan where it is known, the box in plan otherwise, None without a shape."""
        shape = (self.shapes or {}).get(element.index)
        return element.plan if shape is None else shape.outline
