"""An IFC4 building that is ready for every safety function, written by ifcopenshell; and what can be taken from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.bim.authoring import Author

EAST, NORTH, HEIGHT_M = 465_661.65, 3_846_545.19, 110.5

Place = tuple[float, float, float]


class ReadyBuilding:
    """Two storeys of 10 x 6 m, 3 m high, in metres: everything that the pack and the checks ask for.

    `lacking` names the one thing that is left out or wrong.
    """

    def __init__(self, schema: str = "IFC4", lacking: str = "") -> None:
        self.author, self.lacking = Author(schema), lacking
        self.old = schema == "IFC2X3"
        self.author.site.Name = "场地"
        self.ground, self.upper = self.author.storey("首层", 0), self.author.storey("二层", 3)
        if lacking == "storey name":
            self.upper.Name = None
        self._floors()
        self._walls_and_stair()
        self._spaces()
        self._device()
        self._place()

    def _box(self, ifc_class: str, at: Place, size: Place, storey: Any, name: str, **attributes: Any) -> Any:
        return self.author.box(ifc_class, at, size, storey, name, **attributes)

    def _floors(self) -> None:
        lower = self._box("IfcSlab", (0, 0, -0.2), (10, 6, 0.2), self.ground, "底板", PredefinedType="BASESLAB")
        upper = self._box("IfcSlab", (0, 0, 2.8), (10, 6, 0.2), self.upper, "楼板", PredefinedType="FLOOR")
        if self.lacking != "stair hole":
            depth = 0.1 if self.lacking == "through hole" else 1.0
            bottom = 2.9 if self.lacking == "through hole" else 2.5
            opening = self.author.opening(upper, (6, 2, bottom), (3, 2, depth))
            opening.Name = "" if self.lacking == "opening name" else "2F-D01"
        for slab in (lower, upper):
            self.author.properties(slab, "Pset_SlabCommon", {"FireRating": "1.50h"})

    def _walls_and_stair(self) -> None:
        wall = self._box("IfcWall", (0, 0, 0), (10, 0.2, 2.8), self.ground, "南墙")
        rating = "Fire Rating" if self.lacking == "fire rating" else "3.00h"
        self.author.properties(wall, "Pset_WallCommon", {"FireRating": rating})
        self._box("IfcStairFlight", (6, 2, 0), (3, 2, 3), self.ground, "梯段")
        if self.lacking == "wall name":
            wall.Name = ""
        height = 0.9 if self.lacking == "railing height" else 1.1
        if self.lacking != "railing":
            self._box("IfcRailing", (6, 1.9, 3), (3, 0.05, height), self.upper, "栏杆", PredefinedType="GUARDRAIL")
        sizes = {} if self.lacking == "door width" else {"OverallWidth": 1.0, "OverallHeight": 2.1}
        door = self._box("IfcDoor", (4, 0, 0), (1, 0.2, 2.1), self.ground, "外门", **sizes)
        self.author.properties(door, "Pset_DoorCommon", {"IsExternal": True}, "IfcBoolean")
        if self.lacking == "wall once":
            twin = self._box("IfcWall", (0, 0, 0), (10, 0.2, 2.8), self.ground, "南墙")
            self.author.properties(twin, "Pset_WallCommon", {"FireRating": rating})

    def _spaces(self) -> None:
        rooms = []
        for name, floor, storey in (("101", 0.0, self.ground), ("201", 3.0, self.upper)):
            width = 3.0 if self.lacking == "cover" and storey is self.upper else 9.6
            room = self._box("IfcSpace", (0.2, 0.2, floor), (width, 5.6, 2.6), None, name)
            self.author.relate("IfcRelAggregates", RelatingObject=storey, RelatedObjects=[room])
            rooms.append(room)
        if self.lacking != "zone":
            zone = self.author.rooted("IfcZone", Name="防火分区 1")
            self.author.relate("IfcRelAssignsToGroup", RelatedObjects=rooms, RelatingGroup=zone)

    def _device(self) -> None:
        tag = None if self.lacking == "device tag" else "SN-0001"
        at = (1, 1, 2.3)
        if self.old:
            self._box("IfcDistributionControlElement", at, (0.1, 0.1, 0.1), self.ground, "烟感", Tag=tag)
        else:
            kind = {"PredefinedType": "NOTDEFINED" if self.lacking == "device kind" else "SMOKESENSOR"}
            self._box("IfcSensor", at, (0.1, 0.1, 0.1), self.ground, "烟感", Tag=tag, **kind)

    def _place(self) -> None:
        if self.lacking == "place":
            return
        values = {"Eastings": EAST, "Northings": NORTH, "OrthogonalHeight": HEIGHT_M}
        if self.old:
            self.author.properties(self.author.site, "ePSet_MapConversion", values)
            self.author.properties(self.author.site, "ePSet_ProjectedCRS", {"Name": "EPSG:4547"})
        else:
            self.author.map_conversion("EPSG:4547", self.author.metre(), XAxisAbscissa=1.0, XAxisOrdinate=0.0, **values)

    def save(self, path: Path) -> Path:
        return self.author.save(path)
