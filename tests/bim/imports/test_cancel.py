"""Imports that are cancelled, waiting or under way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db.models.signals import post_save
from django.utils import timezone

from bim import queries
from bim.models import Element, Revision
from bim.operations import cancel_revision, run_revision
from spatial.media import blob_path
from spatial.places.models import Site

from .uploading import upload

pytestmark = pytest.mark.django_db


def test_a_waiting_upload_is_cancelled_at_once_and_a_finished_one_stays(building: Path, site: Site) -> None:
    revision = upload(building, site)
    assert cancel_revision(revision=revision, actor=None, now=timezone.now()).state == "cancelled"
    assert run_revision(revision_id=revision.pk) is None
    second = upload(building, site)
    assert second.number == 2
    run_revision(revision_id=second.pk)
    assert cancel_revision(revision=second, actor=None, now=timezone.now()).state == "imported"


def test_a_running_import_that_is_cancelled_stops_and_leaves_no_elements(building: Path, site: Site) -> None:
    revision = upload(building, site)
    Revision.objects.filter(pk=revision.pk).update(state="running", cancel_requested=True)
    run_revision(revision_id=revision.pk)
    revision.refresh_from_db()
    assert (revision.state, revision.verdict) == ("cancelled", None)
    assert Element.objects.count() == 0 and not queries.tileset_folder(revision.pk).exists()


@pytest.mark.parametrize("stage", ["check", "read", "mesh", "footprints", "tiles"])
def test_a_cancel_in_any_stage_is_kept_also_where_the_child_has_ended_before_it_was_heard(
    stage: str, building: Path, site: Site
) -> None:
    revision = upload(building, site)
    asked: list[str] = []

    def cancel(sender: Any, instance: Revision, update_fields: frozenset[str] | None, **_: Any) -> None:
        if "stage" in (update_fields or ()) and instance.stage == stage and not asked:
            asked.append(cancel_revision(revision=instance, actor=None, now=timezone.now()).state)

    post_save.connect(cancel, sender=Revision)
    try:
        run_revision(revision_id=revision.pk)
    finally:
        post_save.disconnect(cancel, sender=Revision)
    revision.refresh_from_db()
    assert (asked, revision.state, revision.verdict) == (["running"], "cancelled", None)
    assert Element.objects.count() == 0 and not queries.tileset_folder(revision.pk).exists()
    assert not blob_path(revision.file_sha256).exists()
