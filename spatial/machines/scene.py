"""What moving zones of one site are made of, on its plan: machines, which device tells of which, what they must not
reach. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import combinations
from uuid import UUID

from shapely.geometry.base import BaseGeometry

from spatial.machines.clearances import PowerLine, Structure, SwingBan
from spatial.machines.cranes import Crane
from spatial.machines.geometry import Vehicle
from spatial.machines.limits import Limits


@dataclass(frozen=True)
class Pit:
    """A pit on the site's plan, and how near to its edge no vehicle may come."""

    zone_id: UUID
    name: str
    outline: BaseGeometry
    no_vehicle_m: float


@dataclass(frozen=True)
class SiteMachines:
    """Everything that moving zones of one site need, on its plan: machines, which device tells of which, obstacles."""

    projected_srid: int
    limits: Limits
    cranes: dict[UUID, Crane] = field(default_factory=dict)
    vehicles: dict[UUID, Vehicle] = field(default_factory=dict)
    names: dict[UUID, str] = field(default_factory=dict)
    devices: dict[UUID, UUID] = field(default_factory=dict)
    zeros: dict[UUID, tuple[float, bool]] = field(default_factory=dict)
    charts: dict[UUID, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    bans: tuple[tuple[UUID | None, SwingBan], ...] = ()
    structures: tuple[Structure, ...] = ()
    lines: tuple[PowerLine, ...] = ()
    pits: tuple[Pit, ...] = ()

    def name_of(self, other: str) -> str:
        """Return the name of a machine or of something that machines must not reach; empty when it is gone."""
        names = {str(machine_id): name for machine_id, name in self.names.items()}
        names |= {str(ban.ban_id): ban.name for _, ban in self.bans}
        names |= {str(structure.obstacle_id): structure.name for structure in self.structures}
        names |= {str(line.obstacle_id): line.name for line in self.lines}
        names |= {str(pit.zone_id): pit.name for pit in self.pits}
        return names.get(other, "")

    def moves(self, machine_id: UUID | None) -> bool:
        """Whether a machine is one that makes a moving zone: not a hoist, nor a crane that stands nowhere yet."""
        return machine_id in self.cranes or machine_id in self.vehicles

    def devices_of(self, machine_id: UUID) -> list[UUID]:
        """Return the devices that tell of a machine."""
        return [device_id for device_id, owner in self.devices.items() if owner == machine_id]

    @property
    def pairs(self) -> list[tuple[Crane, Crane]]:
        """Pairs of cranes that could come within 5 m of each other, by code."""
        ordered = sorted(self.cranes.values(), key=lambda crane: crane.code)
        reach = max((limit for _, measure, limit in self.limits.rules["TC-04"].steps if measure == "distance_m"))
        return [
            (one, two)
            for one, two in combinations(ordered, 2)
            if math.hypot(one.x - two.x, one.y - two.y) <= _reach(one) + _reach(two) + reach + 1.0
        ]


def _reach(crane: Crane) -> float:
    return max(crane.jib_m, crane.counter_jib_m)
