"""Find devices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from spatial.devices.models import Device


def visible(user: Any) -> QuerySet[Device]:
    """Return the devices on sites that a user may see, with wearer and place."""
    return Device.objects.visible_to(user).select_related("person", "anchor", "site")


def devices_by_code(codes: Iterable[str]) -> dict[str, Device]:
    """Return the devices in use with these codes, with site, organisation and wearer."""
    found = Device.objects.filter(code__in=set(codes), active=True)
    return {device.code: device for device in found.select_related("site", "organisation", "person")}
