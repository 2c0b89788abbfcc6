"""Follow what machines and people say, in the transaction of an ingest batch: states, events, alarms, lifts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import connection, transaction

from spatial import crs
from spatial.alarms.models import Alarm
from spatial.alarms.operations import change_level, clear_alarm, raise_alarm
from spatial.alarms.rules import alarm_rule
from spatial.devices.models import Device
from spatial.machines.crowd import Crowd, PlaceNews
from spatial.machines.live import Key, Live, MachineNews, Turn
from spatial.machines.loads import count_lift
from spatial.machines.models import MachineEvent, MachineLatest, OperationRecord, Watch
from spatial.machines.queries import newest_states, open_operations, place_json, scene_of
from spatial.machines.rules import WatchState
from spatial.machines.scene import SiteMachines
from spatial.places.models import Storey
from spatial.places.queries import storey_of_height
from spatial.rulebook.queries import edition_for, table
from spatial.zones.models import Zone

PERSON_RULES = ("P-15", "P-16")


@dataclass(frozen=True)
class Followed:
    """What a batch did to the machines of a site: which have a new state, and what changed."""

    machines: frozenset[UUID]
    turns: tuple[Turn, ...]


@transaction.atomic
def follow_machines(
    *, site: Any, news: Sequence[MachineNews], places: Sequence[PlaceNews], before: Iterable[PlaceNews] = (),
    received_at: datetime,
) -> Followed:  # fmt: skip
    """This function will judge readings of machines and places of people and vehicles of one site, and raise and clear
    the alarms that follow.

    `places` are the new fixes of this batch, `before` where the same devices were before it. Everybody else is where
    the database says. Call it last in a transaction: it writes acts and durable events.
    """
    scene = scene_of(site)
    if not scene.cranes and not scene.vehicles:
        return Followed(frozenset(), ())
    live = _recall(site, scene, news, places, before)
    turns = live.follow(news, places)
    _remember_states(site, live, received_at)
    alarms = _Alarms(site, live, received_at)
    for turn in turns:
        alarms.follow(turn)
    _remember_watches(live, alarms.alarm_ids)
    _count_lifts(news, scene)
    return Followed(frozenset(live.touched), tuple(turns))


def lock_machines(site_id: UUID) -> None:
    """This function will let one transaction at a time follow the machines of a site, until it ends."""
    list(MachineLatest.objects.select_for_update().filter(site_id=site_id).order_by("pk").values_list("pk"))


def _recall(
    site: Any,
    scene: SiteMachines,
    news: Sequence[MachineNews],
    places: Sequence[PlaceNews],
    before: Iterable[PlaceNews],
) -> Live:
    """Load what is known: states, memories, operators, and where people are when a machine has something to say."""
    lock_machines(site.pk)
    runs = open_operations([*scene.cranes, *scene.vehicles])
    machines_speak = bool(news) or any(place.device_id in scene.devices for place in places)
    renewed = {place.device_id for place in places}
    crowd = Crowd(before)
    if machines_speak:
        told = [*(item.at for item in news), *(place.at for place in places)]
        for place in people_of(site, scene, since=min(told) - timedelta(seconds=scene.limits.fix_s)):
            if place.device_id not in renewed:
                crowd.take(place)
    return Live(
        scene=scene,
        states=newest_states(site, scene),
        values={row.machine_id: dict(row.values) for row in MachineLatest.objects.filter(site=site)},
        crowd=crowd,
        watches=_watches(site),
        verified=frozenset(machine_id for machine_id, run in runs.items() if run.verified),
        inside_cab=_drivers(runs),
    )


def people_of(site: Any, scene: SiteMachines, *, since: datetime) -> list[PlaceNews]:
    """Return where the helmets of a site were last, on its plan, if that is not before `since`; one look, one
    transformation."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [site.pk, since])
        rows = cursor.fetchall()
    if not rows:
        return []
    move = crs.transformer(crs.STORAGE_SRID, scene.projected_srid)
    east, north = move.transform([row[2] for row in rows], [row[3] for row in rows])
    return [
        PlaceNews(row[0], row[1], x, y, row[4] if row[6] else math.nan, row[5])
        for row, x, y in zip(rows, east, north, strict=True)
    ]


_PEOPLE = """
SELECT latest.device_id, latest.fix_time, ST_X(point), ST_Y(point), ST_Z(point), accuracy_m,
    height_known
FROM tracks_latestposition AS latest JOIN devices_device AS device ON device.id = latest.device_id
WHERE latest.site_id = %s AND latest.fix_time >= %s AND device.kind IN ('helmet', 'tag') AND device.active
"""


def _drivers(runs: Mapping[UUID, OperationRecord]) -> dict[UUID, frozenset[UUID]]:
    """Return the devices of whoever operates each machine: they sit in it and are not beside it."""
    people = {run.person_id: machine_id for machine_id, run in runs.items() if run.person_id}
    found: dict[UUID, set[UUID]] = {}
    for device_id, person_id in Device.objects.filter(person__in=people, active=True).values_list("pk", "person_id"):
        found.setdefault(people[person_id], set()).add(device_id)
    return {machine_id: frozenset(devices) for machine_id, devices in found.items()}


def _watches(site: Any) -> dict[Key, WatchState]:
    rows = Watch.objects.filter(machine__site=site).values_list("machine_id", "rule", "other", "state")
    return {(machine_id, rule, other): _watch_state(state) for machine_id, rule, other, state in rows}


def _watch_state(state: Mapping[str, Any]) -> WatchState:
    holds, clear = state.get("holds_since"), state.get("clear_since")
    return WatchState(
        state.get("level"),
        datetime.fromisoformat(holds) if holds else None,
        datetime.fromisoformat(clear) if clear else None,
    )


def _remember_watches(live: Live, alarm_ids: Mapping[Key, UUID]) -> None:
    """Store the memories that changed; one that remembers nothing goes."""
    kept, gone = [], []
    for key in sorted(live.changed, key=str):
        state = live.watches[key]
        if state == WatchState():
            gone.append(key)
            continue
        body = {
            "level": state.level,
            "holds_since": state.holds_since.isoformat() if state.holds_since else None,
            "clear_since": state.clear_since.isoformat() if state.clear_since else None,
        }
        kept.append(
            Watch(
                machine_id=key[0], rule=key[1], other=key[2], raised=state.level is not None, state=body,
                alarm_id=alarm_ids.get(key),
            )
        )  # fmt: skip
    fields = ["raised", "state"]
    fresh = [row for row in kept if row.alarm_id is not None]
    known = [row for row in kept if row.alarm_id is None]
    unique = ["machine", "rule", "other"]
    Watch.objects.bulk_create(known, update_conflicts=True, unique_fields=unique, update_fields=fields)
    Watch.objects.bulk_create(fresh, update_conflicts=True, unique_fields=unique, update_fields=[*fields, "alarm_id"])
    for machine_id, rule, other in gone:
        Watch.objects.filter(machine_id=machine_id, rule=rule, other=other).delete()


def _remember_states(site: Any, live: Live, received_at: datetime) -> None:
    """Store the newest state of machines that had news; a value without a whole pose is kept too."""
    rows = []
    for machine_id in sorted({*live.touched, *live.heard}):
        state = live.states[machine_id]
        motion: dict[str, Any] = {}
        if state.pose is not None:
            motion["pose"] = asdict(state.pose)
        if state.place is not None:
            motion["place"] = place_json(state.place)
        rows.append(
            MachineLatest(
                machine_id=machine_id, site=site, at=state.at or live.heard[machine_id], received_at=received_at,
                values=live.values.get(machine_id, {}), motion=motion,
            )
        )  # fmt: skip
    MachineLatest.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["machine"],
        update_fields=["site", "at", "received_at", "values", "motion"],
    )


def _count_lifts(news: Sequence[MachineNews], scene: SiteMachines) -> None:
    """Count the lifts of the runs that are open, from the load on the hook."""
    loads = sorted(
        ((item.at, item.machine_id, item.values["hoist_load"]) for item in news if "hoist_load" in item.values),
        key=lambda row: row[0],
    )
    runs = open_operations({machine_id for _, machine_id, _ in loads}) if loads else {}
    changed = set()
    for at, machine_id, load_t in loads:
        run = runs.get(machine_id)
        if run is None or at < run.started_at:
            continue
        loaded, began = count_lift(run.loaded, load_t, above_t=scene.limits.loaded_above_t)
        if loaded != run.loaded or (loaded and load_t > (run.peak_load_t or 0.0)):
            run.loaded, run.lifts = loaded, run.lifts + began
            run.peak_load_t = max(run.peak_load_t or 0.0, load_t)
            changed.add(machine_id)
    for machine_id in sorted(changed):
        runs[machine_id].save(update_fields=["loaded", "lifts", "peak_load_t"])


class _Alarms:
    """Turns changes into events and alarms: one alarm per rule, machine and other."""

    def __init__(self, site: Any, live: Live, received_at: datetime) -> None:
        self.site, self.live, self.received_at = site, live, received_at
        self.alarm_ids: dict[Key, UUID] = {}
        self._storeys: tuple[Storey, ...] | None = None

    def follow(self, turn: Turn) -> None:
        machine_id, rule, other = turn.key
        change = turn.change
        device = self._device(turn)
        name = self._other_name(turn, device)
        MachineEvent.objects.get_or_create(
            machine_id=machine_id,
            rule=rule,
            other=other,
            kind=change.kind,
            at=change.at,
            defaults={
                "organisation_id": self.site.organisation_id,
                "site": self.site,
                "level": change.level,
                "other_name": name[:120],
                "received_at": self.received_at,
                "numbers": dict(change.numbers),
            },
        )
        if change.kind == "raised":
            self._raise(turn, device, name)
            return
        alarm = self._alarm(turn.key)
        if alarm is None:
            return
        if change.kind == "worsened":
            change_level(alarm=alarm, level=change.level, at=change.at, received_at=self.received_at)
        else:
            clear_alarm(alarm=alarm, cleared_at=change.at, received_at=self.received_at)

    def _raise(self, turn: Turn, device: Any, name: str) -> None:
        machine_id, rule, other = turn.key
        location = self._location(turn)
        row = alarm_rule(table(edition_for(self.site, on=turn.change.at), "alarm_rules"), rule)
        machine = self.live.scene.names.get(machine_id, "")
        who = f"{name} · {machine}" if name else machine
        alarm = raise_alarm(
            site=self.site,
            rule=rule,
            level=turn.change.level,
            title=f"{row['zh']}：{who}{_numbers(turn)}",
            zone=Zone.objects.filter(pk=other, site=self.site).first() if rule == "K-02" else None,
            device=device,
            person_name=name[:60] if rule in PERSON_RULES else "",
            storey=self._storey(location) if rule in PERSON_RULES else None,
            location=location,
            raised_at=turn.change.at,
            received_at=self.received_at,
            subject=f"{rule}:{machine_id}:{other}".rstrip(":"),
        )
        self.alarm_ids[turn.key] = alarm.pk

    def _alarm(self, key: Key) -> Alarm | None:
        alarm_id = self.alarm_ids.get(key)
        if alarm_id is None:
            rows = Watch.objects.filter(machine_id=key[0], rule=key[1], other=key[2])
            alarm_id = rows.values_list("alarm_id", flat=True).first()
        return Alarm.objects.filter(pk=alarm_id).first() if alarm_id else None

    def _device(self, turn: Turn) -> Any:
        """The person's device, or the device that tells of the machine."""
        machine_id, rule, other = turn.key
        if rule in PERSON_RULES:
            return Device.objects.select_related("person").get(pk=other)
        own = [device_id for device_id, owner in self.live.scene.devices.items() if owner == machine_id]
        return Device.objects.get(pk=min(own, key=str)) if own else None

    def _other_name(self, turn: Turn, device: Any) -> str:
        _, rule, other = turn.key
        scene = self.live.scene
        if rule in PERSON_RULES:
            return str(device.person.full_name if device.person else device.name)
        if not other:
            return ""
        names = {str(machine_id): name for machine_id, name in scene.names.items()}
        names |= {str(ban.ban_id): ban.name for _, ban in scene.bans}
        names |= {str(structure.obstacle_id): structure.name for structure in scene.structures}
        names |= {str(line.obstacle_id): line.name for line in scene.lines}
        names |= {str(pit.zone_id): pit.name for pit in scene.pits}
        return names.get(other, "")

    def _location(self, turn: Turn) -> Point | None:
        machine_id, rule, other = turn.key
        where: tuple[float, float, float] | None = None
        if rule in PERSON_RULES:
            place = self.live.crowd.place_of(UUID(other))
            where = (place.x, place.y, place.height_m) if place else None
        else:
            state = self.live.states[machine_id]
            if state.pose is not None:
                where = state.pose.point(self.live.scene.cranes[machine_id])
            elif state.place is not None:
                where = (state.place.x, state.place.y, state.place.height_m)
        if where is None:
            return None
        srid = self.live.scene.projected_srid
        lon, lat = crs.transform_point(where[0], where[1], from_srid=srid, to_srid=crs.STORAGE_SRID)
        height_m = self.site.ground_height_m if math.isnan(where[2]) else where[2]
        return Point(lon, lat, height_m, srid=crs.STORAGE_SRID)

    def _storey(self, location: Point | None) -> Storey | None:
        if location is None:
            return None
        if self._storeys is None:
            self._storeys = tuple(Storey.objects.filter(site=self.site))
        return storey_of_height(self._storeys, float(location.z or 0.0))


def _numbers(turn: Turn) -> str:
    """Return the number that decided, for the title: how near, or how soon."""
    numbers = turn.change.numbers
    if turn.key[1] == "TC-04":
        soon = numbers.get("contact_s")
        return f"（{numbers.get('distance_m')} m" + (f"，{soon:g} s）" if isinstance(soon, float) else "）")
    if turn.key[1] == "P-15":
        return f"（{numbers.get('load_t')} t）"
    distance = numbers.get("distance_m", numbers.get("edge_m"))
    return f"（{distance} m）" if isinstance(distance, float) else ""
