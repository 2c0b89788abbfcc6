"""Messages on their way through the pipeline, together as one set of columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ingest.arrivals import Received
from ingest.columns import microseconds
from ingest.directory import KnownDevice
from ingest.messages import SOURCES
from ingest.placing import PLACED
from spatial.devices.models import Device
from spatial.fences.late_fixes import DeviceWork
from spatial.fences.queries import SiteFences
from spatial.fences.recording import DeviceFinding
from spatial.fences.replay import Correction
from spatial.fences.rules import DeviceState, Finding, ZoneState
from spatial.observations.operations import StoredReadings
from spatial.tracks.operations import MessageKey
from spatial.tracks.position_rows import UNKNOWN_HEIGHT_ACCURACY, OwnedDevice, PositionColumns
from spatial.tracks.queries import HeldFix

KEPT = 0
FIXES_PER_PIECE = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What may be kept of each fix of a message, whether it is inside the site, and whose it is."""

    fates: NDArray[np.int8]
    inside: NDArray[np.bool_]
    person: NDArray[np.object_]


@dataclass(eq=False)
class Work:
    """A message, and what was decided of each of its fixes: `decided` messages have been through the fences."""

    received: Received
    decided: bool = False
    plausible: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))
    late: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))
    judged: Judged | None = None
    held: dict[UUID, HeldFix] = field(default_factory=dict)

    @property
    def key(self) -> MessageKey:
        """What makes the message one."""
        message = self.received.message
        return MessageKey(self.received.sender.pk, message.boot_id, message.sequence)


def pieces(works: Sequence[Work]) -> Iterator[list[Work]]:
    """Cut works of the past into transactions so small that no live one waits long for them."""
    piece: list[Work] = []
    fixes = 0
    for work in works:
        piece.append(work)
        fixes += len(work.received.placed)
        if fixes >= FIXES_PER_PIECE:
            yield piece
            piece, fixes = [], 0
    if piece:
        yield piece


class Columns:
    """The fixes of some messages in one array, each with its device and message."""

    def __init__(self, works: Sequence[Work]) -> None:
        self.works = works
        self.devices: list[KnownDevice] = []
        self.number: dict[UUID, int] = {}
        self.sites: dict[UUID, Any] = {}
        device: list[NDArray[np.int64]] = []
        for work in works:
            self.sites[work.received.site.pk] = work.received.site
            device.append(self._numbers(work.received))
        counts = [len(work.received.placed) for work in works]
        self.rows = np.concatenate([np.empty(0, dtype=PLACED), *(work.received.placed for work in works)])
        self.device = np.concatenate([np.empty(0, dtype=np.int64), *device])
        self.message = np.repeat(np.arange(len(works)), counts)
        received = [microseconds(work.received.arrival.received_at) for work in works]
        self.received_us = np.repeat(np.array(received, dtype=np.int64), counts)
        self.ends = np.cumsum(counts)

    @cached_property
    def site_of_device(self) -> NDArray[np.int64]:
        """Of each device, the place of its site among `sites`."""
        place = {site_id: number for number, site_id in enumerate(self.sites)}
        return np.array([place[known.site_id] for known in self.devices], dtype=np.int64)

    def _numbers(self, received: Received) -> NDArray[np.int64]:
        numbers = np.zeros(len(received.devices), dtype=np.int64)
        for part, device in enumerate(received.devices):
            if device is not None:
                if device.pk not in self.number:
                    self.number[device.pk] = len(self.devices)
                    self.devices.append(device)
                numbers[part] = self.number[device.pk]
        return numbers[received.placed["part"]]

    def split(self, values: NDArray[Any]) -> list[NDArray[Any]]:
        """This function will cut values of all fixes into those of each message."""
        return np.split(values, self.ends[:-1]) if len(self.ends) else []

    def positions(self, chosen: NDArray[Any], plausible: NDArray[np.bool_]) -> PositionColumns:
        """This function will return some of the fixes as rows of the position table."""
        rows = self.rows[chosen]
        unknown = np.isnan(rows["height_m"])
        device = self.device[chosen]
        ground = np.array([self.sites[known.site_id].row.ground_height_m for known in self.devices] or [0.0])
        return PositionColumns(
            devices=[OwnedDevice(known.pk, known.site_id, known.organisation_id) for known in self.devices],
            sources=SOURCES,
            device=device,
            time_us=rows["time_us"],
            received_us=self.received_us[chosen],
            lon=rows["lon"],
            lat=rows["lat"],
            height_m=np.where(unknown, ground[device], rows["height_m"]),
            accuracy_m=rows["accuracy_m"],
            height_accuracy_m=np.where(unknown, UNKNOWN_HEIGHT_ACCURACY, rows["height_accuracy_m"]),
            source=rows["source"],
            plausible=plausible,
        )


@dataclass(eq=False)
class Batch:
    """The working state of one transaction, filled step by step."""

    works: Sequence[Work]
    now: datetime
    taken: list[Work] = field(default_factory=list)
    columns: Columns = field(default_factory=lambda: Columns([]))
    chosen: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    fates: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, dtype=np.int8))
    plausible: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))
    late: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))
    inside: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))
    person: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    newest: dict[UUID, int] = field(default_factory=dict)
    fences: dict[UUID, SiteFences] = field(default_factory=dict)
    before: dict[UUID, DeviceState] = field(default_factory=dict)
    after: dict[UUID, DeviceState] = field(default_factory=dict)
    found: list[tuple[UUID, Finding]] = field(default_factory=list)
    works_at_fences: list[DeviceWork] = field(default_factory=list)
    corrections: dict[UUID, Correction] = field(default_factory=dict)
    held: dict[UUID, HeldFix] = field(default_factory=dict)
    zones: dict[UUID, dict[UUID, ZoneState]] = field(default_factory=dict)
    models: dict[UUID, Device] = field(default_factory=dict)
    findings: list[DeviceFinding] = field(default_factory=list)
    stored: StoredReadings | None = None
    machines_moved: dict[UUID, int] = field(default_factory=dict)

    def load_models(self, device_ids: Iterable[UUID]) -> dict[UUID, Device]:
        """Return these devices as rows, with site, organisation and wearer, each loaded once per batch."""
        if missing := set(device_ids) - set(self.models):
            rows = Device.objects.select_related("site", "site__organisation", "organisation", "person")
            self.models |= rows.in_bulk(missing)
        return self.models

    def device(self, device_id: UUID) -> KnownDevice:
        """Return a device of the batch."""
        return self.columns.devices[self.columns.number[device_id]]

    def findings_of(self, site_id: UUID) -> list[DeviceFinding]:
        """Return what was found of the devices of a site."""
        return [item for item in self.findings if item.device.site_id == site_id]

    def received_at(self) -> dict[UUID, datetime]:
        """Return when each device was heard last in this batch."""
        return {
            device.pk: work.received.arrival.received_at
            for work in self.taken
            for device in work.received.devices
            if device is not None
        }
