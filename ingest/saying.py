"""Steps of the pipeline: what messages say besides places. Readings are stored and judged, signals and batteries
followed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ingest.batches import Batch
from ingest.columns import UNKNOWN_BATTERY
from spatial.alarms.catalogue import policy
from spatial.alarms.models import Alarm
from spatial.alarms.readings import follow_readings
from spatial.alarms.signals import SignalRow, follow_batteries, follow_signals
from spatial.devices.models import Device
from spatial.observations.operations import ReadingRow, store_readings


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
                ReadingRow(models[device.pk], one.channel, one.quantity, one.time, one.value, received_at)
                for device, one, received_at in said
            ]
        )


def follow_what_was_said(batch: Batch) -> None:
    """Raise and clear the alarms of readings, signals and batteries. Last, as their durable events must be."""
    if batch.stored is not None and batch.stored.streams:
        follow_readings(stored=batch.stored)
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
    """Follow the batteries that are low, and those of devices with an alarm about theirs."""
    spec = policy()["battery"]
    alarmed = set(
        Alarm.objects.filter(
            rule=spec["rule"], cleared_at__isnull=True, site__in=list(batch.columns.sites), device__isnull=False
        ).values_list("device_id", flat=True)
    )
    levels: dict[UUID, tuple[datetime, float]] = {}
    for work in batch.taken:
        for device, battery in zip(work.received.devices, work.received.message.batteries, strict=True):
            if device is None or battery == UNKNOWN_BATTERY:
                continue
            if battery <= spec["clear_percent"] or device.pk in alarmed:
                levels[device.pk] = (work.received.arrival.received_at, float(battery))
    if levels:
        models = batch.load_models(levels)
        told: dict[Device, tuple[datetime, float]] = {models[pk]: level for pk, level in levels.items()}
        follow_batteries(levels=told, received_at=batch.now)
