"""Judge a batch of positions at once: whose they are, whether inside the site, and whether they are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from spatial import crs
from spatial.people.models import Person
from spatial.people.queries import shifts_by_team, shifts_for
from spatial.people.shift_rules import ShiftTimes, spans
from spatial.wearing.queries import wearers

from .queries import policy_of
from .rules import EDGE_M, Tracking, TrackingPolicy, may_track, within

Spans = list[tuple[datetime, datetime]] | None


@dataclass(frozen=True, slots=True)
class Moment:
    """A fix of a device on the plan of its site."""

    device: Any
    at: datetime
    east_m: float
    north_m: float
    accuracy_m: float
    called_for_help: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """Whose a fix is (None: nobody's, so it is kept), whether it is inside the site, what becomes of it."""

    person_id: UUID | None
    inside: bool
    tracking: Tracking


_GROUNDS: dict[UUID, tuple[bytes, Any]] = {}


def _ground(site: Any) -> Any | None:
    """Return a site's boundary on its plan, prepared; kept until the boundary changes."""
    if site.boundary is None:
        return None
    key = bytes(site.boundary.wkb) + str(site.projected_srid).encode()
    held = _GROUNDS.get(site.pk)
    if held is None or held[0] != key:
        shape = shapely.from_wkb(bytes(site.boundary.wkb))
        flat = shapely.force_2d(crs.transform_shape(shape, from_srid=crs.STORAGE_SRID, to_srid=site.projected_srid))
        shapely.prepare(flat)
        held = _GROUNDS[site.pk] = (key, flat)
    return held[1]


def are_inside(site: Any, east_m: Sequence[float], north_m: Sequence[float], accuracy_m: Sequence[float]) -> np.ndarray:
    """Return which fixes are inside a site, or so near its edge that their own error reaches it; a site without a
    boundary holds all."""
    ground = _ground(site)
    if ground is None:
        return np.ones(len(east_m), dtype=bool)
    points = shapely.points(np.asarray(east_m, dtype=float), np.asarray(north_m, dtype=float))
    return shapely.dwithin(ground, points, np.minimum(np.asarray(accuracy_m, dtype=float), EDGE_M))


def judge(moments: Sequence[Moment]) -> list[Judged]:
    """Return what becomes of each fix, in the order given. The wearer is who had the device at the time of the fix.

    A fix of a device that nobody wears (a machine, a sensor) is nobody's track and is kept.
    """
    devices = {moment.device.pk: moment.device for moment in moments}
    worn = wearers({device_id: device.person_id for device_id, device in devices.items()})
    people = [worn[moment.device.pk].at(moment.at) for moment in moments]
    teams = dict(Person.objects.filter(pk__in={one for one in people if one}).values_list("pk", "team_id"))
    by_site: dict[UUID, list[int]] = defaultdict(list)
    for number, moment in enumerate(moments):
        by_site[moment.device.site_id].append(number)
    found: list[Judged | None] = [None] * len(moments)
    for numbers in by_site.values():
        theirs = [moments[number] for number in numbers]
        site = theirs[0].device.site
        inside = are_inside(
            site, [m.east_m for m in theirs], [m.north_m for m in theirs], [m.accuracy_m for m in theirs]
        )
        hours = _Hours(site, min(m.at for m in theirs), max(m.at for m in theirs))
        policy = policy_of(site.organisation)
        for number, moment, is_inside in zip(numbers, theirs, inside, strict=True):
            found[number] = _judge_one(moment, people[number], teams, bool(is_inside), hours, policy)
    return [one for one in found if one is not None]


def _judge_one(
    moment: Moment,
    person_id: UUID | None,
    teams: Mapping[UUID, UUID | None],
    inside: bool,
    hours: _Hours,
    policy: TrackingPolicy,
) -> Judged:
    if person_id is None:
        return Judged(None, inside, Tracking.KEPT)
    on_shift = within(moment.at, hours.of_team(teams.get(person_id)))
    tracking = may_track(inside=inside, on_shift=on_shift, policy=policy, called_for_help=moment.called_for_help)
    return Judged(person_id, inside, tracking)


class _Hours:
    """The moments that belong to shifts around a batch, by team; None where a team has no shifts at all."""

    def __init__(self, site: Any, first: datetime, last: datetime) -> None:
        self._by_team = shifts_by_team(site)
        zone = ZoneInfo(site.time_zone)
        self._first = first.astimezone(zone).date() - timedelta(days=2)
        self._last = last.astimezone(zone).date() + timedelta(days=1)
        self._time_zone = site.time_zone
        self._held: dict[UUID | None, Spans] = {}

    def of_team(self, team_id: UUID | None) -> Spans:
        if team_id not in self._held:
            known: list[ShiftTimes] = shifts_for(team_id, self._by_team)
            times = spans(known, self._first, self._last, self._time_zone)
            self._held[team_id] = [(span.opens_at, span.closes_at) for span in times] if known else None
        return self._held[team_id]
