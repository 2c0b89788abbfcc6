"""Which heights a heat map looks at: the whole site, or one storey from its floor to the next."""

from __future__ import annotations

from dataclasses import dataclass

from spatial.places.models import Storey

USUAL_STOREY_M = 3.0


@dataclass(frozen=True)
class Heights:
    """From `bottom_m` up to, not including, `top_m` (Yellow Sea 1985); None is open."""

    bottom_m: float | None = None
    top_m: float | None = None

    def holds(self, height_m: float | None) -> bool:
        """Return whether a height lies in them; what has no height lies only in the whole."""
        if self.bottom_m is None and self.top_m is None:
            return True
        return height_m is not None and (self.bottom_m or 0.0) <= height_m < (self.top_m or float("inf"))

    def meets(self, bottom_m: float | None, top_m: float | None) -> bool:
        """Return whether a range of heights meets them; a missing end is open."""
        below = self.top_m is None or bottom_m is None or bottom_m < self.top_m
        return below and (self.bottom_m is None or top_m is None or top_m > self.bottom_m)


def heights_of(storey: Storey | None) -> Heights:
    """Return the heights of a storey; without one, all."""
    if storey is None:
        return Heights()
    top = storey.top_m if storey.top_m is not None else storey.elevation_m + USUAL_STOREY_M
    return Heights(storey.elevation_m, top)
