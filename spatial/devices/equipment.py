"""What belongs to a device: add-ons, calibrations, papers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from spatial.devices.calibration_rules import CalibrationUnfit, check_correction
from spatial.devices.kinds import catalogue, quantities
from spatial.devices.models import AddOn, Calibration, Device, Paper
from spatial.devices.operations import record_device_act
from spatial.devices.rules import DeviceRefused


@transaction.atomic
def fit_add_on(
    *,
    device: Device,
    kind: str,
    channel: str = "",
    serial_number: str = "",
    actor: Any | None,
    now: datetime,
) -> list[AddOn]:
    """This function will fit an add-on to a device: one row per quantity that it measures. Raises DeviceRefused."""
    held = catalogue()
    if kind not in held.kinds[device.kind].add_ons:
        allowed = ", ".join(held.kinds[device.kind].add_ons)
        raise DeviceRefused(f"kind: a {device.kind} carries none of kind {kind!r}, but {allowed}.")
    if len(channel) > 40 or len(serial_number) > 80:
        raise DeviceRefused("channel: at most 40 characters; serial number: at most 80.")
    if device.add_ons.filter(kind=kind, channel=channel, removed_at__isnull=True).exists():
        raise DeviceRefused(f"channel: {device.code} has {kind} on channel {channel!r} already; give another channel.")
    rows = [
        AddOn(
            organisation=device.organisation, site=device.site, device=device, kind=kind, channel=channel,
            quantity=measured.quantity if measured else "", unit=measured.unit if measured else "",
            serial_number=serial_number,
        )
        for measured in held.add_ons[kind].quantities or (None,)
    ]  # fmt: skip
    AddOn.objects.bulk_create(rows)
    record_device_act(device, actor, now, "fit_add_on", {"code": device.code, "kind": kind, "channel": channel})
    return rows


@transaction.atomic
def remove_add_on(*, add_on: AddOn, actor: Any | None, now: datetime) -> None:
    """This function will take an add-on off its device, with all its quantities on that channel."""
    device = add_on.device
    there = device.add_ons.filter(kind=add_on.kind, channel=add_on.channel, removed_at__isnull=True)
    if there.update(removed_at=now):
        details = {"code": device.code, "kind": add_on.kind, "channel": add_on.channel}
        record_device_act(device, actor, now, "remove_add_on", details)


@transaction.atomic
def record_calibration(
    *,
    device: Device,
    quantity: str,
    channel: str = "",
    scale: float,
    offset: float,
    done_on: date,
    due_on: date,
    certificate_number: str,
    laboratory: str = "",
    actor: Any | None,
    now: datetime,
) -> Calibration:
    """This function will record a calibration; ingest applies it to what is measured from `done_on` on.

    Raises DeviceRefused, naming the field.
    """
    if quantity not in quantities():
        raise DeviceRefused(f"quantity: {quantity!r} is not known; choose one that an add-on measures.")
    if not certificate_number.strip():
        raise DeviceRefused("certificate_number: is missing.")
    try:
        check_correction(scale, offset, done_on, due_on, now.date())
    except CalibrationUnfit as unfit:
        raise DeviceRefused(str(unfit)) from unfit
    row = Calibration.objects.create(
        organisation=device.organisation, site=device.site, device=device, quantity=quantity, channel=channel,
        scale=scale, offset=offset, done_on=done_on, due_on=due_on,
        certificate_number=certificate_number.strip()[:80], laboratory=laboratory.strip()[:120],
    )  # fmt: skip
    details = {
        "code": device.code, "quantity": quantity, "channel": channel, "scale": scale, "offset": offset,
        "done_on": str(done_on), "due_on": str(due_on), "certificate": row.certificate_number,
    }  # fmt: skip
    record_device_act(device, actor, now, "record_calibration", details)
    return row


@transaction.atomic
def record_paper(
    *,
    device: Device,
    kind: str,
    number: str,
    issued_on: date,
    expires_on: date,
    issued_by: str = "",
    actor: Any | None,
    now: datetime,
) -> Paper:
    """This function will record a certificate, inspection, filing or insurance. Raises DeviceRefused."""
    if kind not in Paper.Kind.values:
        raise DeviceRefused(f"kind: {kind!r} is none of {', '.join(Paper.Kind.values)}.")
    if not number.strip():
        raise DeviceRefused("number: is missing.")
    if expires_on < issued_on:
        raise DeviceRefused(f"expires_on: {expires_on} lies before the day of issue, {issued_on}.")
    row = Paper.objects.create(
        organisation=device.organisation, site=device.site, device=device, kind=kind, number=number.strip()[:80],
        issued_by=issued_by.strip()[:120], issued_on=issued_on, expires_on=expires_on,
    )  # fmt: skip
    details = {"code": device.code, "kind": kind, "number": row.number, "expires_on": str(expires_on)}
    record_device_act(device, actor, now, "record_paper", details)
    return row


@transaction.atomic
def withdraw(*, row: Calibration | Paper, actor: Any | None, now: datetime) -> None:
    """This function will withdraw a calibration or paper that was recorded by mistake; the row stays."""
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    what = "calibration" if isinstance(row, Calibration) else "paper"
    record_device_act(row.device, actor, now, f"withdraw_{what}", {"code": row.device.code, "id": str(row.pk)})
