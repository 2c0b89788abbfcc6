"""Register devices, change them, take them out of use, and keep what the broker knows of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from spatial.devices import broker_files
from spatial.devices.kinds import catalogue
from spatial.devices.models import AddOn, Device, RefusedMessage
from spatial.devices.rules import (
    TERMINAL_REGISTRATION,
    DeviceFacts,
    DeviceRefused,
    bare_terminal_number,
    broker_hash,
    check_code,
    check_facts,
    new_password,
)
from spatial.ledger.operations import record_act
from spatial.places.operations import move_anchor, place_anchor

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
    facts: DeviceFacts | None = None,
    add_ons: Sequence[str] | None = None,
) -> tuple[Device, str]:
    """This function will register a device and return it with its broker password, which is shown this once.

    The database keeps mosquitto's hash of it; after the commit the broker's files are written anew. Without
    `add_ons` the device has those that its kind is fitted with. Raises DeviceRefused for a bad or taken code, kind,
    interval or fact, or a wearer or place of another site.
    """
    facts = facts or DeviceFacts()
    check_code(code)
    _check(name, kind, report_interval_s, facts)
    if Device.objects.filter(code=code).exists():
        raise DeviceRefused(f"The code {code} is taken; device codes are the broker's user names.")
    for what, row in (("person", person), ("place", anchor)):
        if row is not None and row.site_id != site.pk:
            raise DeviceRefused(f"The {what} given belongs to another site.")
    _check_unique(facts, besides=None)
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
        **asdict(facts) | {"terminal_number": bare_terminal_number(facts.terminal_number)},
    )
    _fit(device, catalogue().kinds[kind].fitted if add_ons is None else add_ons)
    record_device_act(device, actor, now, "register_device", {"code": code, "kind": kind})
    _renew_broker_files_after_commit()
    return device, password


@transaction.atomic
def revise_device(
    *,
    device: Device,
    name: str,
    report_interval_s: int,
    facts: DeviceFacts,
    actor: Any | None,
    now: datetime,
) -> bool:
    """This function will change what is known of a device and tell whether anything changed. Raises DeviceRefused."""
    _check(name, device.kind, report_interval_s, facts)
    _check_unique(facts, besides=device)
    wanted = {"name": name, "report_interval_s": report_interval_s, **asdict(facts)}
    wanted["terminal_number"] = bare_terminal_number(facts.terminal_number)
    changed = {field: value for field, value in wanted.items() if getattr(device, field) != value}
    if not changed:
        return False
    before = {field: getattr(device, field) for field in changed}
    for field, value in changed.items():
        setattr(device, field, value)
    device.save(update_fields=list(changed))
    details = {"code": device.code, "from": before, "to": changed}
    record_device_act(device, actor, now, "revise_device", details)
    return True


@transaction.atomic
def place_device(
    *, device: Device, actor: Any | None, now: datetime, geometry: Any | None = None, **place: Any
) -> Device:
    """This function will say where a fixed device stands; `place` is what `place_anchor` takes (longitude, latitude
    and height, or an element). Raises PlaceRefused."""
    fresh = place_anchor(site=device.site, geometry=geometry, **place)
    if device.anchor is None:
        device.anchor = fresh
        device.save(update_fields=["anchor"])
        record_device_act(device, actor, now, "place_device", {"code": device.code, "at": fresh.geometry.ewkt})
        return device
    on_element = {"element_global_id": fresh.element_global_id, "element_name": fresh.element_name}
    details = {"code": device.code, "device": str(device.pk)}
    move_anchor(
        anchor=device.anchor, geometry=fresh.geometry, **on_element,
        verb="place_device", details=details, actor=actor, now=now,
    )  # fmt: skip
    fresh.delete()
    return device


@transaction.atomic
def renew_password(*, device: Device, actor: Any | None, now: datetime) -> str:
    """This function will give a device a new broker password and return it; the old one ends at once."""
    password = _give_password(device)
    record_device_act(device, actor, now, "renew_device_password", {"code": device.code})
    return password


@transaction.atomic
def let_terminal_register(*, device: Device, actor: Any | None, now: datetime) -> Device:
    """This function will let a JT/T 808 terminal fetch a new authentication code within a day. Raises DeviceRefused."""
    if device.protocol != Device.Protocol.JT808 or not device.active:
        raise DeviceRefused(f"{device.code} is no JT/T 808 terminal in use; only such a one registers by itself.")
    device.may_register_until = now + TERMINAL_REGISTRATION
    device.save(update_fields=["may_register_until"])
    details = {"code": device.code, "until": device.may_register_until.isoformat()}
    record_device_act(device, actor, now, "let_terminal_register", details)
    return device


@transaction.atomic
def register_terminal(*, device: Device, now: datetime) -> str | None:
    """This function will give a terminal that registers itself its authentication code, or None when it may not."""
    device = Device.objects.select_for_update(of=("self",)).select_related("site", "organisation").get(pk=device.pk)
    if device.may_register_until is None or now > device.may_register_until:
        return None
    code = _give_password(device)
    device.may_register_until = None
    device.save(update_fields=["may_register_until"])
    record_device_act(device, None, now, "register_terminal", {"code": device.code})
    return code


@transaction.atomic
def retire_device(*, device: Device, actor: Any | None, now: datetime) -> None:
    """This function will take a device out of use: it can no longer connect, what it reported stays."""
    device.active, device.retired_at = False, now
    device.save(update_fields=["active", "retired_at"])
    record_device_act(device, actor, now, "retire_device", {"code": device.code})
    _renew_broker_files_after_commit()


@transaction.atomic
def move_to_site(*, device: Device, site: Any, actor: Any | None, now: datetime) -> str:
    """This function will move a device to another site and return its new password.

    Wearer, place, mapping and datastreams stay behind; what it reported stays with the site it was on. An act is
    written on both sites. Raises DeviceRefused.
    """
    if site.pk == device.site_id:
        raise DeviceRefused(f"{device.code} is on site {site.code} already.")
    if not device.active:
        raise DeviceRefused(f"{device.code} is out of use; register it anew on site {site.code}.")
    if device.person_id is not None:
        raise DeviceRefused(f"{device.code} is with {device.person}; let it be returned first.")
    details = {"code": device.code, "from": device.site.code, "to": site.code}
    record_device_act(device, actor, now, "transfer_device", details)
    device.datastreams.all().delete()
    device.bound_datastreams.all().delete()
    device.site, device.organisation = site, site.organisation
    device.anchor = device.mapping = None
    device.save(update_fields=["site", "organisation", "anchor", "mapping"])
    for rows in (device.add_ons, device.calibrations, device.papers):
        rows.update(site=site, organisation=site.organisation)
    record_device_act(device, actor, now, "receive_device", details)
    return _give_password(device)


def write_broker_credentials(*, folder: Path | None = None) -> int:
    """This function will write the broker's password and access files and return how many devices they name.

    `folder` defaults to the instance's secrets folder.
    """
    return broker_files.write_broker_files(folder or Path(settings.TWINWALL_SECRETS_DIR))


@dataclass(frozen=True, slots=True)
class RefusedDraft:
    """A message that could not be used, before it is kept."""

    topic: str
    device_code: str
    site_id: UUID | None
    payload: bytes
    reason: str
    received_at: datetime

    def row(self) -> RefusedMessage:
        """Return it as it is kept: texts that the database takes, and the first 4 KiB."""
        return RefusedMessage(
            topic=_storable(self.topic)[:200],
            device_code=_storable(self.device_code)[:40],
            site_id=self.site_id,
            payload=self.payload[:MAX_REFUSED_PAYLOAD_BYTES],
            reason=_storable(self.reason)[:300],
            received_at=self.received_at,
        )


def _storable(text: str) -> str:
    """Return text without what no database takes: NUL, and halves of surrogate pairs, which JSON can spell."""
    return text.replace("\0", "?").encode("utf-8", "replace").decode()


def keep_refused_message(
    *, topic: str, device_code: str, site: Any | None, payload: bytes, reason: str, received_at: datetime
) -> RefusedMessage:
    """This function will keep a message that could not be used, with the reason and its first 4 KiB."""
    row = RefusedDraft(topic, device_code, site.pk if site else None, payload, reason, received_at).row()
    row.save(force_insert=True)
    return row


@transaction.atomic
def keep_refused_messages(*, drafts: Sequence[RefusedDraft], repeats: Mapping[int, tuple[int, datetime]]) -> list[int]:
    """This function will keep messages that could not be used, with the first 4 KiB of each, and return their row
    ids; `repeats` adds to rows how many more came like them, and when the last."""
    for row_id, (more, last_at) in sorted(repeats.items()):
        RefusedMessage.objects.filter(pk=row_id).update(repeats=F("repeats") + more, last_received_at=last_at)
    return [row.pk for row in RefusedMessage.objects.bulk_create(draft.row() for draft in drafts)]


def record_device_act(device: Device, actor: Any | None, now: datetime, verb: str, details: dict[str, Any]) -> None:
    """This function will write an act about a device into the ledger."""
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


def _check(name: str, kind: str, report_interval_s: int, facts: DeviceFacts) -> None:
    if kind not in Device.Kind.values:
        raise DeviceRefused(f"{kind!r} is not a kind of device: {', '.join(Device.Kind.values)}.")
    if not 1 <= len(name.strip()) <= 120:
        raise DeviceRefused("name: 1 to 120 characters.")
    if not 1 <= report_interval_s <= 86_400:
        raise DeviceRefused(f"A report interval is 1 to 86400 s, not {report_interval_s}.")
    if facts.protocol not in Device.Protocol.values:
        raise DeviceRefused(f"protocol: {facts.protocol!r} is none of {', '.join(Device.Protocol.values)}.")
    if facts.datum not in Device.Datum.values:
        raise DeviceRefused(f"datum: {facts.datum!r} is none of {', '.join(Device.Datum.values)}.")
    check_facts(facts)


def _check_unique(facts: DeviceFacts, *, besides: Device | None) -> None:
    others = Device.objects.exclude(pk=besides.pk) if besides else Device.objects.all()
    number = bare_terminal_number(facts.terminal_number)
    if number and others.filter(terminal_number=number).exists():
        raise DeviceRefused(f"terminal_number: {number} belongs to another device of this Twinwall.")
    if facts.serial_number and others.filter(maker=facts.maker, serial_number=facts.serial_number).exists():
        raise DeviceRefused(f"serial_number: {facts.maker} {facts.serial_number} is registered already.")


def _fit(device: Device, kinds: Sequence[str]) -> None:
    held = catalogue()
    for kind in kinds:
        if kind not in held.kinds[device.kind].add_ons:
            allowed = ", ".join(held.kinds[device.kind].add_ons)
            raise DeviceRefused(f"add_ons: a {device.kind} carries none of kind {kind!r}, but {allowed}.")
    AddOn.objects.bulk_create(
        AddOn(
            organisation=device.organisation, site=device.site, device=device, kind=kind,
            quantity=measured.quantity if measured else "", unit=measured.unit if measured else "",
        )
        for kind in dict.fromkeys(kinds)
        for measured in held.add_ons[kind].quantities or (None,)
    )  # fmt: skip


def _give_password(device: Device) -> str:
    password = new_password()
    device.credential_hash = broker_hash(password)
    device.save(update_fields=["credential_hash"])
    _renew_broker_files_after_commit()
    return password


def _renew_broker_files_after_commit() -> None:
    """Write the files once per transaction, however many devices it registers."""
    connection = transaction.get_connection()
    if any(getattr(entry[1], "_renews_broker_files", False) for entry in connection.run_on_commit):
        return

    def renew() -> None:
        write_broker_credentials()

    renew._renews_broker_files = True  # type: ignore[attr-defined]
    transaction.on_commit(renew, robust=True)
