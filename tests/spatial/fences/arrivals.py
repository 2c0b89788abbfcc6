"""A device's messages as they arrive, in any order: the engine with its re-evaluation, in memory, and its control.

`Keeper` does what the pipeline does in the database: decide in order, and run again from the last checkpoint before
a late fix. `final_events` is what the set of all fixes means.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import shapely

from spatial.fences.replay import Decide, History, Key, correct, key_of, newest_time
from spatial.fences.rules import Decision, DeviceState, FixUse, decide
from spatial.fences.zone_index import FenceZone, PlanFix, ZoneIndex

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PIT, RING, ROOM = UUID(int=1), UUID(int=2), UUID(int=3)
ZONES = [
    FenceZone(PIT, shapely.box(0, 0, 10, 10), 90.0, 96.0, approach_m=3.0, dwell_s=8.0),
    FenceZone(RING, shapely.box(-4, -4, 14, 14) - shapely.box(0, 0, 10, 10), enter_fixes=1),
    FenceZone(ROOM, shapely.box(6, 2, 20, 9), None, 93.0, leave_fixes=3, enter_probability=0.7),
]
INDEX = ZoneIndex(ZONES)
SILENCE = timedelta(seconds=12)
Message = tuple[PlanFix, ...]


def run(state: DeviceState, fixes: Sequence[PlanFix]) -> Decision:
    return decide(state, fixes, INDEX, max_speed_m_s=12.0, silence=SILENCE)


@dataclass
class Keeper:
    """What is known of one device; `again` False is the negative control."""

    again: bool = True
    decide: Decide = run  # type: ignore[assignment]
    state: DeviceState = field(default_factory=DeviceState)
    fixes: set[PlanFix] = field(default_factory=set)
    recorded: set[Key] = field(default_factory=set)
    withdrawn: set[Key] = field(default_factory=set)
    checkpoints: list[tuple[datetime, DeviceState]] = field(default_factory=list)

    def take(self, message: Message) -> None:
        decision = self.decide(self.state, message)
        late = [fix.fix_time for fix, use in decision.uses if use is FixUse.LATE]
        if late and self.again:
            self._run_again(min(late), message)
        else:
            self.recorded |= {key_of(finding) for finding in decision.findings}
            self.state = decision.state
        self.fixes |= set(message)
        at = newest_time(self.state)
        if at is not None and len(self.fixes) % 3 == 0:
            self.checkpoints.append((at, self.state))

    def _run_again(self, earliest: datetime, message: Message) -> None:
        before = [point for point in self.checkpoints if point[0] < earliest]
        since, start = max(before, key=lambda point: point[0]) if before else (None, DeviceState())
        after = {fix for fix in self.fixes if since is None or fix.fix_time > since}
        known = {key for key in self.recorded if since is None or key[2] > since}
        correction = correct(History(start, frozenset(after), frozenset(known)), message, self.decide)
        self.recorded -= correction.withdrawn
        self.withdrawn |= correction.withdrawn
        self.recorded |= {key_of(finding) for finding in correction.found}
        self.state = correction.state
        self.checkpoints = [point for point in self.checkpoints if point[0] < earliest]


def final_events(fixes: Sequence[PlanFix]) -> set[Key]:
    return {key_of(finding) for finding in run(DeviceState(), list(set(fixes))).findings}


def random_trace(rng: random.Random, length: int) -> list[PlanFix]:
    """A walk in and out of the zones, with jumps, equal times, silences and changing accuracy."""
    east, north, second, found = rng.uniform(-8, 18), rng.uniform(-8, 18), 0.0, []
    for _ in range(length):
        second += rng.choice([0.0, 1.0, 1.0, 1.0, 2.0, 15.0])
        east += rng.gauss(0, 2.5)
        north += rng.gauss(0, 2.5)
        if rng.random() < 0.05:
            east += rng.choice([-300.0, 300.0])
        east, north = min(max(east, -400.0), 400.0), min(max(north, -12.0), 22.0)
        height = rng.choice([91.0, 92.0, 95.0, 98.0])
        accuracy = rng.choice([0.3, 0.3, 1.0, 4.0])
        found.append(
            PlanFix(T0 + timedelta(seconds=second), east, north, height, accuracy, rng.choice([0.0, 0.0, 2.0]))
        )
        if abs(east) > 100:
            east = rng.uniform(-8, 18)
    return found


def shuffled_messages(rng: random.Random, fixes: Sequence[PlanFix]) -> list[Message]:
    """Cut a trace into messages, say some twice, and mix them."""
    messages, first = [], 0
    while first < len(fixes):
        size = rng.randint(1, 4)
        messages.append(tuple(fixes[first : first + size]))
        first += size
    messages += rng.sample(messages, k=min(len(messages), rng.randint(0, 3)))
    rng.shuffle(messages)
    return messages


def outcome(messages: Sequence[Message], *, again: bool = True) -> set[Key]:
    keeper = Keeper(again=again)
    for message in messages:
        keeper.take(message)
    return keeper.recorded
