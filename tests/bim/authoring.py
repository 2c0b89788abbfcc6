"""Tiny IFC files with known dimensions, written by ifcopenshell for tests."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.guid


class Author:
    """Writes one project with a site, a building, storeys and boxes; lengths are in the project's unit."""

    def __init__(self, schema: str = "IFC4", prefix: str | None = None, unit: str = "METRE") -> None:
        self.file = ifcopenshell.file(schema=schema)
        self.counter = itertools.count(1)
        self.project = self.rooted("IfcProject", Name="测试项目")
        length = self.file.create_entity("IfcSIUnit", UnitType="LENGTHUNIT", Prefix=prefix, Name="METRE")
        if unit == "FOOT":
            measure = self.file.create_entity("IfcLengthMeasure", 0.3048)
            factor = self.file.create_entity("IfcMeasureWithUnit", measure, length)
            dimensions = self.file.create_entity("IfcDimensionalExponents", 1, 0, 0, 0, 0, 0, 0)
            length = self.file.create_entity("IfcConversionBasedUnit", dimensions, "LENGTHUNIT", "FOOT", factor)
        self.length = length
        self.project.UnitsInContext = self.file.create_entity("IfcUnitAssignment", [length])
        self.context = self.file.create_entity(
            "IfcGeometricRepresentationContext", None, "Model", 3, 1e-5, self.axes(), None
        )
        self.project.RepresentationContexts = [self.context]
        self.site = self.rooted("IfcSite", Name="场地", ObjectPlacement=self.place(0, 0, 0))
        self.building = self.rooted("IfcBuilding", Name="1号楼", ObjectPlacement=self.place(0, 0, 0))
        self.relate("IfcRelAggregates", RelatingObject=self.project, RelatedObjects=[self.site])
        self.relate("IfcRelAggregates", RelatingObject=self.site, RelatedObjects=[self.building])

    def rooted(self, ifc_class: str, **attributes: Any) -> Any:
        return self.file.create_entity(ifc_class, GlobalId=ifcopenshell.guid.new(), **attributes)

    relate = rooted

    def point(self, *coordinates: float) -> Any:
        return self.file.create_entity("IfcCartesianPoint", tuple(float(value) for value in coordinates))

    def direction(self, *ratios: float) -> Any:
        return self.file.create_entity("IfcDirection", tuple(float(value) for value in ratios))

    def axes(self, x: float = 0, y: float = 0, z: float = 0, x_axis: tuple[float, ...] | None = None) -> Any:
        reference = self.direction(*x_axis) if x_axis else None
        upright = self.direction(0, 0, 1) if x_axis else None
        return self.file.create_entity("IfcAxis2Placement3D", self.point(x, y, z), upright, reference)

    def place(self, x: float, y: float, z: float, x_axis: tuple[float, ...] | None = None) -> Any:
        return self.file.create_entity("IfcLocalPlacement", None, self.axes(x, y, z, x_axis))

    def storey(self, name: str, elevation: float) -> Any:
        row = self.rooted("IfcBuildingStorey", Name=name, Elevation=float(elevation))
        row.ObjectPlacement = self.place(0, 0, elevation)
        self.relate("IfcRelAggregates", RelatingObject=self.building, RelatedObjects=[row])
        return row

    def body(self, dx: float, dy: float, dz: float) -> Any:
        """Return a representation: a box of dx, dy, dz from its placement's origin."""
        corner = self.file.create_entity("IfcAxis2Placement2D", self.point(dx / 2, dy / 2))
        profile = self.file.create_entity("IfcRectangleProfileDef", "AREA", None, corner, float(dx), float(dy))
        solid = self.file.create_entity(
            "IfcExtrudedAreaSolid", profile, self.axes(), self.direction(0, 0, 1), float(dz)
        )
        shape = self.file.create_entity("IfcShapeRepresentation", self.context, "Body", "SweptSolid", [solid])
        return self.file.create_entity("IfcProductDefinitionShape", None, None, [shape])

    def box(
        self, ifc_class: str, at: tuple[float, float, float], size: tuple[float, float, float], storey: Any = None,
        name: str = "", **attributes: Any,
    ) -> Any:  # fmt: skip
        row = self.rooted(ifc_class, Name=name or f"{ifc_class} {next(self.counter)}", **attributes)
        row.ObjectPlacement, row.Representation = self.place(*at), self.body(*size)
        if storey is not None:
            self.contain(row, storey)
        return row

    def contain(self, row: Any, storey: Any) -> None:
        self.relate("IfcRelContainedInSpatialStructure", RelatedElements=[row], RelatingStructure=storey)

    def opening(self, host: Any, at: tuple[float, float, float], size: tuple[float, float, float]) -> Any:
        row = self.box("IfcOpeningElement", at, size)
        self.relate("IfcRelVoidsElement", RelatingBuildingElement=host, RelatedOpeningElement=row)
        return row

    def properties(self, row: Any, name: str, values: dict[str, Any], measure: str = "IfcLabel") -> Any:
        singles = [
            self.file.create_entity(
                "IfcPropertySingleValue", key, None,
                self.file.create_entity("IfcReal" if isinstance(value, float) else measure, value), None,
            )
            for key, value in values.items()
        ]  # fmt: skip
        definition = self.rooted("IfcPropertySet", Name=name, HasProperties=singles)
        self.relate("IfcRelDefinesByProperties", RelatedObjects=[row], RelatingPropertyDefinition=definition)
        return definition

    def metre(self) -> Any:
        return self.file.create_entity("IfcSIUnit", UnitType="LENGTHUNIT", Prefix=None, Name="METRE")

    def map_conversion(
        self, crs: str | None, map_unit: Any = None, ifc_class: str = "IfcMapConversion", **values: Any
    ) -> Any:
        target = self.file.create_entity("IfcProjectedCRS", Name=crs, MapUnit=map_unit)
        return self.file.create_entity(ifc_class, SourceCRS=self.context, TargetCRS=target, **values)

    def latitude(self, latitude: tuple[int, ...], longitude: tuple[int, ...], elevation: float = 0.0) -> None:
        self.site.RefLatitude, self.site.RefLongitude = latitude, longitude
        self.site.RefElevation = float(elevation)

    def save(self, path: Path) -> Path:
        self.file.write(str(path))
        return path


def small_building(path: Path, eastings: float = 465_661.65, northings: float = 3_846_545.19) -> Author:
    """Write two storeys in millimetres, placed in EPSG:4547 and turned 30 degrees, and return their author.

    One slab of 10 x 6 x 0.2 m with a hole of 1 x 1 m, a wall of 10 x 0.2 x 3 m, a space, a column on the upper floor,
    and a stair without a body.
    """
    author = Author(prefix="MILLI")
    ground, upper = author.storey("首层", 0), author.storey("二层", 3_000)
    slab = author.box("IfcSlab", (0, 0, -200), (10_000, 6_000, 200), ground, "楼板")
    author.opening(slab, (4_000, 2_000, -500), (1_000, 1_000, 1_000))
    wall = author.box("IfcWall", (0, 0, 0), (10_000, 200, 3_000), ground, "外墙")
    author.properties(wall, "Pset_WallCommon", {"FireRating": "二级", "ThermalTransmittance": 0.35})
    space = author.box("IfcSpace", (1_000, 1_000, 0), (3_000, 3_000, 2_800), name="办公室")
    author.relate("IfcRelAggregates", RelatingObject=ground, RelatedObjects=[space])
    author.box("IfcColumn", (0, 0, 3_000), (400, 400, 3_000), upper, "柱")
    stair = author.rooted("IfcStair", Name="楼梯", ObjectPlacement=author.place(0, 0, 0))
    author.contain(stair, ground)
    author.map_conversion(
        "EPSG:4547", author.metre(), Eastings=eastings, Northings=northings, OrthogonalHeight=110.5,
        XAxisAbscissa=1.732050807569, XAxisOrdinate=1.0, Scale=0.001,
    )  # fmt: skip
    author.save(path)
    return author
