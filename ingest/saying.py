"""Steps of the pipeline: what messages say besides places. Readings are stored and judged, signals and batteries
followed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from ingest.batches import Batch
from ingest.columns import UNKNOWN_BATTERY
from ingest.directory import KnownDevice
from ingest.hearing import newest_time
from ingest.messages import Reading
from spatial.alarms.catalogue import policy
from spatial.alarms.models import Alarm
from spatial.alarms.policies import policy_of
from spatial.alarms.readings import follow_readings
from spatial.alarms.signals import SignalRow, follow_batteries, follow_signals
from spatial.devices.calibration_rules import corrected, in_force
from spatial.devices.models import Device
from spatial.devices.operations import keep_refused_message
from spatial.devices.queries import corrections_of
from spatial.devices.sightings import newest_event_of
from spatial.major_hazards.following import follow_stock
from spatial.observations.operations import ReadingRow, store_readings

MAX_REFUSED_READINGS = 20
"""Of one batch: a sensor that is out of its bounds says so again and again."""


def store_what_was_measured(batch: Batch) -> None:
    """Store readings by binary COPY."""
    said = [
        (device, reading, work.received.arrival.received_at)
        for work in batch.taken
        for part, reading in work.received.message.readings
        if (device := work.received.devices[part]) is not None
    ]
    if said:
        models = batch.load_models(device.pk for device, _, _ in said)
        batch.stored = store_readings(
            rows=[
                ReadingRow(models[device.pk], one.channel, one.quantity, one.time, value, received_at)
                for (device, one, received_at), value in zip(said, _true_values(said, models), strict=True)
            ]
        )
        _keep_refused(batch)


def _true_values(said: Sequence[tuple[KnownDevice, Reading, datetime]], models: Mapping[UUID, Device]) -> list[float]:
    """Return the readings' values by the calibration in force on the day, by the site's clock, of each."""
    corrections = corrections_of(device.pk for device, _, _ in said)
    values = []
    for device, one, _ in said:
        own = corrections.get(device.pk)
        day = one.time.astimezone(ZoneInfo(models[device.pk].site.time_zone)).date() if own else None
        correction = in_force(own, one.quantity, one.channel, day) if own and day else None
        values.append(corrected(one.value, correction))
    return values


def _keep_refused(batch: Batch) -> None:
    """Keep readings that cannot be used with their reason; the rest of their messages is stored."""
    refused = batch.stored.refused if batch.stored is not None else []
    for row, reason in refused[:MAX_REFUSED_READINGS]:
        reading = {"quantity": row.quantity, "channel": row.channel, "value": row.value, "time": row.time.isoformat()}
        keep_refused_message(
            topic="readings",
            device_code=row.device.code,
            site=row.device.site,
            payload=json.dumps(reading).encode(),
            reason=f"{row.quantity}: {reason}",
            received_at=row.received_at,
        )


def follow_what_was_said(batch: Batch) -> None:
    """Raise and clear the alarms of readings, signals and batteries. Last, as their durable events must be."""
    if batch.stored is not None and batch.stored.streams:
        follow_readings(stored=batch.stored)
        follow_stock(stored=batch.stored, now=batch.now)
    said = [
        (device, signal, work.received.arrival.received_at)
        for work in batch.taken
        for part, signal in work.received.message.signals
        if (device := work.received.devices[part]) is not None
    ]
    if said:
        models = batch.load_models(device.pk for device, _, _ in said)
        follow_signals(
            signals=[
                SignalRow(models[device.pk], one.kind, one.time, received_at, one.ended)
                for device, one, received_at in said
            ]
        )
    _follow_batteries(batch)


def _follow_batteries(batch: Batch) -> None:
    """Follow the batteries that are low, and those of devices with an alarm about theirs, in event time.

    What is older than the newest that is known of a device (its sighting, noted just now) says nothing of its battery.
    """
    rule = policy()["battery"]["rule"]
    enough: dict[UUID, float] = {}  # by site: above it a battery clears its alarm
    alarmed = set(
        Alarm.objects.filter(
            rule=rule, cleared_at__isnull=True, site__in=list(batch.columns.sites), device__isnull=False
        ).values_list("device_id", flat=True)
    )
    levels: dict[UUID, tuple[datetime, float]] = {}
    for work in batch.taken:
        for part, (device, battery) in enumerate(
            zip(work.received.devices, work.received.message.batteries, strict=True)
        ):
            if device is None or battery == UNKNOWN_BATTERY:
                continue
            at = newest_time(work, part) or (None if work.received.held_back else work.received.arrival.received_at)
            newer = at is not None and (device.pk not in levels or at >= levels[device.pk][0])
            if device.site_id not in enough:
                site = batch.columns.sites[device.site_id].row
                enough[device.site_id] = policy_of(site, batch.now)["battery"]["clear_percent"]
            if at is not None and newer and (battery <= enough[device.site_id] or device.pk in alarmed):
                levels[device.pk] = (at, float(battery))
    known = newest_event_of(levels)
    levels = {pk: level for pk, level in levels.items() if level[0] >= known.get(pk, level[0])}
    if levels:
        models = batch.load_models(levels)
        told: dict[Device, tuple[datetime, float]] = {models[pk]: level for pk, level in levels.items()}
        follow_batteries(levels=told, received_at=batch.now)
