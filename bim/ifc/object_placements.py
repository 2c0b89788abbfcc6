"""Where an element's own frame stands in the project: the chain of its IfcLocalPlacement, each link resolved once."""

from __future__ import annotations

import math
from typing import Any

from .attributes import (
    AXIS,
    LOCATION,
    NUMBERS,
    PLACEMENT_REL_TO,
    REF_DIRECTION,
    RELATIVE_PLACEMENT,
    attribute_of,
)
from .element_frames import ElementFrames, Matrix

_CLIMB_LIMIT = 256
_TINY = 1e-12

Vector = tuple[float, float, float]
Rows = tuple[float, ...]  # the first three rows of a matrix, 12 numbers
IDENTITY: Rows = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)


class ObjectPlacements:
    """Resolves object placements of one model, in metres of the project.

    `frames` knows the plain chains; of what else can be read (a placement in the plane, an axis without a reference
    direction, a very long chain) the links are multiplied here.
    """

    def __init__(self, frames: ElementFrames) -> None:
        self.frames = frames
        self.known: dict[int, Rows] = {}

    def of(self, product: Any) -> Rows:
        """Return the product's placement; empty where it has none, or one that is no chain of local placements."""
        placement = attribute_of(product, "ObjectPlacement")
        return self._at(placement) if placement is not None else ()

    def plain(self, step_id: int) -> Rows:
        """Return the placement with this #id where its frame is known already, else nothing."""
        if step_id not in self.known and (frame := self.frames.known(step_id)) is not None:
            self.known[step_id] = _rows_of(frame)
        return self.known.get(step_id, ())

    def _at(self, placement: Any) -> Rows:
        chain = []
        below: Rows = IDENTITY
        while placement is not None:
            if (known := self.known.get(placement.id())) is not None:
                below = known
                break
            if (frame := self.frames.of_placement(placement)) is not None and (rows := _rows_of(frame)):
                below = self.known[placement.id()] = rows
                break
            chain.append(placement)
            if not placement.is_a("IfcLocalPlacement") or len(chain) > _CLIMB_LIMIT:
                below = ()
                break
            placement = placement.get_argument(PLACEMENT_REL_TO)
        for link in reversed(chain):
            below = self._step(link, below)
            self.known[link.id()] = below
        return below

    def _step(self, link: Any, below: Rows) -> Rows:
        if not below or not link.is_a("IfcLocalPlacement"):
            return ()
        try:
            own = axis_placement(link.get_argument(RELATIVE_PLACEMENT), self.frames.unit_m)
        except (AttributeError, TypeError, ValueError, IndexError, RuntimeError):
            return ()
        return _finite(multiply(below, own))


def _rows_of(frame: Matrix) -> Rows:
    return _finite(tuple((frame[:3].ravel() + 0.0).tolist()))  # no zero has a sign


def _finite(rows: Rows) -> Rows:
    return rows if all(map(math.isfinite, rows)) else ()


def axis_placement(placement: Any, unit_m: float) -> Rows:
    """Return an IfcAxis2Placement3D or 2D as matrix rows, its location in metres."""
    spatial = placement.is_a("IfcAxis2Placement3D")
    axis = placement.get_argument(AXIS) if spatial else None
    reference = placement.get_argument(REF_DIRECTION) if spatial else placement.RefDirection
    return axis_rows(
        placement.get_argument(LOCATION).Coordinates,
        axis.get_argument(NUMBERS) if axis is not None else None,
        reference.get_argument(NUMBERS) if reference is not None else None,
        unit_m,
    )


def axis_rows(location: Any, axis: Any | None, reference: Any | None, unit_m: float) -> Rows:
    """Return the matrix rows of a location (file units), a z axis and a reference direction, where given.

    The x axis is the reference direction made square to the z axis, as ISO 10303-42 says.
    """
    place = _vector(location)
    if axis is None and reference is None:
        return 1.0, 0.0, 0.0, place[0] * unit_m, 0.0, 1.0, 0.0, place[1] * unit_m, 0.0, 0.0, 1.0, place[2] * unit_m
    z, x = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)
    if axis is not None:
        z = _unit(_vector(axis))
    if reference is not None:
        x = _unit(_vector(reference))
    elif abs(z[0]) > 1 - _TINY:
        x = (0.0, 1.0, 0.0)
    along = sum(a * b for a, b in zip(x, z, strict=True))
    x = _unit((x[0] - along * z[0], x[1] - along * z[1], x[2] - along * z[2]))
    y = (z[1] * x[2] - z[2] * x[1], z[2] * x[0] - z[0] * x[2], z[0] * x[1] - z[1] * x[0])
    return tuple(value for row in range(3) for value in (x[row], y[row], z[row], place[row] * unit_m))


def _vector(numbers: Any) -> Vector:
    found = [float(number) for number in numbers] + [0.0, 0.0]
    return found[0], found[1], found[2]


def _unit(vector: Vector) -> Vector:
    length = math.sqrt(sum(value * value for value in vector))
    if not _TINY < length < math.inf:
        raise ValueError("a direction has no length")
    return vector[0] / length, vector[1] / length, vector[2] / length


def multiply(a: Rows, b: Rows) -> Rows:
    """Return the rows of the matrix product."""
    return tuple(
        a[row] * b[column] + a[row + 1] * b[column + 4] + a[row + 2] * b[column + 8]
        + (a[row + 3] if column == 3 else 0.0)
        for row in (0, 4, 8)
        for column in range(4)
    )  # fmt: skip
