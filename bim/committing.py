"""Commit an import: its rows, tiles and meshes, the act and the event, in one transaction."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event
from spatial.places.models import Site

from . import queries
from .element_rows import copy_elements, write_storeys
from .import_locks import lock_tileset
from .models import Model, Revision
from .moved_storeys import move_place_storeys
from .pipeline.mesh_cache import take_cache
from .pipeline.supervise import Cancelled
from .signals import revision_committed
from .site_of_import import create_site_for_model, keep_place_storeys
from .verdicts import IMPORTED, IMPORTED_WITH_GAPS, Verdict, verdict_of_result
from .work_folders import tiles_in_place

_log = logging.getLogger(__name__)


def commit_import(
    *,
    revision: Revision,
    site: Site | None,
    site_code: str,
    model_name: str,
    result: dict[str, Any],
    folder: Path,
    started: float,
    actor: Any | None,
    now: datetime,
) -> Verdict:
    """This function will write everything of an import in one transaction, its tiles in place, and return the verdict.

    Raises Cancelled where someone has asked for it and AlreadyImported where another process was first; leaves nothing
    behind on any error.
    """
    tiles = queries.tileset_folder(revision.id)
    with transaction.atomic():
        lock_tileset(revision.id)
        if revision.model_id is not None:
            _stop_unless_wanted(revision)
        with tiles_in_place(folder, tiles):
            if site is None:
                site = create_site_for_model(code=site_code, result=result, actor=actor, now=now)
            if revision.model_id is None:
                model, _ = Model.objects.get_or_create(
                    site=site, name=model_name, defaults={"organisation_id": site.organisation_id}
                )
                revision.model, revision.site, revision.organisation_id = model, site, site.organisation_id
                revision.number = next_number(model)
            _fill(revision, result, now)
            revision.save()
            storeys = write_storeys(revision, result["storeys"])
            copy_elements(revision, folder, storeys, {gap["index"]: gap["reason"] for gap in result["gaps"]})
            move_place_storeys(revision=revision, storeys=result["storeys"], actor=actor, now=now)
            keep_place_storeys(revision=revision, storeys=result["storeys"], actor=actor, now=now)
            verdict = verdict_of_result(result, str(tiles / "tileset.json"), time.monotonic() - started)
            revision_committed.send(
                sender=Revision, revision=revision, result=result, folder=folder, actor=actor, now=now
            )
            revision.verdict = verdict
            revision.save(update_fields=["verdict"])
            _tell(revision, verdict, result["meshes"], actor, now)
    try:
        _keep_meshes(revision, folder)
    except OSError as error:  # the next import is slower, and no less right
        _log.warning("The meshes of %s could not be kept: %s.", revision.pk, error)
    return verdict


class AlreadyImported(Exception):
    """Another process has committed this revision: this one had lost its turn with its connection, and went on."""


def _stop_unless_wanted(revision: Revision) -> None:
    """Raise Cancelled where someone has asked for it, AlreadyImported where another process was first.

    From here to the end of the transaction nobody can ask.
    """
    row = Revision.objects.select_for_update().get(pk=revision.pk)
    if row.is_imported:
        raise AlreadyImported
    if row.cancel_requested:
        raise Cancelled


def next_number(model: Model) -> int:
    """Return the number of a model's next revision; the model is locked to the end of the transaction."""
    Model.objects.select_for_update().get(pk=model.pk)
    return (model.revisions.aggregate(top=Max("number"))["top"] or 0) + 1


def _fill(revision: Revision, result: dict[str, Any], now: datetime) -> None:
    revision.state = IMPORTED_WITH_GAPS if result["gaps"] else IMPORTED
    revision.stage, revision.progress, revision.seconds_left = "done", 100.0, 0.0
    revision.schema = result["schema"]
    revision.georeference = result["georeference"]
    revision.placed = bool(result["georeference"]["placed"])
    revision.tile_bytes = result["tiles"]["bytes"]
    revision.finished_at = now
    revision.started_at = revision.started_at or now


def _tell(revision: Revision, verdict: Verdict, meshes: dict[str, int], actor: Any | None, now: datetime) -> None:
    facts = {
        "model": revision.model.name, "number": revision.number, "verdict": verdict["verdict"],
        "elements": verdict["elements"], "meshed": verdict["meshed"], "gaps": len(verdict["gaps"]),
        "placed": revision.placed,
    }  # fmt: skip
    record_act(
        organisation=revision.site.organisation, site=revision.site, actor=actor, verb="import_model",
        subject_kind="revision", subject_id=revision.pk,
        details={**facts, "meshes": meshes, "file_sha256": revision.file_sha256},
        occurred_at=now, received_at=now,
    )  # fmt: skip
    payload = {"revision_id": str(revision.pk), "model_id": str(revision.model_id), **facts}
    append_event(site=revision.site, kind="model_imported", payload=payload, occurred_at=now)


def _keep_meshes(revision: Revision, folder: Path) -> None:
    """Keep the meshes of a model's newest revision, and none of its earlier ones."""
    take_cache(folder, queries.mesh_cache_file(revision.id))
    for earlier in revision.model.revisions.exclude(pk=revision.pk):
        queries.mesh_cache_file(earlier.pk).unlink(missing_ok=True)
