"""Find models, revisions and elements."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery

from spatial.places.models import Site

from .models import Element, Model, Revision, Storey


def visible_models(user: Any) -> QuerySet[Model]:
    """Return the models on sites that a user may see."""
    return Model.objects.visible_to(user)


def visible_revisions(user: Any) -> QuerySet[Revision]:
    """Return the revisions on sites that a user may see, newest first within each model."""
    return Revision.objects.visible_to(user).select_related("model", "uploaded_by")


def current_revisions(site: Site) -> QuerySet[Revision]:
    """Return each model's newest imported revision on a site: what stands in the viewer."""
    newest = (
        Revision.objects.filter(model=OuterRef("model"), state__in=Revision.IMPORTED_STATES)
        .order_by("-number")
        .values("id")[:1]
    )
    return Revision.objects.filter(site=site, id=Subquery(newest)).select_related("model")


def current_revision(model: Model) -> Revision | None:
    """Return the model's newest imported revision, or None."""
    return model.revisions.filter(state__in=Revision.IMPORTED_STATES).order_by("-number").first()


def same_file(site: Site, sha256: str) -> Revision | None:
    """Return the newest revision on the site that was imported from a file with this hash, or None."""
    found = Revision.objects.filter(site=site, file_sha256=sha256, state__in=Revision.IMPORTED_STATES)
    return found.order_by("-created_at").first()


def unfinished_revisions() -> QuerySet[Revision]:
    """Return the revisions that are waiting or running, oldest first."""
    return Revision.objects.filter(state__in=[Revision.State.QUEUED, Revision.State.RUNNING]).order_by("created_at")


def storeys_of(revision: Revision) -> QuerySet[Storey]:
    """Return the revision's storeys from below."""
    return revision.storeys.order_by("index")


def element_by_global_id(revision: Revision, global_id: str) -> Element | None:
    """Return the revision's element with this GlobalId (the first where a file repeats one), or None."""
    return revision.elements.filter(global_id=global_id).select_related("storey").order_by("index").first()


def tileset_folder(revision_id: UUID | str) -> Path:
    """Return where a revision's tileset lies."""
    return Path(settings.TWINWALL_DATA_ROOT) / "tilesets" / str(revision_id)
