"""What news of machines and people mean: findings of every rule at every moment of a batch. Event time only, no clock.

A batch of news is taken in event order, whatever order it came in. What comes later than newer news was judged is
judged in its place by `late_news`. At each moment only what the news touches is looked at: a machine against all people
and its pairs, a person against all machines. Who or what is silent is unknown: it makes no finding.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

import numpy as np
import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from spatial.machines.clearances import ban_distance_m, power_line_shortfall_m, structure_distance_m
from spatial.machines.cranes import Crane, Pose, nearness
from spatial.machines.crowd import Crowd, PlaceNews
from spatial.machines.geometry import (
    MachineState,
    Vehicle,
    Whereabouts,
    load_bottom_m,
    under_load,
    vehicle_body,
    vehicle_zone,
)
from spatial.machines.limits import LEVELS, Limits
from spatial.machines.motion import MachineNews, Motion, take_greater
from spatial.machines.pit_edges import edge_distance_m
from spatial.machines.rules import PERSON_RULES, Key, Run, Scope, Turn, WatchState, advance, judge
from spatial.machines.shapes import Capsule, PlanShape


@dataclass
class Judging(Motion):
    """The working memory of one site while news is followed.

    `crowd` holds the newest place of each person's device, `runs` who operates each machine; `scope` None judges
    everything. `memories` are the changes of `watches`, in event order.
    """

    crowd: Crowd = field(default_factory=Crowd)
    watches: dict[Key, WatchState] = field(default_factory=dict)
    runs: Mapping[UUID, Sequence[Run]] = field(default_factory=dict)
    scope: Scope | None = None
    memories: list[tuple[Key, datetime, WatchState]] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)

    def follow(self, news: Iterable[MachineNews], places: Iterable[PlaceNews]) -> list[Turn]:
        """Return what changed, in event order, after taking readings and places."""
        happened: list[MachineNews | PlaceNews] = sorted([*news, *places], key=_order)
        for at, group in groupby(happened, key=lambda item: item.at):
            readings: dict[UUID, dict[str, float]] = {}
            machines: set[UUID] = set()
            people: list[PlaceNews] = []
            for item in group:
                if isinstance(item, MachineNews):
                    take_greater(readings.setdefault(item.machine_id, {}), item.values)
                elif item.device_id in self.scene.devices:
                    if self.take_place(self.scene.devices[item.device_id], item):
                        machines.add(self.scene.devices[item.device_id])
                elif self.crowd.take(item):
                    people.append(item)
            machines |= {key for key, values in readings.items() if self.take_readings(MachineNews(key, at, values))}
            self.touched |= machines
            if self.scope == Scope():
                continue
            self._look_at_people(at, machines, people)
            self._look_at_machines(at, machines)
        return self.turns

    def _asked(self, machine_id: UUID) -> bool:
        return self.scope is None or machine_id in self.scope.machines

    def _look_at_machines(self, at: datetime, machines: set[UUID]) -> None:
        """Judge machines of which there is news against everybody, and against each other, in the order of ids."""
        limits = self.scene.limits
        if machines:
            rows, x, y, height = self.crowd.fresh(at.timestamp(), limits.fix_s)
            devices = [self.crowd.devices[row] for row in rows]
        for machine_id in sorted(machines):
            state = self.states[machine_id]
            self._judge_people(at, state, devices, x, y, height)
            if not self._asked(machine_id):
                continue
            if state.pose is not None and isinstance(state.machine, Crane):
                self._judge_crane(at, state.machine, state.pose)
            elif state.place is not None and isinstance(state.machine, Vehicle):
                self._judge_edge(at, state.machine, state.place)
        if machines:
            self._judge_pairs(at, machines)

    def _look_at_people(self, at: datetime, machines: set[UUID], people: list[PlaceNews]) -> None:
        """Judge people of whom there is news against the machines without news, those far from each in passing."""
        if not people:
            return
        watched = {UUID(key[2]) for key in self.watches if key[1] in PERSON_RULES}
        for machine_id in sorted(set(self.states) - machines):
            state = self.states[machine_id]
            if not state.known(at, self.scene.limits):
                continue
            x0, y0, reach = _danger(state, self.scene.limits)
            close = [
                person
                for person in people
                if (person.x - x0) ** 2 + (person.y - y0) ** 2 <= reach or person.device_id in watched
            ]
            if close:
                columns = np.array([(person.x, person.y, person.height_m) for person in close]).T
                self._judge_people(at, state, [person.device_id for person in close], *columns)

    def _judge_people(
        self, at: datetime, state: MachineState, devices: list[UUID], x: np.ndarray, y: np.ndarray, height: np.ndarray
    ) -> None:
        """Judge people against what one machine makes dangerous; those far away make a finding only to end one."""
        machine, limits = state.machine, self.scene.limits
        each: dict[str, np.ndarray] = {}
        unsure = np.isnan(height)
        if isinstance(machine, Crane):
            pose = state.pose
            if pose is None:
                return
            rule, (outside, radius) = "P-15", under_load(machine, pose, x, y, height, limits)
            each["fall_radius_m"] = radius
            bottom = load_bottom_m(machine, pose, limits)
            numbers = {"load_t": round(pose.load_t, 2), "load_bottom_m": round(bottom, 2)}
            outside = self._without_sheltered(outside, bottom, x, y, height)
        else:
            place = state.place
            if place is None:
                return
            rule, outside = "P-16", self._beside(machine, place, x, y, height)
            unsure = unsure | math.isnan(place.height_m)
            numbers = {"speed_m_s": round(place.speed_m_s, 2), "work_radius_m": machine.work_radius_m}
        cab = {one for run in self.runs.get(machine.machine_id, ()) if run.holds(at) for one in run.devices}
        near = set(np.flatnonzero(outside <= 0.0).tolist())
        watched = self._watched(machine.machine_id, rule)
        for number in sorted(near | {n for n, device in enumerate(devices) if device in watched} if watched else near):
            device_id = devices[number]
            if device_id in cab:
                continue
            own = {name: round(float(values[number]), 2) for name, values in each.items()}
            key = (machine.machine_id, rule, str(device_id))
            inside = {"inside": 1.0 if number in near else 0.0}
            self._judge(key, at, inside, {**numbers, **own}, possible=bool(unsure[number]))

    def _without_sheltered(
        self, outside: np.ndarray, bottom_m: float, x: np.ndarray, y: np.ndarray, height: np.ndarray
    ) -> np.ndarray:
        """Leave out who is inside a structure and below its top by a metre, when the load hangs above that top."""
        near, roof_m = np.flatnonzero(outside <= 0.0), self.scene.limits.roof_m
        for structure in self.scene.structures:
            if not len(near) or bottom_m < structure.top_m:
                continue
            inside = shapely.contains_xy(structure.outline, x[near], y[near])
            under = (height[near] < structure.top_m - roof_m) & (height[near] >= structure.bottom_m - roof_m)
            outside = outside.copy()
            outside[near[inside & under]] = np.inf
            near = np.flatnonzero(outside <= 0.0)
        return outside

    def _watched(self, machine_id: UUID, rule: str) -> set[UUID]:
        return {UUID(key[2]) for key in self.watches if key[0] == machine_id and key[1] == rule}

    def _beside(
        self, vehicle: Vehicle, place: Whereabouts, x: np.ndarray, y: np.ndarray, height: np.ndarray
    ) -> np.ndarray:
        shape = vehicle_zone(vehicle, place, self.scene.limits)
        outside = np.full(len(x), np.inf) if shape is None else shape.distance(x, y)
        level = (height >= place.height_m - self.scene.limits.level_below_m) & (
            height <= place.height_m + vehicle.height_m
        )
        return np.where(level | np.isnan(height) | math.isnan(place.height_m), outside, np.inf)

    def _judge_crane(self, at: datetime, crane: Crane, pose: Pose) -> None:
        machine_id, limits = crane.machine_id, self.scene.limits
        for owner, ban in self.scene.bans:
            if owner is None or owner == machine_id:
                away = ban_distance_m(crane, pose, ban, limits)
                self._judge((machine_id, "TC-06", str(ban.ban_id)), at, {"distance_m": away})
        for structure in self.scene.structures:
            away = structure_distance_m(crane, pose, structure, limits)
            self._judge((machine_id, "TC-07", str(structure.obstacle_id)), at, {"distance_m": away})
        for line in self.scene.lines:
            away, needed = power_line_shortfall_m(crane, pose, line, limits)
            key = (machine_id, "TC-08", str(line.obstacle_id))
            self._judge(key, at, {"distance_m": away}, {"needed_m": needed, "voltage_kv": line.voltage_kv})
        turning = abs(math.degrees(pose.slew_rad_s)) > limits.slow_deg_s
        moves = turning or abs(pose.trolley_m_s) > 0.05 or abs(pose.hook_m_s) > 0.05
        alone = moves and not any(run.verified and run.holds(at) for run in self.runs.get(machine_id, ()))
        self._judge((machine_id, "TC-10", ""), at, {"inside": 1.0 if alone else 0.0})

    def _judge_pairs(self, at: datetime, machines: set[UUID]) -> None:
        limits = self.scene.limits
        for one, two in self.scene.pairs:
            if not {one.machine_id, two.machine_id} & machines:
                continue
            if not (self._asked(one.machine_id) or self._asked(two.machine_id)):
                continue
            a, b = self.states[one.machine_id], self.states[two.machine_id]
            if a.pose is None or b.pose is None or not a.known(at, limits) or not b.known(at, limits):
                continue
            near = nearness(one, a.pose, two, b.pose, limits)
            words = {"parts": " ".join(near.parts)}
            measures = {"distance_m": round(near.distance_m, 2), "contact_s": near.contact_s}
            self._judge((one.machine_id, "TC-04", str(two.machine_id)), at, measures, words)
            gap = None if near.gap_m is None else round(near.gap_m, 2)
            self._judge((one.machine_id, "TC-05", str(two.machine_id)), at, {"distance_m": gap})

    def _judge_edge(self, at: datetime, vehicle: Vehicle, place: Whereabouts) -> None:
        body = _ground(vehicle_body(vehicle, replace(place, speed_m_s=0.0), self.scene.limits))
        for pit in self.scene.pits:
            away = edge_distance_m(pit.outline, body)
            inside = 1.0 if away < pit.no_vehicle_m else 0.0
            numbers = {"edge_m": None if math.isinf(away) else round(away, 2), "needed_m": pit.no_vehicle_m}
            self._judge((vehicle.machine_id, "K-02", str(pit.zone_id)), at, {"inside": inside}, numbers)

    def _judge(
        self,
        key: Key,
        at: datetime,
        measures: Mapping[str, float | None],
        numbers: Mapping[str, float | str | None] | None = None,
        *,
        possible: bool = False,
    ) -> None:
        """Follow one rule; what is only possible, because a height is not known, is one level lower (spec 07, 7.2)."""
        if self.scope is not None and not self.scope.holds(key):
            return
        rule = self.scene.limits.rules[key[1]]
        finding = judge(rule, measures)
        if possible and finding.level is not None:
            finding = replace(finding, level=LEVELS[max(0, LEVELS.index(finding.level) - 1)])
        held = self.watches.get(key)
        if held is None and finding.level is None:
            return
        told = {name: value for name, value in measures.items() if name != "inside" and _finite(value)}
        state, change = advance(held or WatchState(), replace(finding, numbers={**told, **(numbers or {})}), at, rule)
        if state != held:
            self.watches[key] = state
            self.memories.append((key, at, state))
        if change is not None:
            self.turns.append(Turn(key, change, self._where(key)))

    def _where(self, key: Key) -> tuple[float, float, float] | None:
        """Return where the person of a rule is, or else the machine."""
        machine_id, rule, other = key
        if rule in PERSON_RULES:
            place = self.crowd.place_of(UUID(other))
            return (place.x, place.y, place.height_m) if place else None
        state = self.states[machine_id]
        if state.pose is not None and isinstance(state.machine, Crane):
            return state.pose.point(state.machine)
        return (state.place.x, state.place.y, state.place.height_m) if state.place is not None else None


def _danger(state: MachineState, limits: Limits) -> tuple[float, float, float]:
    """Return a circle (x, y, radius squared) that holds all that a machine makes dangerous to people now."""
    if isinstance(state.machine, Crane) and state.pose is not None:
        if state.pose.load_t <= limits.loaded_above_t:
            return state.machine.x, state.machine.y, -1.0
        x, y, _ = state.pose.point(state.machine)
        return x, y, (limits.load_half_m + limits.fall_rows[-1][2]) ** 2
    if isinstance(state.machine, Vehicle) and state.place is not None:
        shape = vehicle_zone(state.machine, state.place, limits)
        if isinstance(shape, Capsule):
            half = math.hypot(shape.x1 - shape.x0, shape.y1 - shape.y0) / 2
            return (shape.x0 + shape.x1) / 2, (shape.y0 + shape.y1) / 2, (half + shape.radius_m) ** 2
        return state.place.x, state.place.y, getattr(shape, "radius_m", -1.0) ** 2 if shape else -1.0
    return 0.0, 0.0, -1.0


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _ground(shape: PlanShape) -> BaseGeometry:
    if isinstance(shape, Capsule):
        return LineString([(shape.x0, shape.y0), (shape.x1, shape.y1)]).buffer(shape.radius_m)
    return Point(shape.x, shape.y).buffer(getattr(shape, "radius_m", 0.0))


def _order(item: MachineNews | PlaceNews) -> tuple[datetime, int, str, str]:
    if isinstance(item, MachineNews):
        return item.at, 0, str(item.machine_id), repr(sorted(item.values.items()))
    return item.at, 1, str(item.device_id), repr((item.accuracy_m, item.x, item.y, item.height_m))
