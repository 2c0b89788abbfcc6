"""Files of held-back fixes: how they go from upload to taken. Reading and storing them is in `ingest`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from spatial.devices.models import BackfillFile, Device
from spatial.devices.operations import record_device_act
from spatial.devices.queries import may_keep
from spatial.devices.rules import DeviceRefused

State = BackfillFile.State
OPEN = frozenset({State.CHECKING, State.READY, State.WAITING, State.RUNNING})


class BackfillForbidden(DeviceRefused):
    """The actor keeps no devices on this site."""


@transaction.atomic
def upload_backfill(
    *, device: Device, file_name: str, sha256: str, size_bytes: int, kind: str, frame: str, actor: Any, now: datetime
) -> BackfillFile:
    """This function will keep that a file was uploaded for a device; nothing of it is stored yet.

    Raises DeviceRefused for a device out of use, or when the same file is on its way already.
    """
    _check_role(actor, device.site)
    if not device.active:
        raise DeviceRefused(f"{device.code} is out of use; its file cannot be taken.")
    same = BackfillFile.objects.filter(device=device, sha256=sha256, frame=frame, state__in=OPEN)
    if same.exists():
        raise DeviceRefused(f"This file of {device.code} is on its way already; see it in the list.")
    file = BackfillFile.objects.create(
        organisation_id=device.organisation_id,
        site_id=device.site_id,
        device=device,
        file_name=file_name[-200:],
        sha256=sha256,
        size_bytes=size_bytes,
        kind=kind,
        frame=frame,
        uploaded_by=actor,
    )
    record_device_act(device, actor, now, "upload_backfill", {"file": file.file_name, "sha256": sha256})
    return file


@transaction.atomic
def note_check(*, file_id: UUID, facts: dict[str, Any], faults: Sequence[tuple[int, str]], now: datetime) -> None:
    """This function will keep what the check of a file found; a file that was cancelled meanwhile stays so."""
    file = BackfillFile.objects.select_for_update().get(pk=file_id)
    if file.state != State.CHECKING:
        return
    file.facts, file.faults = facts, [list(fault) for fault in faults]
    file.state = State.FAULTY if faults else State.READY
    file.finished_at = now if faults else None
    file.save(update_fields=["facts", "faults", "state", "finished_at"])


@transaction.atomic
def confirm_backfill(*, file: BackfillFile, actor: Any, now: datetime) -> BackfillFile:
    """This function will let a checked file be taken. Raises DeviceRefused for one that is not checked, or is taken."""
    file = BackfillFile.objects.select_for_update(of=("self",)).select_related("device__site").get(pk=file.pk)
    _check_role(actor, file.device.site)
    if file.state != State.READY:
        raise DeviceRefused(f"{file.file_name} is not waiting for a word: it is {file.state}.")
    file.state = State.WAITING
    file.save(update_fields=["state"])
    record_device_act(file.device, actor, now, "confirm_backfill", {"file": file.file_name, **_counts(file)})
    return file


@transaction.atomic
def cancel_backfill(*, file: BackfillFile, actor: Any, now: datetime) -> BackfillFile:
    """This function will cancel a file that is not taken yet; while it is being taken, the rest is left out."""
    file = BackfillFile.objects.select_for_update(of=("self",)).select_related("device__site").get(pk=file.pk)
    _check_role(actor, file.device.site)
    if file.state not in OPEN:
        raise DeviceRefused(f"{file.file_name} cannot be cancelled: it is {file.state}.")
    file.state, file.finished_at = State.CANCELLED, now
    file.save(update_fields=["state", "finished_at"])
    record_device_act(file.device, actor, now, "cancel_backfill", {"file": file.file_name})
    return file


def begin_backfill(*, file_id: UUID) -> bool:
    """This function will note that a file is being taken; False when it is not to be (cancelled, or taken)."""
    waiting = BackfillFile.objects.filter(pk=file_id, state__in=(State.WAITING, State.RUNNING))
    return bool(waiting.update(state=State.RUNNING))


def is_cancelled(file_id: UUID) -> bool:
    """Return whether somebody cancelled a file."""
    return BackfillFile.objects.filter(pk=file_id, state=State.CANCELLED).exists()


def note_progress(*, file_id: UUID, stored: int) -> None:
    """This function will note how many fixes of a file are stored by now, also those that were there before."""
    BackfillFile.objects.filter(pk=file_id).update(taken=stored)


def finish_backfill(*, file_id: UUID, taken: int, duplicate: int, now: datetime) -> bool:
    """This function will note, after its last piece, that a file was taken; False when it was cancelled."""
    file = BackfillFile.objects.select_for_update(of=("self",)).select_related("device__site").get(pk=file_id)
    if file.state != State.RUNNING:
        return False
    file.state, file.taken, file.duplicate, file.finished_at = State.DONE, taken, duplicate, now
    file.save(update_fields=["state", "taken", "duplicate", "finished_at"])
    details = {"file": file.file_name, "taken": taken, "duplicate": duplicate}
    record_device_act(file.device, file.uploaded_by, now, "take_backfill", details)
    return True


def fail_backfill(*, file_id: UUID, reason: str, now: datetime) -> None:
    """This function will note why a file was not taken."""
    rows = BackfillFile.objects.filter(pk=file_id, state__in=OPEN)
    rows.update(state=State.FAILED, reason=reason[:300], finished_at=now)


def _counts(file: BackfillFile) -> dict[str, Any]:
    return {name: file.facts[name] for name in ("fixes", "known") if name in file.facts}


def _check_role(actor: Any, site: Any) -> None:
    if actor is None or not may_keep(actor, site):
        raise BackfillForbidden("Files of devices are taken by those who keep the devices of the site.")
