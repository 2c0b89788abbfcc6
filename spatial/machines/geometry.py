"""Moving danger zones: what a crane's load, a vehicle or an excavator makes dangerous at a moment. Pure.

`moving_zones` turns machines and their states into discs, sectors and capsules with height ranges. A machine whose
state is too old has no known place for its moving parts: its zone is its whole reach, marked unknown, never a zone
that stands still.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import numpy as np
from numpy.typing import ArrayLike

from spatial.machines.cranes import Crane, Pose, slew_overrun_rad
from spatial.machines.limits import Limits
from spatial.machines.shapes import TURN, Array, Capsule, Disc, PlanShape, Sector

ZoneKind = Literal["swing", "load", "load_path", "vehicle", "work"]


@dataclass(frozen=True)
class Vehicle:
    """A vehicle or excavator: its body, how far its tool reaches, and how it brakes."""

    machine_id: UUID
    code: str
    length_m: float
    width_m: float
    work_radius_m: float = 0.0
    height_m: float = 4.0
    braking_m_s2: float | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a vehicle is: plan, height, direction, speed, and whether it works. None is not known, NaN for a height."""

    x: float
    y: float
    height_m: float
    heading_rad: float | None = None
    speed_m_s: float = 0.0
    works: bool | None = None


@dataclass(frozen=True)
class MachineState:
    """A machine with the newest thing known of it, and when that was."""

    machine: Crane | Vehicle
    at: datetime | None
    pose: Pose | None = None
    place: Whereabouts | None = None

    def known(self, at: datetime, limits: Limits) -> bool:
        """Whether the state says something about a moment: it is no older than the limit."""
        if self.at is None or (self.pose is None and self.place is None):
            return False
        return -1.0 <= (at - self.at).total_seconds() <= limits.state_s


@dataclass(frozen=True)
class MovingZone:
    """A dangerous place that moves with its machine, from `bottom_m` to `top_m` (None: open).

    `known` is false where the machine is silent and the shape is all that it could reach.
    """

    machine_id: UUID
    kind: ZoneKind
    shape: PlanShape
    bottom_m: float | None
    top_m: float | None
    known: bool = True


def fall_radius_m(fall_m: ArrayLike, limits: Limits) -> Array:
    """Return the radius in which something that falls from a height may hit (GB/T 3608-2008), 0 below 2 m."""
    fall = np.asarray(fall_m, float)
    radius = np.zeros_like(fall)
    for low, _high, row_m in limits.fall_rows:
        radius = np.where(fall >= low, row_m, radius)
    return radius


def load_bottom_m(crane: Crane, pose: Pose, limits: Limits) -> float:
    """Return the height of the lowest point of a load: a hook's load hangs below it."""
    return crane.base_m + pose.hook_m - 2.0 * limits.load_half_m


def under_load(
    crane: Crane, pose: Pose, x: ArrayLike, y: ArrayLike, height_m: ArrayLike, limits: Limits
) -> tuple[Array, Array]:
    """Return for people how far each is outside the falling shadow of the load, and the shadow's radius for each.

    The fall height, and with it the radius, is the person's own: from the load's bottom down to the feet; whose height
    is not known (NaN) may stand as low as the crane does. Whoever is less than 2 m below the load, or above it, is in
    no shadow (infinitely far); so is everybody under an empty hook.
    """
    hook_x, hook_y, _ = pose.point(crane)
    feet = np.asarray(height_m, float)
    fall = load_bottom_m(crane, pose, limits) - np.where(np.isnan(feet), crane.base_m, feet)
    radius = fall_radius_m(fall, limits)
    away = np.hypot(np.asarray(x, float) - hook_x, np.asarray(y, float) - hook_y)
    outside = np.maximum(0.0, away - limits.load_half_m - radius)
    threatened = (radius > 0) & (pose.load_t > limits.loaded_above_t)
    return np.where(threatened, outside, np.inf), radius


def braking_m(speed_m_s: float, limits: Limits, braking_m_s2: float | None = None) -> float:
    """Return the way a vehicle needs to stand: reaction time, then v²/(2a)."""
    speed = abs(speed_m_s)
    return speed * limits.reaction_s + speed**2 / (2.0 * (braking_m_s2 or limits.braking_m_s2))


def vehicle_body(vehicle: Vehicle, place: Whereabouts, limits: Limits) -> PlanShape:
    """Return the ground a vehicle needs: a capsule over its length and its braking way; a disc without a direction."""
    half_width = vehicle.width_m / 2.0
    ahead = braking_m(place.speed_m_s, limits, vehicle.braking_m_s2)
    if place.heading_rad is None:
        return Disc(place.x, place.y, vehicle.length_m / 2.0 + half_width + ahead)
    c, s = math.cos(place.heading_rad), math.sin(place.heading_rad)
    back = max(0.0, vehicle.length_m / 2.0 - half_width)
    front = back + ahead
    return Capsule(place.x - back * c, place.y - back * s, place.x + front * c, place.y + front * s, half_width)


def vehicle_zone(vehicle: Vehicle, place: Whereabouts, limits: Limits) -> PlanShape | None:
    """Return where nobody may be beside a vehicle that works or moves: its ground, or its work radius, plus 1 m.

    None only when it is known to do neither; a machine that does not say whether it works counts as working.
    """
    if place.works is False and place.speed_m_s < 0.2:
        return None
    if vehicle.work_radius_m > 0:
        reach = vehicle.work_radius_m + limits.margin_m + braking_m(place.speed_m_s, limits, vehicle.braking_m_s2)
        return Disc(place.x, place.y, reach)
    body = vehicle_body(vehicle, place, limits)
    if isinstance(body, Capsule):
        return Capsule(body.x0, body.y0, body.x1, body.y1, body.radius_m + limits.margin_m)
    return Disc(place.x, place.y, body.radius_m + limits.margin_m) if isinstance(body, Disc) else None


def load_path(crane: Crane, pose: Pose, ground_m: float, limits: Limits) -> Sector:
    """Return the ring part that the load's shadow sweeps in the next seconds and until it stands, at ground level."""
    fall = load_bottom_m(crane, pose, limits) - ground_m
    half = limits.load_half_m + float(fall_radius_m(fall, limits))
    sweep = pose.slew_rad_s * limits.shadow_ahead_s + slew_overrun_rad(pose.slew_rad_s, crane.slew_brake_rad_s2)
    start = pose.slew_rad if sweep >= 0 else pose.slew_rad + sweep
    inner = max(0.0, pose.trolley_m - half)
    return Sector(crane.x, crane.y, inner, pose.trolley_m + half, start % TURN, min(abs(sweep), TURN))


def moving_zones(
    states: Iterable[MachineState], at: datetime, limits: Limits, *, ground_m: Mapping[UUID, float] | None = None
) -> list[MovingZone]:
    """Return the zones of machines at a moment; `ground_m` is the ground below each crane, its base where not given."""
    found: list[MovingZone] = []
    for state in states:
        known = state.known(at, limits)
        if isinstance(state.machine, Crane):
            found += _crane_zones(state.machine, state.pose if known else None, limits, ground_m or {})
        elif state.place is not None:
            found += _vehicle_zones(state.machine, state.place, limits, known)
    return found


def _crane_zones(crane: Crane, pose: Pose | None, limits: Limits, ground_m: Mapping[UUID, float]) -> list[MovingZone]:
    swing = Disc(crane.x, crane.y, crane.jib_m)
    zones = [MovingZone(crane.machine_id, "swing", swing, None, crane.top_m, known=pose is not None)]
    if pose is None or pose.load_t <= limits.loaded_above_t:
        return zones
    ground = ground_m.get(crane.machine_id, crane.base_m)
    bottom = load_bottom_m(crane, pose, limits)
    x, y, _ = pose.point(crane)
    radius = limits.load_half_m + float(fall_radius_m(bottom - ground, limits))
    zones.append(MovingZone(crane.machine_id, "load", Disc(x, y, radius), ground, bottom))
    if pose.slew_rad_s:
        path = load_path(crane, pose, ground, limits)
        zones.append(MovingZone(crane.machine_id, "load_path", path, ground, bottom))
    return zones


def _vehicle_zones(vehicle: Vehicle, place: Whereabouts, limits: Limits, known: bool) -> list[MovingZone]:
    shape = vehicle_zone(vehicle, place, limits)
    if shape is None:
        return []
    kind: ZoneKind = "work" if vehicle.work_radius_m > 0 else "vehicle"
    if math.isnan(place.height_m):
        return [MovingZone(vehicle.machine_id, kind, shape, None, None, known)]
    top = place.height_m + vehicle.height_m
    return [MovingZone(vehicle.machine_id, kind, shape, place.height_m - 2.0, top, known)]
