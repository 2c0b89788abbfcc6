"""What a device says, whatever format it said it in: the one form that every decoder ends in. Pure.

A message comes from one sender (`sender_code`: the user name at the broker) and is numbered within the
sender's boot, so that it is taken once. It carries one part per device that it speaks of: a helmet's own
message has one, a gateway's has many. Nothing is placed yet: coordinates are in the frame that the part
declares, and heights above the zero that each fix declares; `ingest/placing.py` puts both on the site.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Source = Literal["GNSS", "UWB", "BLE", "manual"]
SOURCES: tuple[Source, ...] = ("GNSS", "UWB", "BLE", "manual")
# Degrees, or "grid:<code>" for metres on a positioning grid of the site (spatial/devices/uwb_grids.py).
DEGREE_FRAMES = ("CGCS2000", "WGS84", "GCJ-02")
GRID_PREFIX = "grid:"
HeightReference = Literal["yellow_sea", "ellipsoid", "barometer", "grid"]
HEIGHT_REFERENCES: tuple[HeightReference, ...] = ("yellow_sea", "ellipsoid", "barometer", "grid")
SignalKind = Literal["sos", "fall", "no_motion", "taken_off", "put_on", "tamper", "confirmed_safe"]
SIGNAL_KINDS: tuple[SignalKind, ...] = (
    "sos", "fall", "no_motion", "taken_off", "put_on", "tamper", "confirmed_safe",
)  # fmt: skip

# The box that the CGCS2000 Gauss-Kruger zones are used in (spec 08, 8.7 check 1), longitude and latitude.
LON_RANGE = (73.0, 136.0)
LAT_RANGE = (3.0, 54.0)
GRID_RANGE_M = (-100_000.0, 100_000.0)
HEIGHT_RANGE_M = (-500.0, 9000.0)
ACCURACY_RANGE_M = (0.01, 1000.0)
MAX_SEQUENCE = 2**53 - 1
CLOCK_AHEAD_TOLERANCE = timedelta(seconds=30)
OLDEST_FIX = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Fix:
    """One position as the device states it: x east and y north, in degrees or in metres of its grid.

    `accuracy_m` is r95 in plan; `height_accuracy_m` is r95 of the height, None when not stated. A height of NaN
    is not known: whoever is in a zone's outline is then possibly in it.
    """

    time: datetime
    x: float
    y: float
    height_m: float
    accuracy_m: float
    source: Source
    worn: bool | None = None
    height_reference: HeightReference = "yellow_sea"
    height_accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value: `quantity` is a code of the table of quantities, `value` is in that table's unit."""

    quantity: str
    time: datetime
    value: float
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that happened to a device or its wearer; `ended` when it is over."""

    kind: SignalKind
    time: datetime
    ended: bool = False


@dataclass(frozen=True, slots=True)
class DevicePart:
    """What a message says of one device."""

    device_code: str
    battery_percent: int | None = None
    fixes: tuple[Fix, ...] = ()
    readings: tuple[Reading, ...] = ()
    signals: tuple[Signal, ...] = ()
    frame: str = "CGCS2000"


@dataclass(frozen=True, slots=True)
class DeviceMessage:
    """One message of a sender: numbered within the sender's boot, with at least one part."""

    sender_code: str
    boot_id: str
    sequence: int
    parts: tuple[DevicePart, ...]


class PayloadRefused(ValueError):
    """A payload that cannot be used; `field` names the place, `boot_id` and `sequence` are set when known."""

    boot_id: str = ""
    sequence: int | None = None

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field


class PayloadTooLarge(PayloadRefused):
    """More bytes, fixes or parts than one message may carry."""


class PayloadNotReadable(PayloadRefused):
    """Not of the format at all: not one JSON object with each field once, or broken bytes."""


class VersionUnknown(PayloadRefused):
    """A payload version that this decoder does not read."""


class FieldMissing(PayloadRefused):
    """A field that the protocol requires is absent."""


class FieldUnknown(PayloadRefused):
    """A field that the protocol does not have."""


class FieldInvalid(PayloadRefused):
    """A field of the wrong type or outside its range."""


class ClockRefused(PayloadRefused):
    """A moment from the future beyond tolerance, or older than any device may hold back."""


def clock_fault(time: datetime, received_at: datetime) -> str:
    """This function will say what is wrong with a moment that came at `received_at`; empty when nothing is.

    More than 30 s ahead is refused, and more than 30 days old (a device whose clock was never set says 1970).
    """
    ahead = time - received_at
    if ahead > CLOCK_AHEAD_TOLERANCE:
        return f"{ahead.total_seconds():.0f} s ahead of the server's clock"
    return f"{-ahead.days} days old" if -ahead > OLDEST_FIX else ""
