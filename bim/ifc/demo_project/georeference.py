"""Local project coordinates to the map and back (IfcMapConversion with Scale 1; spec/domain/08, 8.6). Pure."""

from __future__ import annotations

from math import cos, radians, sin

from bim.ifc.demo_project import dimensions as d

_COS = cos(radians(d.ROTATION_DEG))
_SIN = sin(radians(d.ROTATION_DEG))


def to_map(x: float, y: float) -> tuple[float, float]:
    """Easting and northing (EPSG:4547, metres) of a local point."""
    return d.EASTING_M + _COS * x - _SIN * y, d.NORTHING_M + _SIN * x + _COS * y


def from_map(easting_m: float, northing_m: float) -> tuple[float, float]:
    """Local x and y in metres of a map point."""
    de, dn = easting_m - d.EASTING_M, northing_m - d.NORTHING_M
    return _COS * de + _SIN * dn, -_SIN * de + _COS * dn


def to_height(z: float) -> float:
    """Yellow Sea 1985 height in metres of a local level."""
    return d.ZERO_LEVEL_M + z
