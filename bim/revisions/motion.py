"""How an element moved between two revisions in its model, and where that takes a point on earth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bim.ifc.crs_names import to_storage
from bim.ifc.placements import Candidate
from bim.pipeline.placing import to_geodetic
from bim.tiles.frame import EnuFrame

from .snapshot import Body

Array = NDArray[np.float64]
SAME_M = 0.001
NEAR_M = 0.01


def from_geodetic(candidate: Candidate, points: Array) -> Array:
    """Return project metres (n, 3) of longitude, latitude (CGCS2000 degrees) and H: the inverse of `to_geodetic`."""
    matrix = candidate.affine
    if candidate.kind == "geographic":
        mapped = _level(EnuFrame(candidate.lon_deg, candidate.lat_deg, 0.0), points)
    else:
        transformer, axis_m = to_storage(candidate.crs)
        east, north = transformer.transform(points[:, 0], points[:, 1], direction="INVERSE")
        mapped = np.column_stack((np.asarray(east) * axis_m, np.asarray(north) * axis_m, points[:, 2]))
    solved: Array = np.linalg.solve(matrix[:3, :3], (mapped - matrix[:3, 3]).T).T
    return solved


def _level(frame: EnuFrame, points: Array) -> Array:
    """Return east and north on the frame's tangent plane, and H, of longitude, latitude and H.

    A point of the plane lies `rise` above the ellipsoid and `to_geodetic` keeps only its longitude and latitude, so
    the rise is found by repeating: each turn gains six digits.
    """
    rise = np.zeros(len(points))
    flat = points
    for _ in range(5):
        flat = frame.from_geodetic(np.column_stack((points[:, :2], rise)))
        rise = rise - flat[:, 2]
    return np.column_stack((flat[:, :2], points[:, 2]))


def rigid_motion(old: Body, new: Body) -> Array | None:
    """Return the motion (4, 4) in project metres that took an element from `old` to `new`; None where it stayed.

    The object placement tells it where the shape is known to be the same; else box and placement must agree, for some
    tools keep every placement at the origin and others move it without moving the shape.
    """
    placed = _of_placements(old, new)
    if placed is not None and old.shape_key and old.shape_key == new.shape_key:
        return _unless_still(placed, old)
    if old.box is None or new.box is None:
        return None if placed is None else _unless_still(placed, old)
    before, after = np.array(old.box), np.array(new.box)
    if np.abs(after - before).max() <= SAME_M:
        return None
    low, high = after[:3] - before[:3], after[3:] - before[3:]
    centre = np.array([*((before[:3] + before[3:]) / 2), 1.0])
    carried = None if placed is None else placed @ centre
    if carried is not None and np.abs(carried[:3] - (after[:3] + after[3:]) / 2).max() <= NEAR_M:
        return _unless_still(placed, old)  # type: ignore[arg-type]
    if np.abs(high - low).max() <= SAME_M:
        return _shift((low + high) / 2)
    steps = np.where(np.abs(low) <= np.abs(high), low, high)  # the end that stayed tells where it is held
    return None if np.abs(steps).max() <= SAME_M else _shift(steps)


def _of_placements(old: Body, new: Body) -> Array | None:
    if old.placement is None or new.placement is None:
        return None
    before, after = _square(old.placement), _square(new.placement)
    if abs(np.linalg.det(before[:3, :3])) < 1e-9:
        return None
    if np.array_equal(before, after):
        return np.eye(4)
    moved: Array = after @ np.linalg.inv(before)
    return moved


def _square(rows: tuple[float, ...]) -> Array:
    return np.vstack((np.array(rows, dtype=float).reshape(3, 4), [0.0, 0.0, 0.0, 1.0]))


def _shift(steps: Array) -> Array:
    motion = np.eye(4)
    motion[:3, 3] = steps
    return motion


def _unless_still(motion: Array, body: Body) -> Array | None:
    """Return the motion, or None where it moves no corner of the element by more than 1 mm."""
    return None if distance_moved(motion, body) <= SAME_M else motion


def distance_moved(motion: Array | None, body: Body) -> float:
    """Return the furthest way (m) that a motion takes a corner of the element's box, or its placement's origin."""
    if motion is None:
        return 0.0
    if body.box is not None:
        x, y, z = ((body.box[axis], body.box[axis + 3]) for axis in range(3))
        corners = np.array([(a, b, c) for a in x for b in y for c in z])
    elif body.placement is not None:
        corners = np.array([[body.placement[3], body.placement[7], body.placement[11]]])
    else:
        corners = np.zeros((1, 3))
    return float(np.linalg.norm(apply(motion, corners) - corners, axis=1).max())


def apply(motion: Array, points: Array) -> Array:
    """Return points (n, 3) moved."""
    moved: Array = points @ motion[:3, :3].T + motion[:3, 3]
    return moved


def carry(points: Array, before: Candidate, motion: Array | None, after: Candidate) -> Array:
    """Return where points on earth (lon, lat, H) go that were placed on an element: G_new(M(G_old⁻¹(p))).

    Bit for bit the same where neither the element nor the model's place changed.
    """
    if motion is None and before == after:
        return points
    inside = from_geodetic(before, points)
    return to_geodetic(after, inside if motion is None else apply(motion, inside))
