"""On which storey a height most probably is, given its error. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

R95_PER_SIGMA_1D = 1.959964  # 95 % of a Gaussian lies within this many sigmas
# A tag reads up to this much below the floor that its wearer stands on (as the fence engine has it).
BELOW_FLOOR_M = 0.5


class HasHeights(Protocol):
    """What is needed of a storey."""

    elevation_m: float
    top_m: float | None


S = TypeVar("S", bound=HasHeights)


@dataclass(frozen=True, slots=True)
class StoreyGuess:
    """The most probable storey (its place in the list), and the probability that it is the right one."""

    number: int
    probability: float


def likely_storey(storeys: Sequence[S], height_m: float, height_r95_m: float | None) -> StoreyGuess | None:
    """This function will return the storey whose height range holds most of the height's Gaussian.

    Without a stated error the height is taken as exact. None when no storey holds any of it.
    """
    sigma_m = (height_r95_m or 0.0) / R95_PER_SIGMA_1D
    shares = [_share(storey, height_m, sigma_m) for storey in storeys]
    best = max(range(len(shares)), key=shares.__getitem__, default=None)
    if best is None or shares[best] <= 0.0:
        return None
    return StoreyGuess(best, shares[best])


def _share(storey: HasHeights, height_m: float, sigma_m: float) -> float:
    bottom = storey.elevation_m - BELOW_FLOOR_M
    top = math.inf if storey.top_m is None else storey.top_m - BELOW_FLOOR_M
    if sigma_m <= 0.0:
        return 1.0 if bottom <= height_m < top else 0.0
    return _below(top, height_m, sigma_m) - _below(bottom, height_m, sigma_m)


def _below(limit_m: float, mean_m: float, sigma_m: float) -> float:
    if math.isinf(limit_m):
        return 1.0
    return 0.5 * (1.0 + math.erf((limit_m - mean_m) / (sigma_m * math.sqrt(2.0))))
