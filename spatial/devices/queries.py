"""Find devices, what they carry, and which of their papers and calibrations are about to end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from spatial.devices.calibration_rules import Correction
from spatial.devices.expiry_rules import Standing, standing
from spatial.devices.models import Calibration, Device, Paper, RefusedMessage
from spatial.people.models import Role
from spatial.people.queries import roles_on

KEEPERS = {Role.SITE_SAFETY.value, Role.PROJECT_MANAGER.value, Role.ENTERPRISE_SAFETY.value}


@dataclass(frozen=True)
class Expiring:
    """The newest paper of a kind, or calibration of a quantity, with how it stands today."""

    row: Paper | Calibration
    last_day: date
    standing: Standing

    @property
    def device(self) -> Device:
        """The device that it belongs to."""
        return self.row.device

    @property
    def is_calibration(self) -> bool:
        """Whether it is a calibration."""
        return isinstance(self.row, Calibration)


def visible(user: Any) -> QuerySet[Device]:
    """Return the devices on sites that a user may see, with wearer and place."""
    return Device.objects.visible_to(user).select_related("person", "anchor", "site")


def devices_by_code(codes: Iterable[str]) -> dict[str, Device]:
    """Return the devices in use with these codes, with site, organisation, wearer and mapping."""
    found = Device.objects.filter(code__in=set(codes), active=True)
    return {device.code: device for device in found.select_related("site", "organisation", "person", "mapping")}


def terminal(number: str) -> Device | None:
    """Return the JT/T 808 terminal in use with this number (without leading zeros), or None."""
    found = Device.objects.filter(terminal_number=number, active=True, protocol=Device.Protocol.JT808)
    return found.exclude(terminal_number="").select_related("site", "organisation", "person").first()


def may_keep(user: Any, site: Any) -> bool:
    """Return whether a user may register, change and retire the devices of a site."""
    return bool(user.is_superuser or roles_on(user, site) & KEEPERS)


def expiring(devices: QuerySet[Device] | Iterable[Device], today: date, *, all_rows: bool = False) -> list[Expiring]:
    """Return papers and calibrations of devices in use that are at a level today, the most pressing first.

    Of each kind of paper and each quantity and channel, only the newest counts; with `all_rows` also those that are
    far from their end.
    """
    papers = (
        Paper.objects.filter(device__in=devices, device__active=True, withdrawn_at__isnull=True)
        .order_by("device", "kind", "-expires_on").distinct("device", "kind").select_related("device__anchor", "site")
    )  # fmt: skip
    calibrations = (
        Calibration.objects.filter(device__in=devices, device__active=True, withdrawn_at__isnull=True)
        .order_by("device", "quantity", "channel", "-done_on").distinct("device", "quantity", "channel")
        .select_related("device__anchor", "site")
    )  # fmt: skip
    found = [Expiring(row, row.expires_on, standing(row.expires_on, today)) for row in papers]
    found += [Expiring(row, row.due_on, standing(row.due_on, today)) for row in calibrations]
    return sorted(
        (item for item in found if all_rows or item.standing.level), key=lambda item: (item.last_day, item.device.code)
    )


def corrections_of(device_ids: Iterable[UUID]) -> dict[UUID, list[Correction]]:
    """Return the corrections by calibration of these devices; a device without any is absent."""
    found: dict[UUID, list[Correction]] = {}
    rows = Calibration.objects.filter(device__in=set(device_ids), withdrawn_at__isnull=True)
    for row in rows:
        correction = Correction(row.quantity, row.channel, row.done_on, row.scale, row.offset)
        found.setdefault(row.device_id, []).append(correction)
    return found


def refusals(site: Any, *, since: datetime | None = None) -> QuerySet[RefusedMessage]:
    """Return the messages of a site that were refused, the newest first."""
    rows = RefusedMessage.objects.filter(site=site).order_by(F("id").desc())
    return rows.filter(received_at__gte=since) if since else rows
