"""Late news of machines and people in its place: judged again (`late`), and everything stored put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from spatial.alarms.rules import LATE_AFTER
from spatial.machines.late import Items, Known, Rerun, rerun
from spatial.machines.machine_alarms import MachineAlarms
from spatial.machines.memories import keep_changes, keep_states, memories_before, replace_watches, scope_filter
from spatial.machines.models import MachineEvent
from spatial.machines.rules import WatchState
from spatial.machines.scene import SiteMachines
from spatial.machines.traces import forget_states, kept_between, known_before
from spatial.machines.turns import Key, Run, Scope, Turn


@dataclass
class JudgedAgain:
    """What late news changed: turns that are new, and machines that have another newest state."""

    turns: list[Turn] = field(default_factory=list)
    machines: set[UUID] = field(default_factory=set)


@dataclass(frozen=True)
class StoredPast:
    """What the database keeps of the last day of a site."""

    site: Any
    scene: SiteMachines

    def known_before(self, at: datetime) -> Known:
        """Return what was known of machines at the last kept point before a moment."""
        return known_before(self.site, self.scene, at)

    def items_between(self, first: datetime, last: datetime) -> Items:
        """Return the news after `first`, and not after `last`."""
        return kept_between(self.site, first, last)

    def memories_before(self, at: datetime, scope: Scope) -> dict[Key, WatchState]:
        """Return what the rules in scope remembered just before a moment."""
        return memories_before(self.site, at, scope)


def judge_again(
    site: Any, scene: SiteMachines, late: Items, newest: datetime, runs: Mapping[UUID, Sequence[Run]],
    received_at: datetime,
) -> JudgedAgain:  # fmt: skip
    """This function will judge late news in its place, and put events, alarms, memories and states right."""
    done = rerun(scene, StoredPast(site, scene), late, newest, runs)
    keep_changes(site, done.scope, done.since, done.until, done.live.memories)
    whole = done.until == newest
    if whole:
        replace_watches(site, done.scope, done.live.watches)
    if whole and done.scope.machines:
        keep_states(site, done.live, done.scope.machines, received_at)
        forget_states(site, done.since)
    turns = _put_right(site, scene, done, received_at, fresh=received_at - newest <= LATE_AFTER)
    return JudgedAgain(turns, set(done.scope.machines) & done.live.touched if whole else set())


def _put_right(site: Any, scene: SiteMachines, done: Rerun, received_at: datetime, *, fresh: bool) -> list[Turn]:
    """Withdraw events that no longer follow, write down those that do, and correct the alarms of both."""
    rows = MachineEvent.objects.filter(scope_filter(done.scope), site=site, at__gte=done.since, at__lte=done.until)
    stand = {(_key(row), row.kind, row.at): row for row in rows.filter(withdrawn_at__isnull=True)}
    made = {(turn.key, turn.change.kind, turn.change.at): turn for turn in done.live.turns}
    gone = [row for name, row in stand.items() if name not in made]
    new = [turn for name, turn in made.items() if name not in stand or stand[name].level != turn.change.level]
    MachineEvent.objects.filter(pk__in=[row.pk for row in gone]).update(withdrawn_at=received_at)
    alarms = MachineAlarms(site, scene, received_at)
    for turn in new:
        alarms.note(turn, late=True)
    for key in sorted({_key(row) for row in gone} | {turn.key for turn in new}, key=str):
        places = {turn.change.at: turn.where for turn in done.live.turns if turn.key == key}
        alarms.correct(key, done.since, places, live=fresh)
    return new


def _key(row: MachineEvent) -> Key:
    return row.machine_id, row.rule, row.other
