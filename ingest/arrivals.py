"""A message as it arrives: read once, before any transaction, into a reading or a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.decoders.positions_json import PayloadRefused, PositionsMessage, check_clock, decode_positions
from spatial import crs
from spatial.devices.models import Device
from spatial.devices.queries import devices_by_code
from spatial.fences.zone_index import PlanFix

POSITIONS_TOPIC = "tw/v1/+/+/positions"
_TOPIC = re.compile(r"tw/v1/([A-Za-z0-9_-]{1,40})/([A-Za-z0-9_-]{1,40})/positions")
DIRECTORY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as the broker handed it over; `receipt` is the transport's own note for acknowledging it."""

    topic: str
    payload: bytes
    received_at: datetime
    receipt: Any = None


@dataclass(frozen=True)
class Reading:
    """A message that was understood: its device, its content, and its fixes on the site's plan."""

    arrival: Arrival
    device: Device
    message: PositionsMessage
    plan: tuple[PlanFix, ...]


@dataclass(frozen=True)
class Refusal:
    """A message that cannot be used, and why; number and boot are set when they could be read."""

    arrival: Arrival
    reason: str
    site_code: str = ""
    device_code: str = ""
    device: Device | None = None
    boot_id: str = ""
    sequence: int | None = None


class DeviceDirectory:
    """Devices by code, asked of the database at most every two seconds each; an unknown code is asked at
    once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._held: dict[str, tuple[float, Device]] = {}

    def find(self, code: str) -> Device | None:
        """This function will return the device in use with this code, or None."""
        now = self._clock()
        held = self._held.get(code)
        if held and now - held[0] < DIRECTORY_SECONDS:
            return held[1]
        device = devices_by_code([code]).get(code)
        if device is None:
            self._held.pop(code, None)
        else:
            self._held[code] = (now, device)
        return device


def read_arrival(arrival: Arrival, directory: DeviceDirectory) -> Reading | Refusal:
    """This function will read a message: topic, device, payload, clock; what is wrong is named in a Refusal.

    That the sender is the device of the topic is held by the broker (its access file binds topic to user
    name).
    """
    topic = _TOPIC.fullmatch(arrival.topic)
    if topic is None:
        return Refusal(arrival, f"topic: not {POSITIONS_TOPIC}")
    site_code, device_code = topic.groups()
    device = directory.find(device_code)
    if device is None:
        return Refusal(arrival, "device: unknown or out of use", site_code, device_code)
    try:
        message = decode_positions(arrival.payload, geoid_offset_m=device.site.geoid_offset_m)
        check_clock(message, arrival.received_at)
        if device.site.code != site_code:
            reason = f"topic: the device belongs to site {device.site.code}, not {site_code}"
            return Refusal(arrival, reason, site_code, device_code, device, message.boot_id, message.sequence)
        return Reading(arrival, device, message, place_on_plan(device, message))
    except PayloadRefused as refusal:
        return Refusal(arrival, str(refusal), site_code, device_code, device, refusal.boot_id, refusal.sequence)


def place_on_plan(device: Device, message: PositionsMessage) -> tuple[PlanFix, ...]:
    """This function will return the fixes of a message in the projected CRS of the device's site."""
    move = crs.transformer(crs.STORAGE_SRID, device.site.projected_srid)
    east, north = move.transform([fix.lon for fix in message.fixes], [fix.lat for fix in message.fixes])
    return tuple(
        PlanFix(fix.fix_time, e, n, fix.height_m, fix.accuracy_m)
        for fix, e, n in zip(message.fixes, east, north, strict=True)
    )
