"""Step of the pipeline: note when each device was heard of, how late its message came, and from which boot.

What a gateway or a file tells of a device's past was heard then and not now: a helmet that is dead stays silent while
its gateway sends on what it held back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from django.db import transaction

from ingest.batches import Batch, Work
from ingest.columns import UNKNOWN_BATTERY, moment_of
from spatial.devices.sightings import Seen, SightingBook, note_sightings

_BOOK = SightingBook()
"""One per process: what it wrote a moment ago it does not write again."""


def note_sightings_of(batch: Batch) -> None:
    """Note the devices that were not noted in the last seconds: one statement for all."""
    due = _BOOK.due(chain.from_iterable(_seen(work) for work in batch.taken))
    note_sightings(seen=due)
    transaction.on_commit(lambda: _BOOK.remember(due))


def _seen(work: Work) -> Iterator[Seen]:
    received = work.received
    message, received_at = received.message, received.arrival.received_at
    sender = received.sender
    if sender.pk not in {device.pk for device in received.devices if device} and _BOOK.is_due(sender.pk, received_at):
        yield Seen(sender.pk, received_at, boot_id=message.boot_id)  # a gateway that speaks for others only
    for part, (device, battery) in enumerate(zip(received.devices, message.batteries, strict=True)):
        if device is None or not _BOOK.is_due(device.pk, received_at):
            continue
        said_at, heard = newest_time(work, part), heard_at(work, part)
        if heard is None:
            continue
        yield Seen(
            device.pk,
            heard,
            said_at,
            None if battery == UNKNOWN_BATTERY or received.held_back else battery,
            message.boot_id if device.pk == received.sender.pk else "",
            received_at - said_at if not received.held_back and said_at is not None else None,
        )


def heard_at(work: Work, part: int) -> datetime | None:
    """Return when a device was heard by a message: now, or when that happened which is told later; None: not known."""
    received, device = work.received, work.received.devices[part]
    if device is not None and received.speaks_now(device):
        return received.arrival.received_at
    said_at = newest_time(work, part)
    return None if said_at is None else min(said_at, received.arrival.received_at)


def newest_time(work: Work, part: int) -> datetime | None:
    """Return the newest event time that a message tells of one of its devices."""
    placed, message = work.received.placed, work.received.message
    own = placed["time_us"][placed["part"] == part]
    times = [moment_of(int(own.max()))] if len(own) else []
    times += [reading.time for number, reading in message.readings if number == part]
    times += [signal.time for number, signal in message.signals if number == part]
    return max(times, default=None)
