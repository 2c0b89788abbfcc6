"""What the pipeline needs to know of the site, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from shapely.geometry import Point, Polygon

from bim.ifc.placements import Candidate
from bim.tiles.frame import EnuFrame

Ring = tuple[tuple[float, float], ...]


HAND_LEVEL = 60
HAND_SOURCE = "Placed by hand"


@dataclass(frozen=True)
class HandPlaced:
    """Where a person has put the model: E, N, H of `crs` by `matrix`, on a day (ISO date), by a name."""

    candidate: Candidate
    number: int
    on: str
    by: str
    pairs: int
    rms_m: float

    def as_json(self) -> dict[str, Any]:
        return {**self.__dict__, "candidate": self.candidate.as_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> HandPlaced:
        return cls(**{**data, "candidate": Candidate.from_json(data["candidate"])})


@dataclass(frozen=True)
class SiteContext:
    """The site's own CRS and place (CGCS2000 degrees, Yellow Sea metres); None where it is not known yet.

    `hand` is where a person has put the model that is imported.
    """

    projected_srid: int | None = None
    origin: tuple[float, float] | None = None
    ground_height_m: float | None = None
    boundary: Ring | None = None
    hand: HandPlaced | None = None

    def as_json(self) -> dict[str, Any]:
        return {**self.__dict__, "hand": self.hand.as_json() if self.hand else None}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SiteContext:
        boundary = data.get("boundary")
        origin = data.get("origin")
        return cls(
            data.get("projected_srid"),
            (origin[0], origin[1]) if origin else None,
            data.get("ground_height_m"),
            tuple((x, y) for x, y in boundary) if boundary else None,
            HandPlaced.from_json(data["hand"]) if data.get("hand") else None,
        )

    def distance_m(self, lon: float, lat: float) -> float | None:
        """Return metres from the boundary (0 inside), else from the site's origin; None where neither is known."""
        if self.boundary is None and self.origin is None:
            return None
        frame = EnuFrame(lon, lat, 0.0)
        ring = self.boundary or ((self.origin,) if self.origin else ())
        points = frame.from_geodetic(np.array([[x, y, 0.0] for x, y in ring]))[:, :2]
        if self.boundary is None:
            return float(np.hypot(*points[0]))
        return float(Polygon(points).distance(Point(0, 0)))
