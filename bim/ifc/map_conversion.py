"""IfcMapConversion as arithmetic (ISO 16739-1, IfcMapConversion and IfcMapConversionScaled; spec/domain/08 §8.6)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .place_sentences import Sentence, say

Array = NDArray[np.float64]


class MapConversionInvalid(ValueError):
    """The values cannot be a map conversion; the message says which and why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class MapConversion:
    """E = Eastings + k (c x - s y), N = Northings + k (s x + c y), H = OrthogonalHeight + k z.

    x, y, z in the project's length unit; E, N, H in the map unit; k is Scale and turns one into the other.
    Factors (IFC4X3) apply to the source axes before the rotation.
    """

    eastings: float
    northings: float
    height: float
    abscissa: float = 1.0
    ordinate: float = 0.0
    scale: float = 1.0
    factor_x: float = 1.0
    factor_y: float = 1.0
    factor_z: float = 1.0

    def check(self) -> None:
        """Raise MapConversionInvalid for a rotation without length, a scale of zero or less, or no number."""
        values = [getattr(self, name) for name in self.__dataclass_fields__]
        if not all(math.isfinite(value) for value in values):
            raise MapConversionInvalid(say("not_a_number"))
        if math.hypot(self.abscissa, self.ordinate) < 1e-12:
            raise MapConversionInvalid(say("no_rotation"))
        if self.scale <= 0:
            raise MapConversionInvalid(say("bad_scale", scale=f"{self.scale:g}"))

    @property
    def rotation_deg(self) -> float:
        """Return the angle from map east to the project's x axis, anti-clockwise, in degrees."""
        return math.degrees(math.atan2(self.ordinate, self.abscissa))

    def matrix(self) -> Array:
        """Return the (4, 4) matrix from project units to map units."""
        self.check()
        length = math.hypot(self.abscissa, self.ordinate)
        c, s, k = self.abscissa / length, self.ordinate / length, self.scale
        matrix = np.eye(4)
        matrix[0] = [k * c * self.factor_x, -k * s * self.factor_y, 0, self.eastings]
        matrix[1] = [k * s * self.factor_x, k * c * self.factor_y, 0, self.northings]
        matrix[2] = [0, 0, k * self.factor_z, self.height]
        return matrix

    def to_map(self, points: Array) -> Array:
        """Return map coordinates (n, 3), map units, of project coordinates (n, 3), project units."""
        matrix = self.matrix()
        return np.asarray(points, dtype=float) @ matrix[:3, :3].T + matrix[:3, 3]


def metres_to_metres(conversion: MapConversion, project_unit_m: float, map_unit_m: float) -> Array:
    """Return the conversion as a (4, 4) matrix from project metres to map metres."""
    to_project_units = np.diag([1 / project_unit_m] * 3 + [1.0])
    to_metres = np.diag([map_unit_m] * 3 + [1.0])
    return to_metres @ conversion.matrix() @ to_project_units
