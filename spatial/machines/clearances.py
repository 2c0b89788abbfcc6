"""How far a crane is from what does not move: structures, power lines, and places that no load may cross. Pure.

A crane's parts are horizontal or vertical, so the distance to an upright prism is exact: plan distance and vertical gap
of the same pair are independent, and add as the sides of a right angle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.machines.cranes import PARTS, Crane, Pose, parts
from spatial.machines.limits import Limits
from spatial.machines.shapes import segment_distances

MOVING_PARTS = len(PARTS) - 1


@dataclass(frozen=True)
class Structure:
    """A building or facility: outline in plan, bottom and top height."""

    obstacle_id: UUID
    name: str
    outline: BaseGeometry
    bottom_m: float
    top_m: float


@dataclass(frozen=True)
class PowerLine:
    """An overhead line: its wires as a line with heights, and its voltage."""

    obstacle_id: UUID
    name: str
    wire: tuple[tuple[float, float, float], ...]
    voltage_kv: float


@dataclass(frozen=True)
class SwingBan:
    """A place over which no load may swing: a school, a road, a neighbour."""

    ban_id: UUID
    name: str
    outline: BaseGeometry


def _ends(crane: Crane, pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    one = np.ones(1)
    starts, ends = parts(crane, one * pose.slew_rad, one * pose.trolley_m, one * pose.hook_m)
    return starts[:MOVING_PARTS, 0], ends[:MOVING_PARTS, 0]


def structure_distance_m(crane: Crane, pose: Pose, structure: Structure, limits: Limits) -> float:
    """Return the distance of a crane's nearest moving part, or of its load, to a structure."""
    least = math.inf
    starts, ends = _ends(crane, pose)
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        low, high = sorted((float(start[2]), float(end[2])))
        if PARTS[number] == "rope" and pose.load_t > limits.loaded_above_t:
            low -= 2.0 * limits.load_half_m
        flat = float(shapely.distance(shapely.LineString([start[:2], end[:2]]), structure.outline))
        gap = max(0.0, low - structure.top_m, structure.bottom_m - high)
        least = min(least, math.hypot(flat, gap))
    return least


def power_line_shortfall_m(crane: Crane, pose: Pose, line: PowerLine, limits: Limits) -> tuple[float, float]:
    """Return how far a crane is outside the safe distance of a power line (0: nearer than allowed), and that distance.

    The safe distance differs above and beside: heights are scaled so that both are one length, which makes the safe
    space a tube around the wire, exact straight above, below and beside it.
    """
    vertical_m, side_m = limits.power_line_m(line.voltage_kv)
    scale = np.array([1.0, 1.0, side_m / vertical_m])
    starts, ends = _ends(crane, pose)
    wire = np.asarray(line.wire, float) * scale
    apart = segment_distances((starts * scale)[:, None], (ends * scale)[:, None], wire[None, :-1], wire[None, 1:])
    return max(0.0, float(apart.min()) - side_m), side_m


def ban_distance_m(crane: Crane, pose: Pose, ban: SwingBan, limits: Limits) -> float:
    """Return how far jib and hook with a load are from a forbidden place in plan; infinitely far with an empty hook."""
    if pose.load_t <= limits.loaded_above_t:
        return math.inf
    starts, ends = _ends(crane, pose)
    return float(shapely.distance(shapely.LineString([starts[0][:2], ends[0][:2]]), ban.outline))
