"""Follow what machines and people say, in the transaction of an ingest batch: states, events, alarms, lifts.

What follows is a function of the set of news: news that comes after newer news was judged is judged in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from spatial.machines.again import JudgedAgain, judge_again
from spatial.machines.crowd import Crowd, PlaceNews
from spatial.machines.late import Items
from spatial.machines.lifts import count_lifts
from spatial.machines.live import Live
from spatial.machines.machine_alarms import MachineAlarms
from spatial.machines.memories import keep_changes, keep_states, keep_watches, runs_between, watches_of
from spatial.machines.models import Machine, MachineLatest
from spatial.machines.motion import LOAD, MachineNews
from spatial.machines.queries import newest_states, scene_of
from spatial.machines.scene import SiteMachines
from spatial.machines.traces import JUDGED_FOR, crowd_of, keep, newest_time, remember_crowd
from spatial.machines.turns import Turn


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
    scene, given = scene_of(site), Items(news, places)
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
    crowd = crowd_of(site, before or newest, scene.limits.fix_s)
    if late and before:
        again = judge_again(site, scene, late, before, runs, received_at)
        for place in late.places:
            if place.device_id not in scene.devices:
                crowd.take(place)
    live = _recall(site, scene, crowd, runs)
    live.follow(fresh.news, fresh.places)
    _keep(site, live, received_at)
    remember_crowd(site, keep(site, given, live.states, live.values, newest), crowd)
    count_lifts(news, scene, newest=newest if any(LOAD in item.values for item in late.news) else None)
    return Followed(frozenset(live.touched | again.machines), (*again.turns, *live.turns))


def lock_machines(site_id: UUID) -> None:
    """This function will let one transaction at a time follow the machines of a site, until it ends."""
    rows = Machine.objects.select_for_update(no_key=True).filter(site_id=site_id)  # rows that refer to them may be added
    list(rows.order_by("pk").values_list("pk"))


def _recall(site: Any, scene: SiteMachines, crowd: Crowd, runs: Any) -> Live:
    """Load what is known now: states and memories."""
    values = {row.machine_id: dict(row.values) for row in MachineLatest.objects.filter(site=site)}
    return Live(scene, newest_states(site, scene), values, crowd, watches_of(site), runs=runs)


def _keep(site: Any, live: Live, received_at: datetime) -> None:
    """Store what is known after news that came in order, and raise and clear what follows."""
    keep_states(site, live, {*live.touched, *live.heard}, received_at)
    keep_changes(site, None, None, None, live.memories)
    alarms = MachineAlarms(site, live.scene, received_at)
    for turn in live.turns:
        alarms.follow(turn)
    keep_watches(live.watches, [key for key, _, _ in live.memories])
