"""Events and alarms from what moving zones brought about: one alarm per rule, machine and other."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import Q

from spatial import crs
from spatial.alarms.conditions import Change as LevelChange
from spatial.alarms.conditions import Episode, episodes
from spatial.alarms.episodes import put_right
from spatial.alarms.models import Alarm
from spatial.alarms.operations import change_level, clear_alarm, raise_alarm
from spatial.alarms.queries import rule_of_site
from spatial.alarms.titles import machine_title
from spatial.devices.models import Device
from spatial.machines.models import MachineEvent
from spatial.machines.rules import PERSON_RULES, Key, Turn
from spatial.machines.scene import SiteMachines
from spatial.places.models import Storey
from spatial.places.queries import storey_of_height
from spatial.zones.models import Zone

Where = tuple[float, float, float]


class MachineAlarms:
    """Turns changes into events and alarms."""

    def __init__(self, site: Any, scene: SiteMachines, received_at: datetime) -> None:
        self.site, self.scene, self.received_at = site, scene, received_at
        self._storeys: tuple[Storey, ...] | None = None

    def follow(self, turn: Turn) -> None:
        """Write down a change that came in order, and raise, change or clear its alarm."""
        event = self.note(turn, late=False)
        if event.kind == MachineEvent.Kind.RAISED:
            self._raise(event, turn.where)
            return
        alarm = self._alarms(turn.key).filter(cleared_at__isnull=True).first()
        if alarm is None:
            return
        if event.kind == MachineEvent.Kind.WORSENED:
            change_level(alarm=alarm, level=event.level, at=event.at, received_at=self.received_at)
        else:
            clear_alarm(alarm=alarm, cleared_at=event.at, received_at=self.received_at)

    def note(self, turn: Turn, *, late: bool) -> MachineEvent:
        """Write down a change; one that was withdrawn before stands again."""
        machine_id, rule, other = turn.key
        facts = {"level": turn.change.level, "numbers": dict(turn.change.numbers), "withdrawn_at": None}
        return MachineEvent.objects.update_or_create(
            machine_id=machine_id, rule=rule, other=other, kind=turn.change.kind, at=turn.change.at,
            defaults=facts,
            create_defaults={
                **facts, "organisation_id": self.site.organisation_id, "site": self.site, "late": late,
                "other_name": self._other_name(turn.key)[:120], "received_at": self.received_at,
            },
        )[0]  # fmt: skip

    def correct(self, key: Key, since: datetime, places: dict[datetime, Where | None], *, live: bool) -> None:
        """Bring the alarms of a rule in line with its events from `since` on, whatever order they came in."""
        events, known = self._chapter(key, since)
        raised = {event.at: event for event in events if event.kind == MachineEvent.Kind.RAISED}
        steps = [
            LevelChange(event.at, None if event.kind == MachineEvent.Kind.CLEARED else event.level, None)  # type: ignore[arg-type]
            for event in events
        ]

        def raise_new(episode: Episode, late: bool | None) -> Alarm:
            event = raised[episode.started_at]
            return self._raise(event, places.get(event.at), level=episode.level, late=late, ended_at=episode.ended_at)

        put_right(episodes(steps), known, raise_new=raise_new, received_at=self.received_at, live=live)

    def _chapter(self, key: Key, since: datetime) -> tuple[list[MachineEvent], list[Alarm]]:
        """Return the events and alarms of a rule from before which nothing reaches into what came after `since`."""
        rows = MachineEvent.objects.filter(machine_id=key[0], rule=key[1], other=key[2], withdrawn_at__isnull=True)
        start, alarms = since, self._alarms(key).filter(disproved_at__isnull=True)
        while True:
            before = rows.filter(at__lte=start).order_by("-at").first()
            opened = rows.filter(at__lte=start, kind=MachineEvent.Kind.RAISED).order_by("-at").first()
            reaching = [opened.at] if before and opened and before.kind != MachineEvent.Kind.CLEARED else []
            over = alarms.filter(raised_at__lt=start).filter(Q(cleared_at__isnull=True) | Q(cleared_at__gte=start))
            reaching += list(over.values_list("raised_at", flat=True))
            if min(reaching, default=start) >= start:
                break
            start = min(reaching)
        known = list(alarms.filter(raised_at__gte=start).order_by("raised_at", "id"))
        return list(rows.filter(at__gte=start).order_by("at")), known

    def _alarms(self, key: Key) -> Any:
        return Alarm.objects.filter(site=self.site, subject=_subject(key))

    def _raise(self, event: MachineEvent, where: Where | None, *, level: str = "", late: bool | None = None,
               ended_at: datetime | None = None) -> Alarm:  # fmt: skip
        location, rule = self._location(where), event.rule
        device = self._device(event)
        row = rule_of_site(self.site, rule, on=event.at)
        machine = self.scene.names.get(event.machine_id, "")
        return raise_alarm(
            site=self.site, rule=rule, level=level or event.level,
            title=machine_title(row, machine, event.other_name, event.numbers),
            zone=Zone.objects.filter(pk=event.other, site=self.site).first() if rule == "K-02" else None,
            device=device, person_name=event.other_name[:60] if rule in PERSON_RULES else "",
            storey=self._storey(location) if rule in PERSON_RULES else None, location=location,
            raised_at=event.at, received_at=self.received_at, late=late, ended_at=ended_at,
            subject=_subject((event.machine_id, rule, event.other)),
        )  # fmt: skip

    def _device(self, event: MachineEvent) -> Any:
        """The person's device, or the device that tells of the machine."""
        if event.rule in PERSON_RULES:
            return Device.objects.get(pk=event.other)
        own = self.scene.devices_of(event.machine_id)
        return Device.objects.get(pk=min(own, key=str)) if own else None

    def _other_name(self, key: Key) -> str:
        _, rule, other = key
        if rule in PERSON_RULES:
            device = Device.objects.select_related("person").get(pk=other)
            return str(device.person.full_name if device.person else device.name)
        return self.scene.name_of(other) if other else ""

    def _location(self, where: Where | None) -> Point | None:
        if where is None:
            return None
        srid = self.scene.projected_srid
        lon, lat = crs.transform_point(where[0], where[1], from_srid=srid, to_srid=crs.STORAGE_SRID)
        height_m = self.site.ground_height_m if math.isnan(where[2]) else where[2]
        return Point(lon, lat, height_m, srid=crs.STORAGE_SRID)

    def _storey(self, location: Point | None) -> Storey | None:
        if location is None:
            return None
        if self._storeys is None:
            self._storeys = tuple(Storey.objects.filter(site=self.site))
        return storey_of_height(self._storeys, float(location.z or 0.0))


def _subject(key: Key) -> str:
    machine_id, rule, other = key
    return f"{rule}:{machine_id}:{other}".rstrip(":")
