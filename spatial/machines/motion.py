"""What news of machines means for their states: poses of cranes, places of vehicles, with speeds. Pure.

A machine's state is a function of the set of its news: they are taken in event order, and news older than the newest
changes nothing here; `late_news` takes them from before it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from spatial.machines.cranes import Crane, Pose, with_speeds
from spatial.machines.crowd import PlaceNews
from spatial.machines.geometry import MachineState, Vehicle, Whereabouts
from spatial.machines.scene import SiteMachines
from spatial.machines.shapes import heading_of

POSE_QUANTITIES = ("slew_angle", "trolley_position", "hook_height")
LOAD = "hoist_load"
SPEED_OVER_S = 10.0
MOVES_ABOVE_M_S = 0.2


@dataclass(frozen=True, slots=True)
class MachineNews:
    """Readings of a machine at one moment, by quantity in the unit of the table of quantities."""

    machine_id: UUID
    at: datetime
    values: Mapping[str, float]


def take_greater(held: dict[str, float], values: Mapping[str, float]) -> None:
    """Add values of one moment; of two of the same quantity the greater counts, whichever came first."""
    for quantity, value in values.items():
        held[quantity] = max(value, held.get(quantity, value))


@dataclass
class Motion:
    """The states of the machines of one site; `heard` are those that said something, `touched` those that have a new
    state by it."""

    scene: SiteMachines
    states: dict[UUID, MachineState]
    values: dict[UUID, dict[str, float]]
    touched: set[UUID] = field(default_factory=set, kw_only=True)
    heard: dict[UUID, datetime] = field(default_factory=dict, kw_only=True)

    def take_readings(self, item: MachineNews) -> bool:
        """Take all readings of a crane of one moment; those that complete a pose make a new state."""
        crane = self.scene.cranes.get(item.machine_id)
        state = self.states.get(item.machine_id)
        if crane is None or state is None or (state.at is not None and item.at <= state.at):
            return False
        held = self.values.setdefault(item.machine_id, {})
        held.update(item.values)
        self.heard[item.machine_id] = item.at
        if not all(name in held for name in POSE_QUANTITIES):
            return False
        pose = self._pose(crane, held)
        if state.at is None or state.pose is None:
            self.states[item.machine_id] = MachineState(crane, item.at, pose)
        else:
            before = (0.0, state.pose)
            gone = (item.at - state.at).total_seconds()
            self.states[item.machine_id] = MachineState(
                crane, item.at, with_speeds(before, gone, pose, longest_s=SPEED_OVER_S)
            )
        return True

    def _pose(self, crane: Crane, held: Mapping[str, float]) -> Pose:
        zero_deg, clockwise = self.scene.zeros.get(crane.machine_id, (0.0, False))
        slew = -held["slew_angle"] if clockwise else held["slew_angle"]
        return Pose(
            slew_rad=math.radians((slew + zero_deg) % 360.0),
            trolley_m=min(max(held["trolley_position"], 0.0), crane.jib_m),
            hook_m=held["hook_height"],
            load_t=held.get(LOAD, 0.0),
        )

    def take_place(self, machine_id: UUID, item: PlaceNews) -> bool:
        """Take a fix of a vehicle: its speed and direction follow from the fix before."""
        vehicle, state = self.scene.vehicles.get(machine_id), self.states.get(machine_id)
        if vehicle is None or state is None or (state.at is not None and item.at <= state.at):
            return False
        place = Whereabouts(item.x, item.y, item.height_m)
        if state.place is not None and state.at is not None:
            place = self._driven(vehicle, state.place, place, (item.at - state.at).total_seconds())
        self.states[machine_id] = MachineState(vehicle, item.at, place=place)
        return True

    def _driven(self, vehicle: Vehicle, old: Whereabouts, new: Whereabouts, gone_s: float) -> Whereabouts:
        heading = heading_of((old.x, old.y), (new.x, new.y), least_m=self.scene.limits.least_way_m)
        if gone_s > SPEED_OVER_S:
            return new
        speed = math.hypot(new.x - old.x, new.y - old.y) / gone_s if heading is not None else 0.0
        works = None if vehicle.work_radius_m > 0 else speed >= MOVES_ABOVE_M_S
        return replace(new, heading_rad=old.heading_rad if heading is None else heading, speed_m_s=speed, works=works)
