"""Late news of machines and people in its place, as far as it needs no database. Pure.

A rule about one machine and one other is a function of what these two said, so only the rules of who is late are
judged again: from the newest states before the late news, with the memories that the rules had then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from spatial.machines.crowd import Crowd, PlaceNews
from spatial.machines.geometry import MachineState
from spatial.machines.judging import Judging
from spatial.machines.motion import MachineNews
from spatial.machines.rules import Key, Run, Scope, WatchState
from spatial.machines.scene import SiteMachines

JUDGED_FOR = timedelta(hours=24)
"""How much older than the newest news of its site news may be, and is judged still."""
JUST_AFTER = timedelta(microseconds=1)
BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Items:
    """News of machines and places of people and vehicles."""

    news: Sequence[MachineNews] = ()
    places: Sequence[PlaceNews] = ()

    def __bool__(self) -> bool:
        return bool(self.news or self.places)

    def times(self) -> list[datetime]:
        """Return the event times of all."""
        return [item.at for item in self.news] + [item.at for item in self.places]

    def where(self, first: datetime | None = None, last: datetime | None = None) -> Items:
        """Return what lies after `first` and not after `last`."""

        def lies(item: MachineNews | PlaceNews) -> bool:
            return (first is None or item.at > first) and (last is None or item.at <= last)

        return Items([item for item in self.news if lies(item)], [item for item in self.places if lies(item)])

    def __add__(self, other: Items) -> Items:
        return Items([*self.news, *other.news], [*self.places, *other.places])


@dataclass(frozen=True)
class Known:
    """The states of machines at a moment (None: nothing was heard yet), and the values that they follow from."""

    at: datetime | None
    states: dict[UUID, MachineState]
    values: dict[UUID, dict[str, float]]


class Past(Protocol):
    """What is kept of a day."""

    def known_before(self, at: datetime) -> Known:
        """Return what was known of machines at the last kept point before a moment."""

    def items_between(self, first: datetime, last: datetime) -> Items:
        """Return the news after `first`, and not after `last`."""

    def memories_before(self, at: datetime, scope: Scope) -> dict[Key, WatchState]:
        """Return what the rules in scope remembered just before a moment."""


@dataclass(frozen=True)
class Rerun:
    """What was judged again: from when, until when, and the site as it was then."""

    scope: Scope
    since: datetime
    until: datetime
    judging: Judging


def moving_news(scene: SiteMachines, news: Sequence[MachineNews], places: Sequence[PlaceNews]) -> Items:
    """Return what can concern a moving zone: news of machines that make one, and places of them and of people."""
    return Items(
        [item for item in news if scene.moves(item.machine_id)],
        [item for item in places if item.device_id not in scene.devices or scene.moves(scene.devices[item.device_id])],
    )


def scope_of(scene: SiteMachines, items: Items) -> Scope:
    """Return the machines and people that said something."""
    machines = {item.machine_id for item in items.news}
    machines |= {scene.devices[item.device_id] for item in items.places if item.device_id in scene.devices}
    people = {item.device_id for item in items.places if item.device_id not in scene.devices}
    return Scope(frozenset(machines), frozenset(people))


def rerun(
    scene: SiteMachines, past: Past, late: Items, newest: datetime, runs: Mapping[UUID, Sequence[Run]]
) -> Rerun:  # fmt: skip
    """This function will judge late news in its place.

    What people said reaches no farther than their fix counts: when the rules remember the same as before by then, what
    comes after it stands. What machines said is followed to the newest news.
    """
    since, scope = min(late.times()), scope_of(scene, late)
    settled = max(late.times()) + timedelta(seconds=max(scene.limits.fix_s, scene.limits.state_s))
    if not scope.machines and settled < newest:
        judging = _follow(scene, past, late, since, settled, scope, runs)
        if _spoken(judging.watches) == _spoken(past.memories_before(settled + JUST_AFTER, scope)):
            return Rerun(scope, since, settled, judging)
    return Rerun(scope, since, newest, _follow(scene, past, late, since, newest, scope, runs))


def _follow(
    scene: SiteMachines, past: Past, late: Items, since: datetime, until: datetime, scope: Scope,
    runs: Mapping[UUID, Sequence[Run]],
) -> Judging:  # fmt: skip
    """Follow the rules in scope from before the late news until a moment."""
    known = past.known_before(since)
    back = min(known.at or BEFORE_ALL, since - timedelta(seconds=scene.limits.fix_s + 1.0))
    items = past.items_between(back, until) + late
    if not scope.machines:
        own = {*scope.people, *scene.devices}
        items = Items(items.news, [item for item in items.places if item.device_id in own])
    memories = past.memories_before(since, scope)
    judging = Judging(scene, known.states, known.values, Crowd(), memories, runs=runs, scope=Scope())
    early = items.where(last=since - JUST_AFTER)
    judging.follow([item for item in early.news if known.at is None or item.at > known.at], early.places)
    judging.scope, judging.touched = scope, set()
    rest = items.where(first=since - JUST_AFTER, last=until)
    judging.follow(rest.news, rest.places)
    return judging


def _spoken(watches: Mapping[Key, WatchState]) -> dict[Key, WatchState]:
    return {key: state for key, state in watches.items() if state != WatchState()}
