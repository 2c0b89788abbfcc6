"""Small vocabulary of extruded bodies on one IFC file, in metres: box, prism, bar, tube, profile along y."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import ifcopenshell

Triple = tuple[float, float, float]


class Solids:
    """This class will make IfcExtrudedAreaSolid items and reuse equal points, directions and profiles."""

    def __init__(self, file: ifcopenshell.file) -> None:
        self.file = file
        self._points: dict[tuple[float, ...], ifcopenshell.entity_instance] = {}
        self._directions: dict[Triple, ifcopenshell.entity_instance] = {}
        self._profiles: dict[tuple[object, ...], ifcopenshell.entity_instance] = {}

    def box(self, x: float, y: float, z: float, dx: float, dy: float, dz: float) -> ifcopenshell.entity_instance:
        """A box from its lowest corner and its extents."""
        return self._extrude(self._rectangle(dx, dy), (x + dx / 2, y + dy / 2, z), (0, 0, 1), (1, 0, 0), dz)

    def prism(self, outline: Sequence[tuple[float, float]], z: float, height: float) -> ifcopenshell.entity_instance:
        """A plan outline (open ring) extruded upwards."""
        return self._extrude(self._polygon(outline), (0, 0, z), (0, 0, 1), (1, 0, 0), height)

    def profile_along_y(
        self, outline: Sequence[tuple[float, float]], y: float, width: float
    ) -> ifcopenshell.entity_instance:
        """An outline in the x-z plane (open ring) extruded from ``y`` to ``y + width``."""
        return self._extrude(self._polygon(outline), (0, y + width, 0), (0, -1, 0), (1, 0, 0), width)

    def bar(self, start: Triple, end: Triple, width: float, depth: float | None = None) -> ifcopenshell.entity_instance:
        """A straight square (or ``width`` by ``depth``) bar between two points."""
        axis, length = _unit(start, end)
        reference = (1.0, 0.0, 0.0) if abs(axis[0]) < 0.9 else (0.0, 0.0, 1.0)
        return self._extrude(self._rectangle(width, depth or width), start, axis, reference, length)

    def tube(self, start: Triple, end: Triple, radius: float) -> ifcopenshell.entity_instance:
        """A round solid bar between two points."""
        axis, length = _unit(start, end)
        reference = (1.0, 0.0, 0.0) if abs(axis[0]) < 0.9 else (0.0, 0.0, 1.0)
        return self._extrude(self._circle(radius), start, axis, reference, length)

    def _extrude(
        self, profile: ifcopenshell.entity_instance, at: Triple, axis: Triple, reference: Triple, depth: float
    ) -> ifcopenshell.entity_instance:
        placement = self.file.create_entity(
            "IfcAxis2Placement3D", self._point(at), self._direction(axis), self._direction(reference)
        )
        up = self._direction((0, 0, 1))
        return self.file.create_entity("IfcExtrudedAreaSolid", profile, placement, up, round(float(depth), 6))

    def _point(self, values: Sequence[float]) -> ifcopenshell.entity_instance:
        key = tuple(round(float(value), 6) + 0.0 for value in values)
        if key not in self._points:
            self._points[key] = self.file.create_entity("IfcCartesianPoint", key)
        return self._points[key]

    def _direction(self, values: Triple) -> ifcopenshell.entity_instance:
        key = (float(values[0]), float(values[1]), float(values[2]))
        if key not in self._directions:
            self._directions[key] = self.file.create_entity("IfcDirection", key)
        return self._directions[key]

    def _rectangle(self, dx: float, dy: float) -> ifcopenshell.entity_instance:
        dx, dy = round(float(dx), 6), round(float(dy), 6)
        return self._cached(("rectangle", dx, dy), "IfcRectangleProfileDef", XDim=dx, YDim=dy)

    def _circle(self, radius: float) -> ifcopenshell.entity_instance:
        return self._cached(("circle", radius), "IfcCircleProfileDef", Radius=float(radius))

    def _polygon(self, outline: Sequence[tuple[float, float]]) -> ifcopenshell.entity_instance:
        key = ("polygon", *((round(a, 6), round(b, 6)) for a, b in outline))
        if key not in self._profiles:
            ring = [self._point(point) for point in outline]
            curve = self.file.create_entity("IfcPolyline", [*ring, ring[0]])
            return self._cached(key, "IfcArbitraryClosedProfileDef", OuterCurve=curve)
        return self._profiles[key]

    def _cached(self, key: tuple[object, ...], ifc_class: str, **attributes: object) -> ifcopenshell.entity_instance:
        if key not in self._profiles:
            self._profiles[key] = self.file.create_entity(ifc_class, ProfileType="AREA", **attributes)
        return self._profiles[key]


def _unit(start: Triple, end: Triple) -> tuple[Triple, float]:
    delta = [b - a for a, b in zip(start, end, strict=True)]
    length = sqrt(sum(value * value for value in delta))
    return (delta[0] / length, delta[1] / length, delta[2] / length), length
