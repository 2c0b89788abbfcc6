"""The key of a shape: a hash of what it is made from, whatever its #ids, its GlobalId and its place."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterable
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..attributes import attribute_of
from ..bodies import Bodies
from ..element_frames import ElementFrames
from ..record_hashes import record_hashes
from ..step_table import StepTable
from .openings import Openings

OPENING_GRID_M = 1e-6
OF_FILE, OF_MODEL = "file-v1:", "open-v1:"
"""How keys of a file's own text begin, and those of the text that IfcOpenShell writes where the file's is no plain
one. Keys of two kinds cannot be compared: see bim/revisions/snapshot.py. The number rises when keys change."""


class ShapeKeys:
    """Finds the keys of one model's products; `table` is of the file that it was read from, where that is plain."""

    def __init__(
        self,
        model: Any,
        unit_m: float,
        frames: ElementFrames,
        bodies: Bodies | None = None,
        table: StepTable | None = None,
        openings: Openings | None = None,
    ) -> None:
        self.bodies, self.frames = bodies or Bodies(), frames
        self.openings = openings or Openings(model)
        self.kind = OF_MODEL if table is None else OF_FILE
        self.table = StepTable.of(model.to_string().encode()) if table is None else table
        self._prefix = f"{unit_m!r}|{_angle_unit(model)}|".encode()

    @cached_property
    def _hashes(self) -> NDArray[np.uint64]:
        return np.append(record_hashes(self.table), np.zeros((1, 2), dtype=np.uint64), axis=0)  # of row -1: zeros

    def key_of(self, product: Any) -> str:
        """Return the key of one product's shape, see `keys_of`."""
        return self.keys_of([product])[product.id()]

    def keys_of(self, products: Iterable[Any]) -> dict[int, str]:
        """Return the keys by #id (32 characters): representation, openings and unit; not the style.

        Openings count with their place in the product's own frame, to a micrometre. Empty where the product or an
        opening is placed by something else than local placements; a product whose records cannot be read is left out.
        """
        shapes: dict[int, list[int]] = {}
        cuts: dict[int, list[tuple[int, NDArray[np.int64]]]] = {}
        keys: dict[int, str] = {}
        for product in products:
            number = product.id()
            try:
                found = self._cuts(product, shapes)
            except Exception:  # a record that is not as its schema says
                continue
            if found is None:
                keys[number] = ""
            else:
                cuts[number] = found
        digest_of = self._digests(shapes)
        for number, found in cuts.items():
            parts = [self._prefix, digest_of[number]]
            parts += sorted(place.tobytes() + digest_of[opening] for opening, place in found)
            keys[number] = self._key(b"".join(parts))
        return keys

    def _cuts(self, product: Any, shapes: dict[int, list[int]]) -> list[tuple[int, NDArray[np.int64]]] | None:
        """Return the openings of a product and their places in its frame, None where one has none; note the #ids of
        its own representations and theirs."""
        frame = self.frames.of(product)
        if frame is None:
            return None
        self._note(product, shapes)
        found = []
        openings = self.openings.of(product)
        inverse = np.linalg.inv(frame) if openings else frame
        for opening in openings:
            place = self.frames.of(opening)
            if place is None:
                return None
            self._note(opening, shapes)
            relative = np.round((inverse @ place)[:3] / OPENING_GRID_M).astype("<i8")
            found.append((opening.id(), relative))
        return found

    def _note(self, product: Any, shapes: dict[int, list[int]]) -> None:
        number = product.id()
        if number not in shapes:
            shapes[number] = [shape.id() for shape in self.bodies.shapes(product)]

    def _digests(self, shapes: dict[int, list[int]]) -> dict[int, bytes]:
        """Return for each product the digests of its representations, end to end."""
        ids = np.array([step_id for found in shapes.values() for step_id in found], dtype=np.int64)
        rows = self.table.row_of(ids)
        digests = self._hashes[rows].astype("<u8").tobytes()
        found, start = {}, 0
        for number, of_product in shapes.items():
            end = start + 16 * len(of_product)
            found[number] = digests[start:end] + b"|"
            start = end
        return found

    def _key(self, content: bytes) -> str:
        return self.kind + b2a_base64(blake2b(content, digest_size=18).digest(), newline=False).decode()


def _angle_unit(model: Any) -> str:
    for project in model.by_type("IfcProject"):
        for unit in (project.UnitsInContext.Units if project.UnitsInContext else None) or ():
            if attribute_of(unit, "UnitType") == "PLANEANGLEUNIT":
                factor = attribute_of(unit, "ConversionFactor")
                value = getattr(factor, "ValueComponent", None)
                return repr(getattr(value, "wrappedValue", value)) if value is not None else "radian"
    return "radian"
