"""Where a BCF camera stands: in the model's own coordinates (metres), never in map coordinates."""

from __future__ import annotations

import numpy as np

from bim.ifc.crs_names import to_storage
from bim.ifc.placements import Candidate
from bim.tiles.frame import EnuFrame

from .topics import Camera, Vector

NEAREST_M = 5.0
FARTHEST_M = 40.0
_ROUNDS = 4


def model_point(candidate: Candidate, lon_deg: float, lat_deg: float, height_m: float) -> Vector:
    """Return project metres of a point (CGCS2000 degrees, H in Yellow Sea metres): `to_geodetic` backwards."""
    if candidate.kind == "geographic":
        east, north = _on_plane(EnuFrame(candidate.lon_deg, candidate.lat_deg, 0.0), lon_deg, lat_deg)
    else:
        transformer, axis_m = to_storage(candidate.crs)
        east, north = transformer.transform(lon_deg, lat_deg, direction="INVERSE")
        east, north = east * axis_m, north * axis_m
    x, y, z, _ = np.linalg.solve(candidate.affine, np.array([east, north, height_m, 1.0]))
    return float(x), float(y), float(z)


def _on_plane(frame: EnuFrame, lon_deg: float, lat_deg: float) -> tuple[float, float]:
    """Return east and north of the point of the frame's tangent plane that has this longitude and latitude."""
    height = 0.0
    for _ in range(_ROUNDS):
        east, north, up = frame.from_geodetic(np.array([[lon_deg, lat_deg, height]]))[0]
        height -= float(up)
    return float(east), float(north)


def camera_at(target: Vector, extent_m: float) -> Camera:
    """Return a camera that looks down at a target (project metres) from one and a half times the extent around it.

    It stands to the target's lower left, 35 degrees above it, never nearer than 5 m nor farther than 40 m.
    """
    distance = float(np.clip(1.5 * extent_m, NEAREST_M, FARTHEST_M))
    slope = np.radians(35.0)
    flat = np.cos(slope) * np.sqrt(0.5)
    direction = np.array([flat, flat, -np.sin(slope)])
    rise = np.sin(slope) * np.sqrt(0.5)
    up = np.array([rise, rise, np.cos(slope)])
    x, y, z = (float(value) for value in np.array(target) - distance * direction)
    return Camera((x, y, z), _plain(direction), _plain(up))


def _plain(vector: np.ndarray) -> Vector:
    x, y, z = (float(value) for value in vector)
    return x, y, z
