"""The key of a shape: a hash of what it is made from, whatever its #ids, its GlobalId and its place."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any

import numpy as np

from ..attributes import attribute_of
from ..bodies import Bodies
from .element_frames import ElementFrames
from .openings import openings_of

_REFERENCE = re.compile(r"#(\d+)")
_TEXT = re.compile(r"'(?:[^']|'')*'")
_DEPTH = 200
OPENING_GRID_M = 1e-6


class ShapeKeys:
    """Hashes the representations of one model, each record once."""

    def __init__(self, model: Any, unit_m: float, frames: ElementFrames, bodies: Bodies | None = None) -> None:
        self.model = model
        self.bodies = bodies or Bodies()
        self.frames = frames
        self._records: dict[int, str] = {}
        self._prefix = f"{unit_m!r}|{_angle_unit(model)}|"

    def key_of(self, product: Any) -> str:
        """Return the key of the product's shape (32 hex digits): representation, openings and unit; not its style.

        Openings count with their place in the product's own frame, to a micrometre. Empty where the product or an
        opening is placed by something else than local placements.
        """
        frame = self.frames.of(product)
        if frame is None:
            return ""
        parts = [self._prefix, *(self._key_of_shape(shape) for shape in self.bodies.shapes(product))]
        openings = openings_of(product)
        inverse = np.linalg.inv(frame) if openings else frame
        cuts = []
        for opening in openings:
            place = self.frames.of(opening)
            if place is None:
                return ""
            relative = np.round((inverse @ place)[:3] / OPENING_GRID_M).astype(np.int64)
            cuts.append("|".join([str(relative.tolist()), *map(self._key_of_shape, self.bodies.shapes(opening))]))
        return _hash("\n".join(parts + sorted(cuts)))

    def _key_of_shape(self, shape: Any) -> str:
        """Return the key of a representation without its context (which names the project's own place)."""
        return _hash("|".join(self._key_of_record(item, 0) for item in shape.Items or ()))

    def _key_of_record(self, entity: Any, depth: int) -> str:
        number = entity.id()
        if number not in self._records:
            if depth > _DEPTH:
                return "deep"
            self._records[number] = "loop"
            if entity.is_a("IfcRepresentation"):
                key = self._key_of_shape(entity)
            else:
                text = entity.to_string(False).partition("=")[2] if number else str(entity)
                key = _hash(self._resolve(text, depth))
            self._records[number] = key
        return self._records[number]

    def _resolve(self, text: str, depth: int) -> str:
        """Return a record's text with the keys of the records it names in the place of their #ids."""

        def key(found: re.Match[str]) -> str:
            return self._key_of_record(self.model.by_id(int(found[1])), depth + 1)

        if "'" in text:  # names of profiles and the like: words are no shape
            text = _TEXT.sub("''", text)
        return _REFERENCE.sub(key, text) if "#" in text else text


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def _angle_unit(model: Any) -> str:
    for project in model.by_type("IfcProject"):
        for unit in (project.UnitsInContext.Units if project.UnitsInContext else None) or ():
            if attribute_of(unit, "UnitType") == "PLANEANGLEUNIT":
                factor = attribute_of(unit, "ConversionFactor")
                value = getattr(factor, "ValueComponent", None)
                return repr(getattr(value, "wrappedValue", value)) if value is not None else "radian"
    return "radian"
