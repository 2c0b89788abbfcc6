"""How a foreign device speaks to us: which version of a mapping reads it, and which datastream is of what."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from django.db import transaction

from spatial.devices.kinds import quantities
from spatial.devices.models import Device, MappingVersion, StreamBinding
from spatial.devices.operations import record_device_act
from spatial.devices.rules import DeviceRefused


@transaction.atomic
def choose_mapping(*, device: Device, version: MappingVersion | None, actor: Any | None, now: datetime) -> Device:
    """This function will say which version of a mapping reads a device's payloads. Raises DeviceRefused."""
    if version is not None and version.site_id != device.site_id:
        raise DeviceRefused(f"mapping: {version} belongs to another site.")
    if version is not None and device.protocol != Device.Protocol.MAPPED:
        raise DeviceRefused(f"mapping: {device.code} speaks {device.protocol}; choose the protocol 'mapped' first.")
    if device.mapping_id == (version.pk if version else None):
        return device
    details = {"code": device.code, "from": str(device.mapping or ""), "to": str(version or "")}
    device.mapping = version
    device.save(update_fields=["mapping"])
    record_device_act(device, actor, now, "choose_mapping", details)
    return device


@transaction.atomic
def bind_stream(
    *,
    sender: Device,
    stream_id: str,
    device: Device,
    quantity: str,
    channel: str = "",
    scale: float = 1.0,
    actor: Any | None,
    now: datetime,
) -> StreamBinding:
    """This function will say what a sender's datastream is of; without a quantity, of places. Raises DeviceRefused."""
    stream_id = stream_id.strip()
    if not 1 <= len(stream_id) <= 80:
        raise DeviceRefused("stream_id: the datastream's @iot.id, 1 to 80 characters.")
    if device.site_id != sender.site_id:
        raise DeviceRefused(f"device: {device.code} is not on the site of {sender.code}.")
    if quantity and quantity not in quantities():
        raise DeviceRefused(f"quantity: {quantity!r} is not known; choose one that an add-on measures.")
    if not math.isfinite(scale) or scale == 0.0:
        raise DeviceRefused(f"scale: must be a number other than 0, not {scale}.")
    if sender.datastreams.filter(stream_id=stream_id).exists():
        raise DeviceRefused(f"stream_id: {stream_id} of {sender.code} is bound already; unbind it first.")
    row = StreamBinding.objects.create(
        organisation=sender.organisation, site=sender.site, sender=sender, stream_id=stream_id, device=device,
        quantity=quantity, channel=channel.strip()[:40], scale=scale,
    )  # fmt: skip
    details = {"code": sender.code, "stream": stream_id, "device": device.code, "quantity": quantity}
    record_device_act(sender, actor, now, "bind_stream", details)
    return row


@transaction.atomic
def unbind_stream(*, binding: StreamBinding, actor: Any | None, now: datetime) -> None:
    """This function will end the binding of a datastream; its next observation is refused."""
    details = {"code": binding.sender.code, "stream": binding.stream_id}
    record_device_act(binding.sender, actor, now, "unbind_stream", details)
    binding.delete()
