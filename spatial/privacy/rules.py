"""What may be kept of where people are, and who may look. Pure, no clock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

EDGE_M = 10.0
"""At most so far beyond the site's edge a position still counts as inside, when its own error reaches the site."""
LEAST_PURPOSE = 4


class Tracking(Enum):
    """What becomes of a position: kept, or only counted, and why."""

    KEPT = "kept"
    OUTSIDE = "outside"
    OFF_SHIFT = "off_shift"


@dataclass(frozen=True, slots=True)
class TrackingPolicy:
    """What a tenant keeps; the defaults hold until one is published."""

    only_on_shift: bool = True
    only_inside: bool = True
    retention_days: int = 90
    version: int = 0


def may_track(*, inside: bool, on_shift: bool, policy: TrackingPolicy, called_for_help: bool = False) -> Tracking:
    """This function will say whether a position of a person is kept.

    Who calls for help (SOS, fall, no motion, until that alarm is over) or is sought in a muster is found wherever and
    whenever they are.
    """
    if called_for_help:
        return Tracking.KEPT
    if policy.only_inside and not inside:
        return Tracking.OUTSIDE
    if policy.only_on_shift and not on_shift:
        return Tracking.OFF_SHIFT
    return Tracking.KEPT


def without_names(text: str, names: Collection[str], stand_in: str) -> str:
    """This function will return a text in which people's names are replaced, the longest first."""
    for name in sorted((name for name in names if name), key=lambda name: (-len(name), name)):
        text = text.replace(name, stand_in)
    return text


def purpose_fault(purpose: str) -> str:
    """Return what is wrong with a purpose: `missing`, `long`, or nothing."""
    text = purpose.strip()
    if len(text) < LEAST_PURPOSE:
        return "missing"
    return "long" if len(text) > 300 else ""
