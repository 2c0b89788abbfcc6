"""A device that moves to another site: what the live picture and the fence engine remember of it is forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from spatial.devices.models import Device
from spatial.devices.operations import move_to_site
from spatial.fences.models import FenceCheckpoint, Presence
from spatial.tracks.models import LatestPosition


@transaction.atomic
def transfer_device(*, device: Device, site: Any, actor: Any | None, now: datetime) -> str:
    """This function will move a device to another site and return its new password.

    Its positions, alarms and fence events stay with the site that they happened on. Raises DeviceRefused.
    """
    password = move_to_site(device=device, site=site, actor=actor, now=now)
    LatestPosition.objects.filter(device=device).delete()
    Presence.objects.filter(device=device).delete()
    FenceCheckpoint.objects.filter(device=device).delete()
    return password
