"""Import models: queue, run, cancel, and take up again what a killed worker left."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from spatial.ledger.operations import record_act
from spatial.media import blob_path, drop_blob, store_blob
from spatial.places.models import Site

from . import queries
from .committing import AlreadyImported, commit_import, next_number
from .ifc.refusal import Refusal
from .import_limits import limits_or_settings, seconds_or_settings
from .import_locks import one_upload_at_a_time, site_import_lock, site_import_turn
from .models import Model, Revision
from .pipeline.limits import Limits
from .pipeline.mesh_cache import lay_out
from .pipeline.supervise import Cancelled, Progress, Watch, run_pipeline
from .progress import RowProgress, message_of, publish
from .site_of_import import context_of
from .tilesets import sweep_tilesets
from .unused_placements import withdraw_if_unused
from .verdicts import Verdict, refusal_verdict, verdict_of_row
from .waking import wake_worker
from .work_folders import sweep_work_folders, work_folder

TASK = "bim.import_revision"
MOST_STARTS = 3
"""How often an import is begun: a model whose worker is killed each time must not kill workers for ever."""
_log = logging.getLogger(__name__)


def import_file(
    *,
    path: Path,
    site_code: str,
    model_name: str = "",
    limit_s: float | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    actor: Any | None = None,
    limits: Limits | None = None,
) -> Verdict:
    """This function will import a file in the foreground and return its verdict; a refused one leaves nothing.

    The same name on the site is a new revision of that model; a file that the site has imported before gives its
    earlier verdict again; an unknown site is created.
    """
    started = time.monotonic()
    path = path.resolve()
    try:
        sha256 = _hash_of(path)
    except OSError as error:
        return refusal_verdict(f"The file cannot be read: {error.strerror or error}.", time.monotonic() - started)
    name = (model_name.strip() or path.stem)[:200]
    try:
        return _import_now(
            path, sha256, site_code, name, seconds_or_settings(limit_s), on_progress, actor, limits_or_settings(limits)
        )
    finally:
        if (site := Site.objects.filter(code=site_code).first()) is not None:
            _wake_next(site)


def _import_now(
    path: Path, sha256: str, site_code: str, name: str, limit_s: float, on_progress: Callable[[Progress], None],
    actor: Any | None, limits: Limits,
) -> Verdict:  # fmt: skip
    with site_import_lock(site_code), work_folder() as folder:
        started = time.monotonic()
        site = Site.objects.filter(code=site_code).first()
        if site is not None and (earlier := queries.same_file(site, sha256)) is not None:
            return verdict_of_row(earlier.verdict or {})
        watch = Watch(limit_s=limit_s, on_progress=on_progress, limits=limits, started=started)
        model = Model.objects.filter(site=site, name=name).first() if site is not None else None
        placed = queries.hand_placement_of(model)
        _give_earlier_meshes(model, folder)
        try:
            result = run_pipeline(path, folder, context_of(site, placed), watch)
        except Refusal as refusal:
            return refusal_verdict(refusal.reason, time.monotonic() - started)
        with path.open("rb") as content:
            stored = store_blob(content)
        if stored != sha256:
            _forget_blob(stored)
            return refusal_verdict("The file changed while it was imported.", time.monotonic() - started)
        revision = Revision(file_name=path.name[:255], file_sha256=sha256, file_bytes=path.stat().st_size)
        revision.uploaded_by, revision.hand_placement = actor, placed
        try:
            return commit_import(
                revision=revision, site=site, site_code=site_code, model_name=name, result=result, folder=folder,
                started=started, actor=actor, now=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:  # what the child left does not fit together
            _forget_blob(sha256)
            return refusal_verdict(refusal.reason, time.monotonic() - started)
        except BaseException:
            _forget_blob(sha256)
            raise


def _give_earlier_meshes(model: Model | None, folder: Path) -> None:
    """Lay the meshes of the model's newest revision into the work folder: only new shapes are meshed."""
    if model is not None and (revision := queries.current_revision(model)) is not None:
        lay_out(queries.mesh_cache_file(revision.id), folder)


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _forget_blob(sha256: str) -> None:
    """Remove a stored file that no revision names."""
    if not Revision.objects.filter(file_sha256=sha256).exists():
        drop_blob(sha256, besides=Revision)


def queue_revision(
    *, site: Site, content: BinaryIO, file_name: str, model_name: str = "", actor: Any | None, now: datetime
) -> Revision:
    """This function will store an uploaded file and queue its import; a file that the site has imported before gives
    that revision again and costs nothing."""
    sha256 = store_blob(content)
    size = blob_path(sha256).stat().st_size
    with transaction.atomic():
        one_upload_at_a_time(site.code)
        if (earlier := queries.same_file(site, sha256)) is not None:
            return earlier
        waiting = queries.unfinished_revisions().filter(site=site, file_sha256=sha256).first()
        if waiting is not None:
            return waiting
        name = (model_name.strip() or Path(file_name).stem)[:200]
        model, _ = Model.objects.get_or_create(site=site, name=name, defaults={"organisation_id": site.organisation_id})
        revision = Revision.objects.create(
            organisation_id=site.organisation_id, site=site, model=model, number=next_number(model),
            file_name=Path(file_name).name[:255], file_sha256=sha256, file_bytes=size, uploaded_by=actor,
        )  # fmt: skip
        record_act(
            organisation=site.organisation, site=site, actor=actor, verb="upload_model", subject_kind="revision",
            subject_id=revision.pk, details={"model": name, "file_name": revision.file_name, "file_sha256": sha256},
            occurred_at=now, received_at=now,
        )  # fmt: skip
        transaction.on_commit(lambda: send_task(revision.pk), robust=True)
    return revision


def send_task(revision_id: UUID) -> None:
    """Wake a worker; without a broker the revision waits for the next worker's start."""
    wake_worker(TASK, revision_id)


def run_revision(*, revision_id: UUID, limit_s: float | None = None, limits: Limits | None = None) -> Revision | None:
    """This function will import a queued revision, after what waits on its site since longer.

    Returns None where it is finished or where another process imports on the site: that one takes it up at its end.
    A refusal is kept on the revision (it is the page's answer to the upload); the file and all else are dropped.
    """
    asked = queries.unfinished_revisions().select_related("site").filter(pk=revision_id).first()
    if asked is None:
        return None
    done = None
    with site_import_turn(asked.site.code) as mine:
        if not mine:
            return None
        while (revision := queries.next_in_turn(asked)) is not None:
            done = _run_claimed(revision, seconds_or_settings(limit_s), limits_or_settings(limits))
    _wake_next(asked.site)
    return done if done is not None and done.pk == asked.pk else None


def _wake_next(site: Site) -> None:
    """Let a worker take up what came in while an import of the site ran."""
    if (waiting := queries.unfinished_revisions().filter(site=site).first()) is not None:
        send_task(waiting.pk)


def _run_claimed(revision: Revision, limit_s: float, limits: Limits) -> Revision:
    started = time.monotonic()
    progress = RowProgress(revision)
    revision.state, revision.started_at = Revision.State.RUNNING, timezone.now()
    revision.starts += 1
    revision.save(update_fields=["state", "started_at", "starts"])
    watch = Watch(limit_s, progress.report, progress.is_cancelled, limits, started)
    try:
        if revision.starts > MOST_STARTS:
            raise Refusal(f"The import was begun {MOST_STARTS} times, and each time its worker was killed.")
        with work_folder() as folder:
            source = blob_path(revision.file_sha256)
            _give_earlier_meshes(revision.model, folder)
            revision.hand_placement = queries.hand_placement_of(revision.model)
            result = run_pipeline(source, folder, context_of(revision.site, revision.hand_placement), watch)
            commit_import(
                revision=revision, site=revision.site, site_code=revision.site.code, model_name=revision.model.name,
                result=result, folder=folder, started=started, actor=revision.uploaded_by, now=timezone.now(),
            )  # fmt: skip
    except Refusal as refusal:
        _end(revision, Revision.State.REFUSED, refusal_verdict(refusal.reason, time.monotonic() - started))
    except Cancelled:
        _end(revision, Revision.State.CANCELLED, None)
    except AlreadyImported:
        return Revision.objects.select_related("site", "model").get(pk=revision.pk)
    except Exception as error:  # never leave a revision running for ever: the page must get an answer
        _log.exception("The import %s failed.", revision.pk)
        reason = f"The import failed by an error of ours ({type(error).__name__}); it is in the worker's log."
        _end(revision, Revision.State.REFUSED, refusal_verdict(reason, time.monotonic() - started))
    publish(revision.site_id, message_of(revision))
    return revision


def _end(revision: Revision, state: str, verdict: Verdict | None) -> None:
    now = timezone.now()
    with transaction.atomic():
        revision.state, revision.verdict, revision.finished_at = state, verdict, now
        revision.seconds_left = None
        revision.save(update_fields=["state", "verdict", "finished_at", "seconds_left"])
        record_act(
            organisation=revision.site.organisation, site=revision.site, actor=revision.uploaded_by,
            verb=f"{state}_model", subject_kind="revision", subject_id=revision.pk,
            details={"reason": verdict["reason"] if verdict else None}, occurred_at=now, received_at=now,
        )  # fmt: skip
        withdraw_if_unused(revision=revision, actor=revision.uploaded_by, now=now)
    _drop_unwanted_file(revision)


def _drop_unwanted_file(revision: Revision) -> None:
    """Remove the stored file of a revision that came to nothing, unless something else lives by the same bytes."""
    others = Revision.objects.filter(file_sha256=revision.file_sha256).exclude(pk=revision.pk)
    if not others.exclude(state__in=[Revision.State.REFUSED, Revision.State.CANCELLED]).exists():
        drop_blob(revision.file_sha256, besides=Revision)


@transaction.atomic
def cancel_revision(*, revision: Revision, actor: Any | None, now: datetime) -> Revision:
    """This function will stop an import that waits or runs; one that is finished stays as it is."""
    row = Revision.objects.select_for_update().get(pk=revision.pk)
    if row.state not in (Revision.State.QUEUED, Revision.State.RUNNING):
        return row
    row.cancel_requested = True
    if row.state == Revision.State.QUEUED:
        row.state, row.finished_at = Revision.State.CANCELLED, now
        transaction.on_commit(lambda: _drop_unwanted_file(row), robust=True)
        withdraw_if_unused(revision=row, actor=actor, now=now)
    row.save(update_fields=["cancel_requested", "state", "finished_at"])
    record_act(
        organisation=row.site.organisation, site=row.site, actor=actor, verb="cancel_model",
        subject_kind="revision", subject_id=row.pk, details={}, occurred_at=now, received_at=now,
    )  # fmt: skip
    return row


def requeue_interrupted() -> list[UUID]:
    """This function will queue again every import that waits or was running when its worker died; returns their ids.

    Called when a worker starts and every minute. One that another process still has is left alone, as are its site's
    next ones. Work folders and tilesets of killed workers are removed.
    """
    sweep_work_folders()
    sweep_tilesets()
    ids = list(queries.unfinished_revisions().values_list("pk", flat=True))
    for revision_id in ids:
        send_task(revision_id)
    return ids
