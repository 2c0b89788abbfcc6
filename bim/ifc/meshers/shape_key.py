"""The key of a shape: a hash of what it is made from, whatever its #ids, its GlobalId and its place."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Collection
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..attributes import attribute_of
from ..record_hashes import record_hashes
from ..step_table import StepTable
from .judging import Judged, Opening

OPENING_GRID_M = 1e-6
OF_FILE, OF_MODEL = "file-v1:", "open-v1:"
"""How keys of a file's own text begin, and those of the text that IfcOpenShell writes where the file's is no plain
one. Keys of two kinds cannot be compared: see bim/revisions/snapshot.py. The number rises when keys change."""


class ShapeKeys:
    """Makes the keys of one model's bodies from the table of its file; `kind` says whose text that is."""

    def __init__(self, table: StepTable, kind: str, unit_m: float, angle_unit: str) -> None:
        self.table, self.kind = table, kind
        self._prefix = f"{unit_m!r}|{angle_unit}|".encode()

    @cached_property
    def _hashes(self) -> NDArray[np.uint64]:
        return np.append(record_hashes(self.table), np.zeros((1, 2), dtype=np.uint64), axis=0)  # of row -1: zeros

    def keys_of(self, bodies: Collection[Judged]) -> dict[int, str]:
        """Return the keys by #id (32 characters): representation, openings and unit; not the style.

        Openings count with their place in the body's own frame, to a micrometre. Empty where the body or an opening is
        placed by something else than local placements.
        """
        digest_of = self._digests(bodies)
        return {body.step_id: self._key_of(body, digest_of) for body in bodies}

    def _key_of(self, body: Judged, digest_of: dict[tuple[int, ...], bytes]) -> str:
        if body.frame is None or any(opening.frame is None for opening in body.openings):
            return ""
        parts = [self._prefix, digest_of[body.shapes]]
        if body.openings:
            inverse: NDArray[np.float64] = np.linalg.inv(body.frame).astype(np.float64)
            parts += sorted(_place(inverse, opening) + digest_of[opening.shapes] for opening in body.openings)
        content = b"".join(parts)
        return self.kind + b2a_base64(blake2b(content, digest_size=18).digest(), newline=False).decode()

    def _digests(self, bodies: Collection[Judged]) -> dict[tuple[int, ...], bytes]:
        """Return the digests, end to end, of each group of representations that make up a body or an opening."""
        groups = list({body.shapes: None for body in bodies})
        groups += list({opening.shapes: None for body in bodies for opening in body.openings})
        rows = self.table.row_of(np.array([step_id for group in groups for step_id in group], dtype=np.int64))
        digests = self._hashes[rows].astype("<u8").tobytes()
        found, start = {}, 0
        for group in groups:
            end = start + 16 * len(group)
            found[group] = digests[start:end] + b"|"
            start = end
        return found


def _place(inverse: NDArray[np.float64], opening: Opening) -> bytes:
    assert opening.frame is not None
    return np.round((inverse @ opening.frame)[:3] / OPENING_GRID_M).astype("<i8").tobytes()


def angle_unit(model: Any) -> str:
    """Return what the project's plane angles are measured in, as it counts in a key."""
    for project in model.by_type("IfcProject"):
        for unit in (project.UnitsInContext.Units if project.UnitsInContext else None) or ():
            if attribute_of(unit, "UnitType") == "PLANEANGLEUNIT":
                factor = attribute_of(unit, "ConversionFactor")
                value = getattr(factor, "ValueComponent", None)
                return repr(getattr(value, "wrappedValue", value)) if value is not None else "radian"
    return "radian"
