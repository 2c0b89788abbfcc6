"""Tilesets on disk against revisions in the database: none without the other."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from . import queries
from .import_locks import try_lock_tileset
from .models import Revision
from .work_folders import drop_tiles


def sweep_tilesets() -> int:
    """This function will remove the tilesets that no imported revision has and no import is about to commit.

    They are of imports that were killed between placing their tiles and their commit, and of revisions that are gone.
    Returns how many there were.
    """
    found = _found()
    kept = set(_imported(found).values_list("pk", flat=True))
    return sum(_drop_orphan(revision_id) for revision_id in found if revision_id not in kept)


def _found() -> list[UUID]:
    """Return the ids of the tilesets' folders; what has another name is not ours."""
    found = []
    for folder in sorted(queries.tileset_folder("").glob("*")):
        with suppress(ValueError):
            found.append(UUID(folder.name))
    return found


def _imported(ids: list[UUID]) -> QuerySet[Revision]:
    return Revision.objects.filter(pk__in=ids, state__in=Revision.IMPORTED_STATES)


@transaction.atomic
def _drop_orphan(revision_id: UUID) -> bool:
    """Remove a tileset; an import that holds it, and one that has committed since, keep it."""
    if not try_lock_tileset(revision_id) or _imported([revision_id]).exists():
        return False
    drop_tiles(queries.tileset_folder(revision_id))
    return True
