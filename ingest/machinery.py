"""Steps of the pipeline: what readings of machines and fixes of people and vehicles mean for moving danger zones."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import UUID

import numpy as np

from ingest.batches import Batch
from ingest.columns import moment_of
from spatial.devices.models import Device
from spatial.machines.crowd import PlaceNews
from spatial.machines.following import follow_machines, lock_machines
from spatial.machines.motion import MachineNews, take_greater
from spatial.machines.queries import scene_of
from spatial.machines.scene import SiteMachines

CARRIED = frozenset({Device.Kind.HELMET, Device.Kind.TAG})


def lock_moving_zones(batch: Batch) -> None:
    """Let one transaction at a time follow the machines of a site. Before any alarm: alarms lock more."""
    for site_id in sorted(batch.columns.sites):
        lock_machines(site_id)


def follow_moving_zones(batch: Batch) -> None:
    """Judge machines against people, pairs, and places they may not reach. Last: it raises alarms."""
    for site in sorted(batch.columns.sites.values(), key=lambda site: (site.row.organisation_id, site.pk)):
        scene = scene_of(site.row)
        if not scene.cranes and not scene.vehicles:
            continue
        news, places = _news(batch, site.pk, scene), _places(batch, site.pk, scene)
        if news or places:
            followed = follow_machines(site=site.row, news=news, places=places, received_at=batch.now)
            if followed.machines:
                batch.machines_moved[site.pk] = len(followed.machines)


def _news(batch: Batch, site_id: UUID, scene: SiteMachines) -> list[MachineNews]:
    """Return the readings of machines, those of one moment together."""
    found: dict[tuple[UUID, datetime], dict[str, float]] = defaultdict(dict)
    for work in batch.taken:
        if work.received.site.pk != site_id:
            continue
        for part, reading in work.received.message.readings:
            device = work.received.devices[part]
            machine_id = scene.devices.get(device.pk) if device is not None else None
            if machine_id is not None and not reading.channel:
                take_greater(found[(machine_id, reading.time)], {reading.quantity: reading.value})
    return [MachineNews(machine_id, at, values) for (machine_id, at), values in found.items()]


def _places(batch: Batch, site_id: UUID, scene: SiteMachines) -> list[PlaceNews]:
    """Return the plausible fixes of people and of machines that drive; danger sees those too that are not kept, and
    those without a height."""
    columns = batch.columns
    wanted = np.array(
        [
            device.site_id == site_id and (device.kind in CARRIED or device.pk in scene.devices)
            for device in columns.devices
        ]
        or [False]
    )
    if not len(columns.rows):
        return []
    rows = columns.rows
    kept = wanted[columns.device] & batch.plausible
    return [
        PlaceNews(
            columns.devices[int(columns.device[row])].pk,
            moment_of(rows["time_us"][row]),
            float(rows["east_m"][row]),
            float(rows["north_m"][row]),
            float(rows["height_m"][row]),
            float(rows["accuracy_m"][row]),
        )
        for row in np.flatnonzero(kept).tolist()
    ]
