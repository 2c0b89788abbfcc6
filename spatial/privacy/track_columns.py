"""Judge whole columns of positions at once: whose they are, whether inside the site, and whether they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from spatial.people.models import Person
from spatial.people.queries import shifts_by_team, shifts_for
from spatial.people.shift_rules import spans
from spatial.wearing.queries import wearers

from .queries import policy_of
from .rules import Tracking, TrackingPolicy, may_track
from .site_ground import are_inside

FATES = (Tracking.KEPT, Tracking.OUTSIDE, Tracking.OFF_SHIFT)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class JudgedColumns:
    """Of each fix: what becomes of it (its place in FATES), whether it is inside the site, and whose it is (its place
    in `people`; -1 for nobody)."""

    fate: NDArray[np.int8]
    inside: NDArray[np.bool_]
    person: Ints
    people: list[UUID]


def judge_columns(
    site: Any,
    devices: Mapping[UUID, UUID | None],
    *,
    device: Ints,
    time_us: Ints,
    east_m: Floats,
    north_m: Floats,
    accuracy_m: Floats,
    called_for_help: NDArray[np.bool_],
    muster: tuple[datetime, Set[UUID]] | None = None,
) -> JudgedColumns:
    """Return what becomes of each fix of one site.

    `devices` names whom each device is registered to; `device` is each fix's place among them, `time_us` is in
    microseconds since 1970 UTC. `muster` is when the one that runs began, and who is on its roll.
    """
    person, people = _people(devices, device, time_us)
    inside = are_inside(site, east_m, north_m, accuracy_m)  # type: ignore[arg-type]
    on_shift = _on_shift(site, people, person, time_us)
    sought = called_for_help
    if muster is not None:
        since, roll = muster
        on_roll = np.array([*(one in roll for one in people), False], dtype=bool)[person]
        sought = sought | ((time_us >= (since - _EPOCH) // timedelta(microseconds=1)) & (inside | on_roll))
    fates = _table(policy_of(site.organisation))
    found = fates[inside.astype(np.int8), on_shift.astype(np.int8), sought.astype(np.int8)]
    return JudgedColumns(np.where(person < 0, 0, found).astype(np.int8), inside, person, people)


def _table(policy: TrackingPolicy) -> NDArray[np.int8]:
    """Return the law as a table: [inside][on shift][called for help] -> place in FATES."""
    return np.array(
        [
            [
                [FATES.index(may_track(inside=i, on_shift=s, policy=policy, called_for_help=h)) for h in (False, True)]
                for s in (False, True)
            ]
            for i in (False, True)
        ],
        dtype=np.int8,
    )


def _people(devices: Mapping[UUID, UUID | None], device: Ints, time_us: Ints) -> tuple[Ints, list[UUID]]:
    """Return each fix's wearer as a place in a list of people; -1 for nobody."""
    worn = wearers(devices)
    place: dict[UUID, int] = {}
    person = np.full(len(device), -1, dtype=np.int64)
    order = np.argsort(device, kind="stable")
    starts = np.flatnonzero(np.diff(device[order], prepend=-1))
    if not len(order):
        return person, []
    keys = list(devices)
    for first, rows in zip(starts, np.split(order, starts[1:]), strict=True):
        wearer = worn[keys[int(device[order[first]])]]
        steady = wearer.steady(_moment(time_us[rows].min()), _moment(time_us[rows].max()))
        for chosen in [rows] if steady else [np.array([row]) for row in rows]:
            who = wearer.at(_moment(time_us[chosen[0]]))
            person[chosen] = -1 if who is None else place.setdefault(who, len(place))
    return person, list(place)


def _on_shift(site: Any, people: Sequence[UUID], person: Ints, time_us: Ints) -> NDArray[np.bool_]:
    found = np.ones(len(person), dtype=bool)
    if not people:
        return found
    teams = dict(Person.objects.filter(pk__in=people).values_list("pk", "team_id"))
    by_team = shifts_by_team(site)
    zone = ZoneInfo(site.time_zone)
    first = _moment(time_us.min()).astimezone(zone).date() - timedelta(days=2)
    last = _moment(time_us.max()).astimezone(zone).date() + timedelta(days=1)
    team_of = [teams.get(one) for one in people]
    for team in set(team_of):
        known = shifts_for(team, by_team)
        if not known:
            continue
        members = np.array([one == team for one in team_of])
        rows = np.flatnonzero((person >= 0) & members[person])
        within = np.zeros(len(rows), dtype=bool)
        for span in spans(known, first, last, site.time_zone):
            opens, closes = ((m - _EPOCH) // timedelta(microseconds=1) for m in (span.opens_at, span.closes_at))
            within |= (time_us[rows] >= opens) & (time_us[rows] < closes)
        found[rows] = within
    return found


def _moment(time_us: Any) -> datetime:
    return _EPOCH + timedelta(microseconds=int(time_us))
