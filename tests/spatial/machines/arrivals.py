"""News of machines and people as it arrives, in any order: what the pipeline does with it, in memory, and its control.

`Keeper` does what `following` does in the database; `final_events` is what the set of all news means.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from spatial.machines.crowd import Crowd, PlaceNews
from spatial.machines.geometry import MachineState
from spatial.machines.judging import Judging
from spatial.machines.late_news import Items, Known, rerun
from spatial.machines.motion import MachineNews
from spatial.machines.rules import Key, Scope, Turn, WatchState

from .test_judging import DIGGER, T0, T1, T2, TAG, WORKER, driven, scene

WORLD = scene()
WORLD.devices[UUID(int=104)] = DIGGER
RUNS = {T1: [driven()], T2: [driven()]}
OTHER = UUID(int=102)
Item = MachineNews | PlaceNews
Event = tuple[Key, str, str, datetime]


def items_of(found: Sequence[Item]) -> Items:
    return Items([one for one in found if isinstance(one, MachineNews)],
                 [one for one in found if isinstance(one, PlaceNews)])  # fmt: skip


def blank() -> dict[UUID, MachineState]:
    return {key: MachineState(machine, None) for key, machine in {**WORLD.cranes, **WORLD.vehicles}.items()}


def named(turns: Sequence[Turn]) -> set[Event]:
    return {(turn.key, turn.change.kind, turn.change.level, turn.change.at) for turn in turns}


@dataclass
class Keeper:
    """What is known of one site; `again` False is the negative control."""

    again: bool = True
    states: dict[UUID, MachineState] = field(default_factory=blank)
    values: dict[UUID, dict[str, float]] = field(default_factory=dict)
    crowd: Crowd = field(default_factory=Crowd)
    watches: dict[Key, WatchState] = field(default_factory=dict)
    kept: list[Item] = field(default_factory=list)
    points: list[Known] = field(default_factory=list)
    memories: list[tuple[Key, datetime, WatchState]] = field(default_factory=list)
    events: set[Event] = field(default_factory=set)
    cut_short: int = 0

    def known_before(self, at: datetime) -> Known:
        before = [point for point in self.points if point.at is not None and point.at < at]
        last = max(before, key=lambda point: point.at or T0) if before else Known(None, blank(), {})
        return Known(last.at, dict(last.states), {key: dict(values) for key, values in last.values.items()})

    def items_between(self, first: datetime, last: datetime) -> Items:
        return items_of(self.kept).where(first, last)

    def memories_before(self, at: datetime, scope: Scope) -> dict[Key, WatchState]:
        found: dict[Key, WatchState] = {}
        for key, when, state in sorted(self.memories, key=lambda row: row[1]):
            if when < at and scope.holds(key):
                found[key] = state
        return found

    def take(self, message: Sequence[Item]) -> None:
        newest = max((item.at for item in self.kept), default=None)
        late = [item for item in message if newest is not None and item.at <= newest]
        fresh = items_of([item for item in message if item not in late])
        if late and newest and self.again:
            self._judge_again(items_of(late), newest)
        for item in late:
            if isinstance(item, PlaceNews) and item.device_id not in WORLD.devices:
                self.crowd.take(item)
        judging = Judging(WORLD, self.states, self.values, self.crowd, self.watches, runs=RUNS)
        self.events |= named(judging.follow(fresh.news, fresh.places))
        self.memories += judging.memories
        self.kept += message
        at = max(item.at for item in self.kept)
        self.points.append(Known(at, dict(self.states), {key: dict(row) for key, row in self.values.items()}))

    def _judge_again(self, late: Items, newest: datetime) -> None:
        done = rerun(WORLD, self, late, newest, RUNS)
        self.cut_short += done.until < newest

        def replaced(key: Key, at: datetime) -> bool:
            return done.scope.holds(key) and done.since <= at <= done.until

        self.memories = [row for row in self.memories if not replaced(row[0], row[1])] + done.judging.memories
        self.events = {row for row in self.events if not replaced(row[0], row[3])} | named(done.judging.turns)
        if done.until == newest:
            held = {key: state for key, state in self.watches.items() if not done.scope.holds(key)}
            self.watches = held | {key: state for key, state in done.judging.watches.items() if done.scope.holds(key)}
            for machine_id in done.scope.machines:
                self.states[machine_id] = done.judging.states[machine_id]
                self.values[machine_id] = done.judging.values.get(machine_id, {})
            if done.scope.machines:
                self.points = [point for point in self.points if point.at is not None and point.at < done.since]


def final_events(items: Sequence[Item]) -> set[Event]:
    judging = Judging(WORLD, blank(), {}, Crowd(), {}, runs=RUNS)
    given = items_of(items)
    return named(judging.follow(given.news, given.places))


def random_story(rng: random.Random, seconds: int) -> list[Item]:
    """Two cranes, a truck and a digger among two people: swings, pauses, partial readings, jumps, equal times."""
    found: list[Item] = []
    slews, xs, second = {T1: rng.uniform(60, 110), T2: rng.uniform(150, 210)}, {}, 0.0
    for _ in range(seconds):
        second += rng.choice([0.0, 1.0, 1.0, 1.0, 2.0, 25.0 if rng.random() < 0.2 else 1.0])
        at = T0 + timedelta(seconds=second)
        for machine in (T1, T2):
            slews[machine] += rng.choice([-5.0, 0.0, 3.0])
            values = {"slew_angle": slews[machine], "trolley_position": rng.choice([25.0, 30.0]),
                      "hook_height": rng.choice([25.0, 40.0]), "hoist_load": rng.choice([0.0, 2.0, 2.0])}  # fmt: skip
            if rng.random() < 0.5:
                found.append(MachineNews(machine, at, values))
            elif rng.random() < 0.3:
                found += [MachineNews(machine, at, {name: value}) for name, value in values.items()]
        for device, middle in ((WORKER, 0.0), (OTHER, 5.0), (TAG, 20.0), (UUID(int=104), -8.0)):
            xs[device] = xs.get(device, middle) + rng.uniform(-5.0, 5.0)
            if rng.random() < 0.5:
                height = 101.0 if device in WORLD.devices else 101.6
                north, accuracy = 28.0 + rng.uniform(-3, 3), rng.choice([0.3, 3.0])
                found.append(PlaceNews(device, at, xs[device], north, height, accuracy))
    return found


def mixed_messages(rng: random.Random, items: Sequence[Item]) -> list[list[Item]]:
    """Cut a story into messages, say some twice, and mix them: all of them, or only some of them late."""
    messages: list[list[Item]] = []
    first = 0
    while first < len(items):
        size = rng.randint(1, 6)
        messages.append(list(items[first : first + size]))
        first += size
    messages += rng.sample(messages, k=min(len(messages), rng.randint(0, 3)))
    if rng.random() < 0.5:
        rng.shuffle(messages)
    else:
        late = rng.sample(range(len(messages)), k=max(1, len(messages) // 4))
        messages = [one for n, one in enumerate(messages) if n not in late] + [messages[n] for n in late]
    return messages


def outcome(messages: Sequence[Sequence[Item]], *, again: bool = True) -> Keeper:
    keeper = Keeper(again=again)
    for message in messages:
        keeper.take(message)
    return keeper
