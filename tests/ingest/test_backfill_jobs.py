"""A file of held-back fixes in a worker: what interrupts it, and that it goes on."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from ingest import posted
from ingest.tasks import take_backfill
from spatial.devices.models import BackfillFile
from spatial.media import blob_path, store_blob
from spatial.tracks.models import Position
from tests.ingest.cast import Cast

pytestmark = pytest.mark.django_db


def confirmed(cast: Cast, fixes: int) -> BackfillFile:
    begin = timezone.now() - timedelta(seconds=fixes + 120)
    content = "\n".join(json.dumps(cast.fix(begin + timedelta(seconds=n), -50)) for n in range(fixes)).encode()
    return BackfillFile.objects.create(
        organisation_id=cast.site.organisation_id, site=cast.site, device=cast.helmet, file_name="held.jsonl",
        sha256=store_blob(BytesIO(content)), size_bytes=len(content), kind="jsonl", frame="CGCS2000",
        state=BackfillFile.State.WAITING,
    )  # fmt: skip


def test_a_database_that_is_away_between_two_pieces_interrupts_a_file_and_does_not_end_it(
    cast: Cast, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path
    file, store, pieces = confirmed(cast, 7000), posted.store, []

    def away_once(works: Any, now: Any) -> Any:
        pieces.append(len(works))
        if len(pieces) == 2:
            raise OperationalError("the connection is closed")
        return store(works, now)

    monkeypatch.setattr(posted, "store", away_once)
    take_backfill.apply(args=[str(file.pk)])
    file.refresh_from_db()
    assert (file.state, file.taken, file.duplicate) == ("done", 1000, 6000)
    assert Position.objects.count() == 7000
    assert not blob_path(file.sha256).exists()
