"""Uploads that wait for a worker, and what a killed worker has left."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from bim import queries
from bim.import_locks import site_import_lock
from bim.models import Element, Revision
from bim.operations import import_file, requeue_interrupted, run_revision
from spatial.media import blob_path, store_blob
from spatial.places.models import Site, SiteMap

from .uploading import upload

pytestmark = pytest.mark.django_db


def test_an_upload_waits_and_a_worker_imports_it_once(building: Path, site: Site) -> None:
    revision = upload(building, site)
    assert (revision.state, revision.number, revision.file_bytes) == ("queued", 1, building.stat().st_size)
    assert upload(building, site) == revision, "a second click queues nothing twice"
    assert requeue_interrupted() == [revision.pk]
    done = run_revision(revision_id=revision.pk)
    assert done is not None
    done.refresh_from_db()
    assert (done.state, done.stage, done.progress) == ("imported", "done", 100.0)
    assert done.verdict["meshed"] == 4
    assert run_revision(revision_id=revision.pk) is None
    assert requeue_interrupted() == []
    assert upload(building, site) == revision


def test_a_revision_whose_worker_was_killed_is_taken_up_again(building: Path, site: Site) -> None:
    revision = upload(building, site)
    Revision.objects.filter(pk=revision.pk).update(state="running", stage="mesh", progress=40)
    assert requeue_interrupted() == [revision.pk]
    run_revision(revision_id=revision.pk)
    revision.refresh_from_db()
    assert revision.state == "imported" and revision.elements.count() == 10


def test_a_refused_upload_keeps_its_verdict_but_not_its_file(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "cut.ifc"
    path.write_bytes(b"ISO-10303-21;\nHEADER;\n")
    revision = upload(path, site)
    run_revision(revision_id=revision.pk)
    revision.refresh_from_db()
    assert revision.state == "refused"
    assert revision.verdict["reason"] == "The file is cut off: it ends at line 3 without END-ISO-10303-21;."
    assert not blob_path(revision.file_sha256).exists()
    assert Element.objects.count() == 0 and not queries.tileset_folder(revision.pk).exists()


def test_evidence_uploaded_again_as_a_model_outlives_the_refusal(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "photo.ifc"
    path.write_bytes(b"\xff\xd8\xff the very bytes of a photo")
    with path.open("rb") as content:
        sha256 = store_blob(content)
    plan = SiteMap.objects.create(
        site=site, organisation=site.organisation, name="总平面", source_sha256="0" * 64, image_sha256=sha256,
        width_px=1, height_px=1, residual_rms_m=0.0, outline=site.boundary, valid_from=timezone.now(),
    )  # fmt: skip
    revision = upload(path, site)
    run_revision(revision_id=revision.pk)
    revision.refresh_from_db()
    assert revision.state == "refused"
    assert blob_path(sha256).read_bytes() == path.read_bytes()
    plan.delete()
    again = upload(path, site)
    run_revision(revision_id=again.pk)
    assert again.pk != revision.pk and not blob_path(sha256).exists()


def test_an_upload_whose_stored_file_is_gone_gets_an_answer_and_does_not_run_for_ever(
    building: Path, site: Site
) -> None:
    revision = upload(building, site)
    blob_path(revision.file_sha256).unlink()
    run_revision(revision_id=revision.pk)
    revision.refresh_from_db()
    assert revision.state == "refused" and revision.verdict["reason"]
    assert requeue_interrupted() == []


def test_what_a_worker_killed_between_tiles_and_rows_has_left_does_not_stop_the_next_start(
    building: Path, site: Site
) -> None:
    revision = upload(building, site)
    left = queries.tileset_folder(revision.pk)
    left.mkdir(parents=True)
    (left / "old.glb").write_bytes(b"old")
    run_revision(revision_id=revision.pk)
    revision.refresh_from_db()
    assert revision.state == "imported" and (left / "tileset.json").is_file() and not (left / "old.glb").exists()


def test_the_time_that_an_import_waits_for_its_turn_is_not_its_own(building: Path, site: Site) -> None:
    began = threading.Event()

    def hold() -> None:
        with connections["default"].cursor() as cursor, site_import_lock(site.code):
            began.set()
            while True:  # until the other side waits for the lock
                cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                if cursor.fetchone()[0]:
                    break
            cursor.execute("SELECT pg_sleep(3)")
        connections["default"].close()

    holder = threading.Thread(target=hold)
    holder.start()
    began.wait(30)
    started = time.monotonic()
    verdict = import_file(path=building, site_code=site.code, limit_s=60)
    holder.join()
    assert verdict["verdict"] == "imported" and verdict["seconds"] <= time.monotonic() - started - 3
