"""Where an element's own frame stands in the project: the chain of its IfcLocalPlacement, each link resolved once."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from .attributes import (
    AXIS,
    LOCATION,
    NUMBERS,
    PLACEMENT_REL_TO,
    REF_DIRECTION,
    RELATIVE_PLACEMENT,
    attribute_of,
)

_CLIMB_LIMIT = 256
_TINY = 1e-12

Vector = tuple[float, float, float]
Rows = tuple[float, ...]  # the first three rows of a matrix, 12 numbers
_NO_TURN: Rows = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
IDENTITY: Rows = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)


class ObjectPlacements:
    """Resolves object placements of one model, in metres of the project."""

    def __init__(self, model: Any, unit_m: float) -> None:
        self.model, self.unit_m = model, unit_m
        self.known: dict[int, Rows] = {}

    def of(self, product: Any) -> Rows:
        """Return the product's placement; empty where it has none, or one that is no chain of local placements."""
        placement = attribute_of(product, "ObjectPlacement")
        return self.at(placement.id()) if placement is not None else ()

    def at(self, step_id: int) -> Rows:
        """Return the placement with this #id; empty as above."""
        chain: list[tuple[int, Rows]] = []
        above: int | None = step_id
        below: Rows = IDENTITY
        while above is not None:
            if (known := self.known.get(above)) is not None:
                below = known
                break
            link = self.link(above)
            chain.append((above, link.own if link else ()))
            if link is None or len(chain) > _CLIMB_LIMIT:
                below = ()
                break
            above = link.relative_to
        for number, own in reversed(chain):
            below = _placed(own, below)
            self.known[number] = below
        return below

    def link(self, step_id: int) -> Link | None:
        """Return an IfcLocalPlacement, None for a placement of another kind."""
        try:
            placement = self.model.by_id(step_id)
        except RuntimeError:
            return None
        if not placement.is_a("IfcLocalPlacement"):
            return None
        above = placement.get_argument(PLACEMENT_REL_TO)
        try:
            own = axis_placement(placement.get_argument(RELATIVE_PLACEMENT), self.unit_m)
        except (AttributeError, TypeError, ValueError, IndexError, RuntimeError):
            own = ()
        return Link(above.id() if above is not None else None, own)


class Link(NamedTuple):
    """A local placement: the #id of what it is relative to, and its own rows, empty where they make no sense."""

    relative_to: int | None
    own: Rows


def _placed(own: Rows, below: Rows) -> Rows:
    if not own or not below:
        return ()
    product = multiply(below, own)
    return product if all(map(math.isfinite, product)) else ()


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
    return placed_rows(turn_rows(axis, reference), location, unit_m)


def placed_rows(turn: Rows, location: Any, unit_m: float) -> Rows:
    """Return the rows of a turn (9 numbers) and a location (file units)."""
    x, y, z = _vector(location)
    a, b, c, d, e, f, g, h, i = turn
    return a, b, c, x * unit_m, d, e, f, y * unit_m, g, h, i, z * unit_m


def turn_rows(axis: Any | None, reference: Any | None) -> Rows:
    """Return the 3 by 3 rows of a z axis and a reference direction, where given. Raises ValueError."""
    if axis is None and reference is None:
        return _NO_TURN
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
    return tuple(value for row in range(3) for value in (x[row], y[row], z[row]))


def _vector(numbers: Any) -> Vector:
    found = [float(number) for number in numbers] + [0.0, 0.0]
    return found[0], found[1], found[2]


def _unit(vector: Vector) -> Vector:
    length = math.sqrt(sum(value * value for value in vector))
    if not _TINY < length < math.inf:
        raise ValueError("a direction has no length")
    return vector[0] / length, vector[1] / length, vector[2] / length


def multiply(a: Rows, b: Rows) -> Rows:
    """Return the rows of the matrix product; written out, as it is done for every element. No zero has a sign."""
    a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11 = a
    b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11 = b
    return (
        a0 * b0 + a1 * b4 + a2 * b8 + 0.0, a0 * b1 + a1 * b5 + a2 * b9 + 0.0,
        a0 * b2 + a1 * b6 + a2 * b10 + 0.0, a0 * b3 + a1 * b7 + a2 * b11 + a3,
        a4 * b0 + a5 * b4 + a6 * b8 + 0.0, a4 * b1 + a5 * b5 + a6 * b9 + 0.0,
        a4 * b2 + a5 * b6 + a6 * b10 + 0.0, a4 * b3 + a5 * b7 + a6 * b11 + a7,
        a8 * b0 + a9 * b4 + a10 * b8 + 0.0, a8 * b1 + a9 * b5 + a10 * b9 + 0.0,
        a8 * b2 + a9 * b6 + a10 * b10 + 0.0, a8 * b3 + a9 * b7 + a10 * b11 + a11,
    )  # fmt: skip
