"""Follow what machines and people say, in the transaction of an ingest batch: states, events, alarms, lifts.

What follows is a function of the set of news: news that comes after newer news was judged is judged in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from spatial.alarms.rules import LATE_AFTER
from spatial.machines.crowd import Crowd, PlaceNews
from spatial.machines.judging import Judging
from spatial.machines.late_news import JUDGED_FOR, Items, Known, Rerun, moving_news, rerun
from spatial.machines.lifts import count_lifts
from spatial.machines.machine_alarms import MachineAlarms
from spatial.machines.models import Machine, MachineEvent, MachineLatest
from spatial.machines.motion import LOAD, MachineNews
from spatial.machines.queries import motion_json, newest_states, runs_between, scene_of
from spatial.machines.rules import Key, Run, Scope, Turn, WatchState
from spatial.machines.scene import SiteMachines
from spatial.machines.traces import (
    crowd_of,
    forget_states,
    keep,
    kept_between,
    known_before,
    newest_time,
    remember_crowd,
)
from spatial.machines.watches import (
    keep_changes,
    keep_watches,
    memories_before,
    replace_watches,
    scope_filter,
    watches_of,
)


@dataclass(frozen=True)
class Followed:
    """What a batch did to the machines of a site: which have a new state, and what changed."""

    machines: frozenset[UUID] = field(default_factory=frozenset)
    turns: tuple[Turn, ...] = ()


@transaction.atomic
def follow_machines(
    *, site: Any, news: Sequence[MachineNews], places: Sequence[PlaceNews], received_at: datetime
) -> Followed:
    """This function will judge readings of machines and places of people and vehicles of one site, and raise and clear
    the alarms that follow.

    News that is older than the newest of the site is judged in its place, up to a day; what is older still changes
    nothing. Call it last in a transaction: it writes acts and durable events.
    """
    scene = scene_of(site)
    given = moving_news(scene, news, places)
    if not given or not (scene.cranes or scene.vehicles):
        return Followed()
    lock_machines(site.pk)
    before = newest_time(site)
    newest = max([*given.times(), *([before] if before else [])])
    given = given.where(first=newest - JUDGED_FOR)
    if not given:
        return Followed()
    fresh, late = given.where(first=before), given.where(last=before) if before else Items()
    runs = runs_between([*scene.cranes, *scene.vehicles], min(given.times()), newest)
    again = JudgedAgain()
    crowd = crowd_of(site, scene, before or newest)
    if late and before:
        again = judge_again(site, scene, late, before, runs, received_at)
        for place in late.places:
            if place.device_id not in scene.devices:
                crowd.take(place)
    judging = _recall(site, scene, crowd, runs)
    judging.follow(fresh.news, fresh.places)
    _keep(site, judging, received_at)
    remember_crowd(site, keep(site, given, judging.states, judging.values, newest), crowd)
    count_lifts(news, scene, newest=newest if any(LOAD in item.values for item in late.news) else None)
    return Followed(frozenset(judging.touched | again.machines), (*again.turns, *judging.turns))


def lock_machines(site_id: UUID) -> None:
    """This function will let one transaction at a time follow the machines of a site, until it ends."""
    rows = Machine.objects.select_for_update(no_key=True).filter(site_id=site_id)  # others may refer to them meanwhile
    list(rows.order_by("pk").values_list("pk"))


def _recall(site: Any, scene: SiteMachines, crowd: Crowd, runs: Any) -> Judging:
    """Load what is known now: states and memories."""
    values = {row.machine_id: dict(row.values) for row in MachineLatest.objects.filter(site=site)}
    return Judging(scene, newest_states(site, scene), values, crowd, watches_of(site), runs=runs)


def _keep(site: Any, judging: Judging, received_at: datetime) -> None:
    """Store what is known after news that came in order, and raise and clear what follows."""
    _keep_states(site, judging, {*judging.touched, *judging.heard}, received_at)
    keep_changes(site, None, None, None, judging.memories)
    alarms = MachineAlarms(site, judging.scene, received_at)
    for turn in judging.turns:
        alarms.follow(turn)
    keep_watches(judging.watches, [key for key, _, _ in judging.memories])


def _keep_states(site: Any, judging: Judging, machines: Iterable[UUID], received_at: datetime) -> None:
    """Store the newest states of machines; a value without a whole pose is kept too."""
    rows = []
    for machine_id in sorted(machines):
        state = judging.states[machine_id]
        at = state.at or judging.heard.get(machine_id)
        if at is None:
            continue
        rows.append(
            MachineLatest(
                machine_id=machine_id,
                site=site,
                at=at,
                received_at=received_at,
                values=judging.values.get(machine_id, {}),
                motion=motion_json(state),
            )
        )
    MachineLatest.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["machine"],
        update_fields=["site", "at", "received_at", "values", "motion"],
    )


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
    keep_changes(site, done.scope, done.since, done.until, done.judging.memories)
    whole = done.until == newest
    if whole:
        replace_watches(site, done.scope, done.judging.watches)
    if whole and done.scope.machines:
        _keep_states(site, done.judging, done.scope.machines, received_at)
        forget_states(site, done.since)
    turns = _put_right(site, scene, done, received_at, fresh=received_at - newest <= LATE_AFTER)
    return JudgedAgain(turns, set(done.scope.machines) & done.judging.touched if whole else set())


def _put_right(site: Any, scene: SiteMachines, done: Rerun, received_at: datetime, *, fresh: bool) -> list[Turn]:
    """Withdraw events that no longer follow, write down those that do, and correct the alarms of both."""
    rows = MachineEvent.objects.filter(scope_filter(done.scope), site=site, at__gte=done.since, at__lte=done.until)
    stand = {(_key(row), row.kind, row.at): row for row in rows.filter(withdrawn_at__isnull=True)}
    made = {(turn.key, turn.change.kind, turn.change.at): turn for turn in done.judging.turns}
    gone = [row for name, row in stand.items() if name not in made]
    new = [turn for name, turn in made.items() if name not in stand or stand[name].level != turn.change.level]
    MachineEvent.objects.filter(pk__in=[row.pk for row in gone]).update(withdrawn_at=received_at)
    alarms = MachineAlarms(site, scene, received_at)
    for turn in new:
        alarms.note(turn, late=True)
    for key in sorted({_key(row) for row in gone} | {turn.key for turn in new}, key=str):
        places = {turn.change.at: turn.where for turn in done.judging.turns if turn.key == key}
        alarms.correct(key, done.since, places, live=fresh)
    return new


def _key(row: MachineEvent) -> Key:
    return row.machine_id, row.rule, row.other
