"""Register devices, take them out of use, and keep what the broker knows of them."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from spatial.devices import broker_files
from spatial.devices.models import Device, RefusedMessage
from spatial.devices.rules import DeviceRefused, broker_hash, check_code, new_password
from spatial.ledger.operations import record_act

_log = logging.getLogger(__name__)
MAX_REFUSED_PAYLOAD_BYTES = 4096


@transaction.atomic
def register_device(
    *,
    site: Any,
    code: str,
    name: str,
    kind: str,
    report_interval_s: int,
    actor: Any | None,
    now: datetime,
    person: Any | None = None,
    anchor: Any | None = None,
) -> tuple[Device, str]:
    """This function will register a device and return it with its broker password, which is shown this once.

    The database keeps mosquitto's hash of it; after the commit the broker's files are written anew. Raises
    DeviceRefused for a bad or taken code, kind or interval, or a wearer or place of another site.
    """
    check_code(code)
    if kind not in Device.Kind.values:
        raise DeviceRefused(f"{kind!r} is not a kind of device: {', '.join(Device.Kind.values)}.")
    if not 1 <= report_interval_s <= 86_400:
        raise DeviceRefused(f"A report interval is 1 to 86400 s, not {report_interval_s}.")
    if Device.objects.filter(code=code).exists():
        raise DeviceRefused(f"The code {code} is taken; device codes are the broker's user names.")
    for what, row in (("person", person), ("place", anchor)):
        if row is not None and row.site_id != site.pk:
            raise DeviceRefused(f"The {what} given belongs to another site.")
    password = new_password()
    device = Device.objects.create(
        organisation=site.organisation,
        site=site,
        code=code,
        name=name,
        kind=kind,
        person=person,
        anchor=anchor,
        credential_hash=broker_hash(password),
        report_interval_s=report_interval_s,
    )
    _record(device, actor, now, "register_device", {"code": code, "kind": kind})
    _renew_broker_files_after_commit()
    return device, password


@transaction.atomic
def renew_password(*, device: Device, actor: Any | None, now: datetime) -> str:
    """This function will give a device a new broker password and return it; the old one ends at once."""
    password = new_password()
    device.credential_hash = broker_hash(password)
    device.save(update_fields=["credential_hash"])
    _record(device, actor, now, "renew_device_password", {"code": device.code})
    _renew_broker_files_after_commit()
    return password


@transaction.atomic
def retire_device(*, device: Device, actor: Any | None, now: datetime) -> None:
    """This function will take a device out of use: it can no longer connect, what it reported stays."""
    device.active = False
    device.save(update_fields=["active"])
    _record(device, actor, now, "retire_device", {"code": device.code})
    _renew_broker_files_after_commit()


def write_broker_credentials(*, folder: Path | None = None) -> int:
    """This function will write the broker's password and access files and return how many devices they name.

    `folder` defaults to the instance's secrets folder.
    """
    return broker_files.write_broker_files(folder or Path(settings.TWINWALL_SECRETS_DIR))


def keep_refused_message(
    *, topic: str, device_code: str, site: Any | None, payload: bytes, reason: str, received_at: datetime
) -> RefusedMessage:
    """This function will keep a message that could not be used, with the reason and its first 4 KiB."""
    return RefusedMessage.objects.create(
        topic=topic.replace("\0", "?")[:200],
        device_code=device_code.replace("\0", "?")[:40],
        site=site,
        payload=payload[:MAX_REFUSED_PAYLOAD_BYTES],
        reason=reason.replace("\0", "?")[:300],
        received_at=received_at,
    )


def _record(device: Device, actor: Any | None, now: datetime, verb: str, details: dict[str, Any]) -> None:
    record_act(
        organisation=device.organisation,
        site=device.site,
        actor=actor,
        verb=verb,
        subject_kind="device",
        subject_id=device.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )


def _renew_broker_files_after_commit() -> None:
    """Write the files once per transaction, however many devices it registers."""
    connection = transaction.get_connection()
    if any(getattr(entry[1], "_renews_broker_files", False) for entry in connection.run_on_commit):
        return

    def renew() -> None:
        write_broker_credentials()

    renew._renews_broker_files = True  # type: ignore[attr-defined]
    transaction.on_commit(renew, robust=True)
