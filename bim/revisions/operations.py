"""Compare a new revision with the one before it, inside its import's transaction."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from bim.models import Revision
from bim.pipeline.placing import to_grid

from . import queries
from .following import follow_anchors
from .models import ElementChange, RevisionComparison
from .rules import Change, compare
from .snapshot import Snapshot

BATCH = 5_000
SAME_PLACE_M = 0.001


def on_revision_committed(*, revision: Revision, actor: Any, now: datetime, **_: Any) -> None:
    """Compare a revision that is being imported."""
    compare_revision(revision=revision, actor=actor, now=now)


@transaction.atomic
def compare_revision(*, revision: Revision, actor: Any | None, now: datetime) -> RevisionComparison | None:
    """This function will store what a revision changed and let every anchor of the model follow its element.

    None for the first revision of a model. Anchors follow only the newest revision.
    """
    previous = queries.previous_revision(revision)
    if previous is None:
        return None
    started = time.monotonic()
    old, new = queries.read_snapshot(previous), queries.read_snapshot(revision)
    result = compare(old, new)
    ElementChange.objects.bulk_create((_row(revision, old, new, change) for change in result.changes), batch_size=BATCH)
    row = RevisionComparison.objects.create(
        revision=revision, previous=previous, counts=result.counts,
        replaced_m=replaced_by(previous, revision, old), shift_m=list(result.shift) if result.shift else None,
    )  # fmt: skip
    if queries.is_newest(revision):
        row.anchors = follow_anchors(
            revision=revision, previous=previous, old=old, new=new, comparison=result, actor=actor, now=now
        )
    row.seconds = round(time.monotonic() - started, 3)
    row.save(update_fields=["anchors", "seconds"])
    return row


def _row(revision: Revision, old: Snapshot, new: Snapshot, change: Change) -> ElementChange:
    before = old.bodies[change.old] if change.old is not None else None
    after = new.bodies[change.new] if change.new is not None else None
    shown = after or before
    assert shown is not None
    return ElementChange(
        revision=revision,
        kind=change.kind,
        old_index=before.index if before else None,
        new_index=after.index if after else None,
        old_global_id=before.global_id if before else "",
        new_global_id=after.global_id if after else "",
        ifc_class=shown.ifc_class,
        name=shown.name,
        storey_name=shown.storey,
        confidence=change.confidence,
        detail=change.detail,
    )


def replaced_by(previous: Revision, revision: Revision, old: Snapshot) -> float | None:
    """Return how far (m) the new place takes the middle of the old model; None below 1 mm or where one is unplaced."""
    before, after = queries.candidate_of(previous), queries.candidate_of(revision)
    if before is None or after is None or before == after:
        return None
    known = old.centres[np.isfinite(old.centres).all(axis=1)]
    middle = known.mean(axis=0)[None] if len(known) else np.zeros((1, 3))
    srid = revision.site.projected_srid
    way = float(np.linalg.norm(to_grid(after, middle, srid) - to_grid(before, middle, srid)))
    return way if np.isfinite(way) and way > SAME_PLACE_M else None
