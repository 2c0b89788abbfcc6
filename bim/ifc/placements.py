"""One candidate of a model's place on Earth, as plain data that travels from the child to its parent."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from . import place_sentences

IDENTITY = (1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0)


@dataclass(frozen=True)
class Candidate:
    """What one carrier of the file says (LoGeoRef level, Clemen and Goerne 2019), or a person who placed it (level 60).

    `projected`: `matrix` (row by row) takes project metres to map metres (E, N, H) of `crs`.
    `geographic`: `matrix` takes project metres to east, north, up metres around `lon_deg`, `lat_deg` at H 0.
    `problem` is the sentence that makes the carrier useless, empty where it is well formed.
    """

    level: int
    source: str
    kind: str
    crs: str = ""
    matrix: tuple[float, ...] = IDENTITY
    lon_deg: float = 0.0
    lat_deg: float = 0.0
    rotation_deg: float = 0.0
    problem: str = ""
    warnings: tuple[str, ...] = field(default_factory=tuple)

    def as_json(self) -> dict[str, Any]:
        data = asdict(self)
        data["problem"] = place_sentences.to_json(self.problem)
        data["warnings"] = [place_sentences.to_json(warning) for warning in self.warnings]
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Candidate:
        problem = place_sentences.from_json(data["problem"])
        warnings = tuple(place_sentences.from_json(warning) for warning in data["warnings"])
        return cls(**{**data, "matrix": tuple(data["matrix"]), "problem": problem, "warnings": warnings})

    @property
    def affine(self) -> np.ndarray:
        return np.array(self.matrix, dtype=float).reshape(4, 4)


def flat(matrix: np.ndarray) -> tuple[float, ...]:
    """Return a (4, 4) matrix as 16 numbers, row by row."""
    return tuple(float(value) for value in matrix.ravel())
