"""What a machine was doing at a past moment, from the readings and positions of that time."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from spatial import crs
from spatial.machines.cranes import Crane
from spatial.machines.crowd import PlaceNews
from spatial.machines.geometry import MachineState, Vehicle
from spatial.machines.limits import LEVELS
from spatial.machines.loads import load_use
from spatial.machines.models import Machine, MachineEvent
from spatial.machines.motion import LOAD, POSE_QUANTITIES, MachineNews, Motion
from spatial.machines.queries import scene_of
from spatial.machines.scene import SiteMachines
from spatial.observations.models import Datastream
from spatial.observations.queries import readings_between
from spatial.tracks.queries import fixes_of

LOOK_BACK = timedelta(seconds=60)
EVENTS_BACK = timedelta(hours=12)
SPANS = 288
"""Spans of five minutes in a day."""


def states_at(site: Any, at: datetime) -> tuple[SiteMachines, dict[UUID, MachineState]]:
    """Return the machines of a site and what was known of each at a moment, from the minute before it.

    The measures of machines are those of now; what moved is that of then.
    """
    scene = scene_of(site)
    both: dict[UUID, Crane | Vehicle] = {**scene.cranes, **scene.vehicles}
    motion = Motion(scene, {key: MachineState(machine, None) for key, machine in both.items()}, {})
    for news in sorted(_readings(scene, at), key=lambda item: item.at):
        motion.take_readings(news)
    for place in _places(site, scene, at):
        motion.take_place(scene.devices[place.device_id], place)
    return scene, motion.states


def _readings(scene: SiteMachines, at: datetime) -> list[MachineNews]:
    wanted = (*POSE_QUANTITIES, LOAD)
    own = [device_id for device_id, machine_id in scene.devices.items() if machine_id in scene.cranes]
    rows = Datastream.objects.filter(device_id__in=own, quantity__in=wanted)
    streams = {row.pk: (scene.devices[row.device_id], row.quantity) for row in rows}
    found: dict[tuple[UUID, datetime], dict[str, float]] = defaultdict(dict)
    for stream_id, readings in readings_between(streams, at - LOOK_BACK, at).items():
        machine_id, quantity = streams[stream_id]
        for time, value in readings:
            found[(machine_id, time)][quantity] = value
    return [MachineNews(machine_id, time, values) for (machine_id, time), values in found.items()]


def _places(site: Any, scene: SiteMachines, at: datetime) -> list[PlaceNews]:
    own = [device_id for device_id, machine_id in scene.devices.items() if machine_id in scene.vehicles]
    if not own:
        return []
    tick = timedelta(microseconds=1)
    found = []
    for fix in fixes_of(site, own, at - LOOK_BACK + tick, at + tick):
        if fix.plausible:
            east, north = crs.transform_point(
                fix.lon, fix.lat, from_srid=crs.STORAGE_SRID, to_srid=scene.projected_srid
            )
            found.append(PlaceNews(fix.device_id, fix.fix_time, east, north, fix.height_m, fix.accuracy_m))
    return found


def levels_at(site: Any, at: datetime) -> dict[UUID, str]:
    """Return the gravest level that rules about each machine had at a moment, from the events of the twelve hours
    before it; machines without one are left out."""
    open_then: dict[tuple[UUID, str, str], str] = {}
    rows = MachineEvent.objects.filter(site=site, at__lte=at, at__gt=at - EVENTS_BACK, withdrawn_at__isnull=True)
    rows = rows.order_by("at", "pk")
    for row in rows:
        key = (row.machine_id, row.rule, row.other)
        if row.kind == MachineEvent.Kind.CLEARED:
            open_then.pop(key, None)
        else:
            open_then[key] = row.level
    found: dict[UUID, str] = {}
    for (machine_id, _rule, _other), level in open_then.items():
        found[machine_id] = max(found.get(machine_id, level), level, key=LEVELS.index)
    return found


def use_of_loads(
    machine: Machine, since: datetime, until: datetime
) -> list[tuple[datetime, float, float | None]]:  # fmt: skip
    """Return the greatest load and moment use of each span of a day: time, load t, moment in per cent of rated."""
    scene = scene_of(machine.site)
    rows = Datastream.objects.filter(
        device_id__in=scene.devices_of(machine.pk), quantity__in=(LOAD, "trolley_position")
    )
    streams = {row.pk: row.quantity for row in rows}
    step = (until - since) / SPANS
    loads: dict[int, float] = {}
    reach: dict[datetime, float] = {}
    readings = readings_between(streams, since, until)
    for stream_id, values in readings.items():
        if streams[stream_id] == "trolley_position":
            reach.update(values)
    moments: dict[int, float] = {}
    for stream_id, values in readings.items():
        if streams[stream_id] != LOAD:
            continue
        for time, value in values:
            span = min(SPANS - 1, math.floor((time - since) / step))
            loads[span] = max(loads.get(span, 0.0), value)
            used = load_use(scene.charts.get(machine.pk, ()), reach[time], value) if time in reach else None
            if used is not None and used.moment_percent is not None:
                moments[span] = max(moments.get(span, 0.0), used.moment_percent)
    return [(since + step * span, load, moments.get(span)) for span, load in sorted(loads.items())]
