"""Where a BCF camera stands: in the model's own coordinates (metres), never in map coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bim.ifc.crs_names import to_storage
from bim.ifc.placements import Candidate
from bim.tiles.frame import EnuFrame

from .topics import Camera, Vector

NEAREST_M = 5.0
MARGIN = 1.5
UNSEEN_REACH_M = 3.0
"""Around a place without an element."""
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


def middle_of(box: Sequence[float]) -> Vector:
    """Return the middle of a box: least x, y, z, then greatest (m)."""
    x, y, z = ((box[axis] + box[axis + 3]) / 2 for axis in range(3))
    return x, y, z


def reach_of(target: Vector, box: Sequence[float]) -> float:
    """Return how far (m) the farthest corner of a box is from a target."""
    low, high = np.array(box[:3]), np.array(box[3:])
    return float(np.linalg.norm(np.maximum(np.abs(low - target), np.abs(high - target))))


def camera_at(target: Vector, reach_m: float) -> Camera:
    """Return a camera that looks down at a target (project metres) and has all within `reach_m` of it in its picture.

    It stands to the target's lower left, 35 degrees above it, half as far again as it must, never nearer than 5 m.
    """
    half_view = np.radians(Camera.field_of_view_deg / 2)
    distance = float(max(MARGIN * reach_m / np.sin(half_view), NEAREST_M))
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
