"""A raw value made true by the calibration in force when it was measured. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


class CalibrationUnfit(ValueError):
    """A calibration that cannot be; the message says which number and why."""


@dataclass(frozen=True, slots=True)
class Correction:
    """True value = raw value times scale plus offset, for one quantity and channel, from a day on."""

    quantity: str
    channel: str
    since: date
    scale: float
    offset: float


def check_correction(scale: float, offset: float, done_on: date, due_on: date, today: date) -> None:
    """Raise CalibrationUnfit for numbers and days that cannot belong to a calibration."""
    if not math.isfinite(scale) or scale == 0.0:
        raise CalibrationUnfit(f"scale: must be a number other than 0, not {scale}.")
    if not math.isfinite(offset):
        raise CalibrationUnfit(f"offset: must be a number, not {offset}.")
    if due_on <= done_on:
        raise CalibrationUnfit(f"due_on: {due_on} is not after the day of the calibration, {done_on}.")
    if done_on > today:
        raise CalibrationUnfit(f"done_on: {done_on} is in the future.")


def in_force(corrections: Iterable[Correction], quantity: str, channel: str, on: date) -> Correction | None:
    """Return the correction of a quantity and channel in force on a day: the newest one made by then."""
    fitting = [row for row in corrections if row.quantity == quantity and row.channel == channel and row.since <= on]
    return max(fitting, key=lambda row: row.since, default=None)


def corrected(value: float, correction: Correction | None) -> float:
    """Return a raw value as it would be read without the instrument's error."""
    return value if correction is None else value * correction.scale + correction.offset
