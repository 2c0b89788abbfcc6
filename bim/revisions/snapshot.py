"""All elements of a revision as columns: what is compared."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
NO_BOX = (np.nan,) * 6
NO_PLACEMENT = (np.nan,) * 12


@dataclass(frozen=True)
class Body:
    """One element in its model's own metres: box (least x, y, z, greatest x, y, z), object placement (3 rows of 4).

    `shape_key` is "" where it is not known, and begins with its kind and a colon (keys of early revisions have none):
    keys of two kinds say nothing of each other. `facts_key` is the hash of properties, materials, classes and groups.
    """

    index: int
    global_id: str
    ifc_class: str
    type_name: str = ""
    name: str = ""
    storey: str = ""
    box: tuple[float, ...] | None = None
    placement: tuple[float, ...] | None = None
    shape_key: str = ""
    area_m2: float | None = None
    volume_m3: float | None = None
    facts_key: str = ""


@dataclass(frozen=True)
class Snapshot:
    """The elements of one revision, and their numbers as arrays (NaN where there is none)."""

    bodies: list[Body] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.bodies)

    @cached_property
    def boxes(self) -> Array:
        return np.array([body.box or NO_BOX for body in self.bodies], dtype=float).reshape(-1, 6)

    @cached_property
    def placements(self) -> Array:
        return np.array([body.placement or NO_PLACEMENT for body in self.bodies], dtype=float).reshape(-1, 12)

    @cached_property
    def sizes(self) -> Array:
        return self.boxes[:, 3:] - self.boxes[:, :3]

    @cached_property
    def centres(self) -> Array:
        """Return the centre of each box, else the origin of its placement (n, 3)."""
        of_box = (self.boxes[:, 3:] + self.boxes[:, :3]) / 2
        return np.where(np.isnan(of_box), self.placements[:, [3, 7, 11]], of_box)

    @cached_property
    def measures(self) -> Array:
        """Return surface and volume (n, 2)."""
        pairs = [(body.area_m2, body.volume_m3) for body in self.bodies]
        return np.array(pairs, dtype=float).reshape(-1, 2)  # None becomes NaN

    @cached_property
    def first_rows(self) -> dict[str, int]:
        """Return {GlobalId: row}, the first where a file repeats one."""
        return {self.bodies[row].global_id: row for row in range(len(self) - 1, -1, -1)}


def with_keys_of_one_kind(old: Snapshot, new: Snapshot) -> tuple[Snapshot, Snapshot]:
    """Return the snapshots with the shape keys of a kind that only one of them has as not known."""
    kinds = [{_kind_of(body.shape_key) for body in snapshot.bodies if body.shape_key} for snapshot in (old, new)]
    shared = kinds[0] & kinds[1]
    if kinds[0] == kinds[1]:
        return old, new

    def cleared(body: Body) -> Body:
        return body if _kind_of(body.shape_key) in shared else replace(body, shape_key="")

    return Snapshot([cleared(body) for body in old.bodies]), Snapshot([cleared(body) for body in new.bodies])


def _kind_of(shape_key: str) -> str:
    kind, colon, _ = shape_key.partition(":")
    return kind if colon else ""
