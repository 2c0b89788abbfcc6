"""Where an alignment's own design parameters put a point: horizontal segments integrated, vertical ones by formula.

Nothing here asks a geometry kernel, so it can check one. Curvature along a segment of length L with t = s / L (IFC 4.3,
IfcAlignmentHorizontalSegmentTypeEnum): a line has none, an arc a constant one, a clothoid a linear one, a Bloss curve
3t² - 2t³, a cosine curve (1 - cos πt) / 2, a sine curve t - sin(2πt) / 2π of the way from its first to its last.
Cant raises the point by the mean of both rails where the curve is an IfcSegmentedReferenceCurve.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..element_frames import ElementFrames
from ..units import length_unit_in_metres

STEP_M = 0.5
_WAY: dict[str, Callable[[float], float]] = {
    "LINE": lambda t: 0.0,
    "CIRCULARARC": lambda t: 0.0,
    "CLOTHOID": lambda t: t,
    "BLOSSCURVE": lambda t: 3 * t**2 - 2 * t**3,
    "COSINECURVE": lambda t: (1 - math.cos(math.pi * t)) / 2,
    "SINECURVE": lambda t: t - math.sin(2 * math.pi * t) / (2 * math.pi),
}


class NotEvaluated(Exception):
    """The alignment says its place in a way that this evaluation does not know."""


class Alignments:
    """The alignments of one model, found by the curve that a placement names."""

    def __init__(self, model: Any) -> None:
        from ifcopenshell.util.unit import calculate_unit_scale  # few models have an alignment

        self.unit_m, _ = length_unit_in_metres(model)
        self.angle = calculate_unit_scale(model, "PLANEANGLEUNIT")
        self.frames = ElementFrames(self.unit_m)
        self._of_curve: dict[int, Any] = {}
        self._read: dict[tuple[int, str], list[Any]] = {}
        for alignment in model.by_type("IfcAlignment"):
            shapes = alignment.Representation.Representations if alignment.Representation else ()
            for item in (item for shape in shapes for item in shape.Items or ()):
                for curve in model.traverse(item):
                    if curve.is_a("IfcCurve"):
                        self._of_curve.setdefault(curve.id(), alignment)

    def point_of(self, placement: Any) -> NDArray[np.float64] | None:
        """Return the point (project metres) of an IfcLinearPlacement, None where it cannot be evaluated."""
        try:
            return self.place(placement)
        except (NotEvaluated, AttributeError, TypeError, ValueError, ZeroDivisionError, OverflowError, RuntimeError):
            return None

    def place(self, placement: Any) -> NDArray[np.float64]:
        """Return the point (project metres) of an IfcLinearPlacement. Raises NotEvaluated."""
        at = placement.RelativePlacement.Location
        curve, alignment = at.BasisCurve, self._of_curve.get(at.BasisCurve.id())
        if alignment is None:
            raise NotEvaluated("its curve belongs to no alignment")
        along = at.DistanceAlong
        if not along.is_a("IfcLengthMeasure") and not along.is_a("IfcNonNegativeLengthMeasure"):
            raise NotEvaluated(f"its distance is an {along.is_a()}")
        distance = along.wrappedValue * self.unit_m
        x, y, heading = self._horizontal(alignment, distance)
        height = 0.0
        if curve.is_a() in ("IfcGradientCurve", "IfcSegmentedReferenceCurve"):
            height = self._vertical(alignment, distance)
        if curve.is_a("IfcSegmentedReferenceCurve"):
            height += self._cant(alignment, distance)
        offsets = [(getattr(at, f"Offset{name}") or 0.0) * self.unit_m for name in ("Longitudinal", "Lateral")]
        ahead = np.array([math.cos(heading), math.sin(heading), 0.0])
        left = np.array([-ahead[1], ahead[0], 0.0])
        up = np.array([0.0, 0.0, (at.OffsetVertical or 0.0) * self.unit_m])
        point = np.array([x, y, height]) + offsets[0] * ahead + offsets[1] * left + up
        frame = np.eye(4) if placement.PlacementRelTo is None else self.frames.of_placement(placement.PlacementRelTo)
        if frame is None:
            raise NotEvaluated("it hangs on another linear placement")
        return np.asarray((frame @ [*point, 1.0])[:3])

    def _segments(self, alignment: Any, kind: str) -> list[Any]:
        """Return the design parameters of an alignment's (or of its parent's) layout of one kind, in order.

        Each layout is read once, however many elements stand on it.
        """
        key = (alignment.id(), kind)
        if key not in self._read:
            self._read[key] = self._read_segments(alignment, kind)
        return self._read[key]

    def _read_segments(self, alignment: Any, kind: str) -> list[Any]:
        for owner in (alignment, *(relation.RelatingObject for relation in alignment.Decomposes or ())):
            for layout in (child for relation in owner.IsNestedBy or () for child in relation.RelatedObjects):
                if layout.is_a(kind):
                    parts = [part for relation in layout.IsNestedBy or () for part in relation.RelatedObjects]
                    return [part.DesignParameters for part in parts if part.is_a("IfcAlignmentSegment")]
        return []

    def _horizontal(self, alignment: Any, distance: float) -> tuple[float, float, float]:
        segments = self._segments(alignment, "IfcAlignmentHorizontal")
        if not segments:
            raise NotEvaluated("the alignment has no horizontal layout")
        left = distance
        for segment in segments:
            length = abs(segment.SegmentLength) * self.unit_m
            if left <= length + 1e-6 or segment is segments[-1]:
                return self._walk(segment, left)
            left -= length
        raise AssertionError("unreachable")

    def _walk(self, segment: Any, distance: float) -> tuple[float, float, float]:
        way = _WAY.get(segment.PredefinedType)
        if way is None:
            raise NotEvaluated(f"a horizontal segment is a {segment.PredefinedType}")
        length = abs(segment.SegmentLength) * self.unit_m
        first, last = (
            1 / (radius * self.unit_m) if radius else 0.0
            for radius in (segment.StartRadiusOfCurvature, segment.EndRadiusOfCurvature)
        )
        x, y = (value * self.unit_m for value in segment.StartPoint.Coordinates[:2])
        heading = segment.StartDirection * self.angle
        if first == last:
            return _along_arc(x, y, heading, first, distance)
        steps = max(1, math.ceil(distance / STEP_M))
        step = distance / steps
        for number in range(steps):  # midpoint rule
            middle, end = ((number + part) * step / length if length else 0.0 for part in (0.25, 0.75))
            half = heading + step / 2 * (first + (last - first) * way(middle))
            x, y = x + step * math.cos(half), y + step * math.sin(half)
            heading = half + step / 2 * (first + (last - first) * way(end))
        return x, y, heading

    def _vertical(self, alignment: Any, distance: float) -> float:
        segments = self._segments(alignment, "IfcAlignmentVertical")
        found = [segment for segment in segments if segment.StartDistAlong * self.unit_m <= distance + 1e-6]
        if not found:
            raise NotEvaluated("the alignment has no vertical layout there")
        segment = found[-1]
        if segment.HorizontalLength == 0 and len(found) > 1:
            segment = found[-2]
        length, at = segment.HorizontalLength * self.unit_m, distance - segment.StartDistAlong * self.unit_m
        first, last, start = segment.StartGradient, segment.EndGradient, segment.StartHeight * self.unit_m
        if segment.PredefinedType == "CONSTANTGRADIENT" or not length:
            return float(start + first * at)
        if segment.PredefinedType == "PARABOLICARC":
            return float(start + first * at + (last - first) / (2 * length) * at**2)
        if segment.PredefinedType == "CIRCULARARC":
            angles = [math.atan(first), math.atan(last)]
            radius = length / (math.sin(angles[1]) - math.sin(angles[0]))
            angle = math.asin(math.sin(angles[0]) + at / radius)
            return float(start + radius * (math.cos(angles[0]) - math.cos(angle)))
        raise NotEvaluated(f"a vertical segment is a {segment.PredefinedType}")

    def _cant(self, alignment: Any, distance: float) -> float:
        segments = self._segments(alignment, "IfcAlignmentCant")
        found = [segment for segment in segments if segment.StartDistAlong * self.unit_m <= distance + 1e-6]
        if not found:
            return 0.0
        segment = found[-1]
        way = {"CONSTANTCANT": _WAY["LINE"], "LINEARTRANSITION": _WAY["CLOTHOID"]}.get(
            segment.PredefinedType, _WAY.get(segment.PredefinedType)
        )
        if way is None:
            raise NotEvaluated(f"a cant segment is a {segment.PredefinedType}")
        length = segment.HorizontalLength * self.unit_m
        part = way((distance - segment.StartDistAlong * self.unit_m) / length) if length else 0.0
        rails = [(segment.StartCantLeft, segment.EndCantLeft), (segment.StartCantRight, segment.EndCantRight)]
        raised = [first + ((first if last is None else last) - first) * part for first, last in rails]
        return float(sum(raised) / 2 * self.unit_m)


def _along_arc(x: float, y: float, heading: float, curvature: float, distance: float) -> tuple[float, float, float]:
    """Return point and heading after a distance of constant curvature (1/m, left is positive)."""
    chord, turn = distance, curvature * distance
    if abs(turn) > 1e-9:
        chord = 2 * math.sin(turn / 2) / curvature
    middle = heading + turn / 2
    return x + chord * math.cos(middle), y + chord * math.sin(middle), heading + turn
