"""Check an uploaded file of held-back fixes, and take it in a worker: with progress, until somebody cancels."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import redis
import shapely
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from ingest.backfill_files import FileKind, FileRefused, LineFault
from ingest.batches import Work
from ingest.columns import microseconds, moment_of
from ingest.directory import Directory, KnownDevice
from ingest.messages import SOURCES
from ingest.posted import read_works, store_pieces
from spatial.alarms.rules import LATE_AFTER
from spatial.devices.backfills import (
    OPEN,
    begin_backfill,
    fail_backfill,
    finish_backfill,
    is_cancelled,
    note_check,
    note_progress,
)
from spatial.devices.models import BackfillFile
from spatial.media import BlobMissing, drop_blob, open_blob
from spatial.tracks.operations import taken_before

CHECK_TASK, TAKE_TASK = "ingest.check_backfill", "ingest.take_backfill"
SHOWN_FIXES = 8
KINDS: dict[str, FileKind] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".twb": "binary"}
_PROGRESS = "twinwall:backfill:%s"


class Cancelled(Exception):
    """Somebody cancelled the file while it was being taken; what is stored stays, the rest is left out."""


def check_file(file_id: UUID) -> None:
    """This function will read a file whole without storing anything, and keep what it holds or what is wrong."""
    file = BackfillFile.objects.select_related("device", "site").get(pk=file_id)
    now = timezone.now()
    try:
        works = _works(file, now)
    except FileRefused as refused:
        faults = [(fault.line, fault.reason[:300]) for fault in refused.faults]
        note_check(file_id=file_id, facts={}, faults=faults, now=now)
        forget_content(file)
        return
    except BlobMissing:
        fail_backfill(file_id=file_id, reason="The uploaded file is gone; upload it again.", now=now)
        return
    note_check(file_id=file_id, facts=facts_of(works, file.site, now), faults=[], now=now)


def take_confirmed_file(file_id: UUID) -> None:
    """This function will take a confirmed file in pieces, so that no live alarm waits for it; killed, it goes on.

    Two workers with the same file: the second one finds it locked and leaves it.
    """
    if not begin_backfill(file_id=file_id):
        return
    file = BackfillFile.objects.select_related("device", "site").get(pk=file_id)
    try:
        _take(file)
    except Cancelled:
        pass
    except (FileRefused, BlobMissing) as error:
        fail_backfill(file_id=file_id, reason=str(error), now=timezone.now())
    finally:
        _redis().delete(_PROGRESS % file_id)
        forget_content(file)


def forget_content(file: BackfillFile) -> None:
    """This function will remove the bytes of a file that is no longer on its way, unless another one needs them."""
    if not BackfillFile.objects.filter(sha256=file.sha256, state__in=OPEN).exists():
        drop_blob(file.sha256, besides=BackfillFile)


@contextmanager
def _alone(file_id: UUID) -> Iterator[None]:
    """Hold a lock of this connection, so that two workers never take one file; it ends with the worker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 808))", [str(file_id)])
        if not cursor.fetchone()[0]:
            raise Cancelled
    try:
        yield
    finally:
        with suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 808))", [str(file_id)])


def _take(file: BackfillFile) -> None:
    with _alone(file.pk):
        _take_alone(file)


def _take_alone(file: BackfillFile) -> None:
    now = timezone.now()
    works = _works(file, now)
    total = sum(len(work.received.placed) for work in works)

    def progress(done: int) -> None:
        note_progress(file_id=file.pk, stored=done)
        if is_cancelled(file.pk):
            raise Cancelled
        _redis().set(_PROGRESS % file.pk, json.dumps({"done": done, "total": total}), ex=3600)

    answer = store_pieces(works, now, progress)
    if not finish_backfill(file_id=file.pk, taken=answer.taken, duplicate=answer.duplicate, now=timezone.now()):
        raise Cancelled


def progress_of(file_id: UUID) -> dict[str, int]:
    """Return how many fixes of a file are stored already and how many it has; empty when that is not known."""
    try:
        held = _redis().get(_PROGRESS % file_id)
    except redis.RedisError:
        return {}
    return dict(json.loads(held)) if held else {}


def facts_of(works: Sequence[Work], site: Any, now: datetime) -> dict[str, Any]:
    """Return what a file holds: how many fixes, from when to when, where, and which were taken before."""
    rows = np.concatenate([work.received.placed for work in works])
    times = rows["time_us"]
    known = taken_before(keys=[work.key for work in works])
    inside = len(rows)
    if site.boundary is not None:
        outline = shapely.from_wkb(bytes(site.boundary.wkb))
        inside = int(np.count_nonzero(shapely.contains_xy(outline, rows["lon"], rows["lat"])))
    order = np.argsort(times, kind="stable")
    return {
        "fixes": len(rows),
        "known": sum(len(work.received.placed) for work in works if work.key in known),
        "first": moment_of(times[order[0]]).isoformat(),
        "last": moment_of(times[order[-1]]).isoformat(),
        "late": int(np.count_nonzero(times < microseconds(now - LATE_AFTER))),
        "outside": len(rows) - inside,
        "shown": [_shown(rows[index]) for index in order[:SHOWN_FIXES]],
    }


def _shown(row: Any) -> dict[str, Any]:
    return {
        "at": moment_of(row["time_us"]).isoformat(),
        "lon": round(float(row["lon"]), 7),
        "lat": round(float(row["lat"]), 7),
        "h": None if np.isnan(row["height_m"]) else round(float(row["height_m"]), 2),
        "acc": round(float(row["accuracy_m"]), 2),
        "source": SOURCES[int(row["source"])],
    }


def _works(file: BackfillFile, now: datetime) -> list[Work]:
    with open_blob(file.sha256) as blob:
        content = blob.read()
    sender: KnownDevice | None = Directory(time.monotonic).devices([file.device.code]).get(file.device.code)
    if sender is None or sender.site_id != file.site_id:
        raise FileRefused([LineFault(1, "the device is out of use, or was moved to another site")])
    kind: FileKind = file.kind  # type: ignore[assignment]
    return read_works(sender=sender, content=content, kind=kind, frame=file.frame, now=now)


def _redis() -> Any:
    return redis.Redis.from_url(settings.TWINWALL_REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
