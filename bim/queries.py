"""Find models, revisions and elements."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from spatial.places.models import Site

from .models import Element, HandPlacement, Model, Revision, Storey
from .pipeline.limits import TIME_UP_BEGINS


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


def hand_placement_of(model: Model | None) -> HandPlacement | None:
    """Return the placement by hand that holds for a model now, or None."""
    if model is None:
        return None
    held = model.hand_placements.filter(withdrawn_at=None).select_related("made_by", "site")
    return held.order_by("-number").first()


def model_extent(revision: Revision) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Return the least and the greatest x, y, z of a revision's shapes in the model (m); None without a shape."""
    boxes: list[Any] = list(revision.elements.exclude(model_box_m=None).values_list("model_box_m", flat=True))
    if not boxes:
        return None
    return tuple(min(box[i] for box in boxes) for i in range(3)), tuple(max(box[i] for box in boxes) for i in (3, 4, 5))


def same_file(site: Site, sha256: str) -> Revision | None:
    """Return the newest revision on the site that was imported from a file with this hash, or None.

    None also where that one has gaps for want of time: another import goes on from its meshes and may fill them.
    """
    found = Revision.objects.filter(site=site, file_sha256=sha256, state__in=Revision.IMPORTED_STATES)
    newest = found.order_by("-created_at").first()
    if newest is not None and newest.elements.filter(gap_reason__startswith=TIME_UP_BEGINS).exists():
        return None
    return newest


def unfinished_revisions() -> QuerySet[Revision]:
    """Return the revisions that are waiting or running, oldest first."""
    return Revision.objects.filter(state__in=[Revision.State.QUEUED, Revision.State.RUNNING]).order_by("created_at")


def next_in_turn(asked: Revision) -> Revision | None:
    """Return the oldest unfinished revision of a revision's site that is no younger than itself, or None."""
    waiting = unfinished_revisions().filter(site=asked.site_id, created_at__lte=asked.created_at)
    return waiting.select_related("site", "model").first()


def waits_behind(revision: Revision) -> Revision | None:
    """Return what must be finished on the site before a waiting revision begins; None where nothing must."""
    if revision.state != Revision.State.QUEUED:
        return None
    before = unfinished_revisions().filter(site=revision.site_id, created_at__lt=revision.created_at)
    return before.select_related("model").last()


def storeys_of(revision: Revision) -> QuerySet[Storey]:
    """Return the revision's storeys from below."""
    return revision.storeys.order_by("index")


def class_counts(revision: Revision) -> list[dict[str, Any]]:
    """Return [{"ifc_class", "elements", "shaped", "gaps"}] of a revision, the most numerous class first."""
    counted = revision.elements.values("ifc_class").annotate(
        elements=Count("id"), shaped=Count("id", filter=Q(meshed=True)), gaps=Count("id", filter=~Q(gap_reason=""))
    )
    return [dict(row) for row in counted.order_by("-elements", "ifc_class")]


def element_by_global_id(revision: Revision, global_id: str) -> Element | None:
    """Return the revision's element with this GlobalId (the first where a file repeats one), or None."""
    return revision.elements.filter(global_id=global_id).select_related("storey").order_by("index").first()


def tileset_folder(revision_id: UUID | str) -> Path:
    """Return where a revision's tileset lies."""
    return Path(settings.TWINWALL_DATA_ROOT) / "tilesets" / str(revision_id)


def mesh_cache_file(revision_id: UUID | str) -> Path:
    """Return where the newest revision's meshes are kept for the next: beside its tileset, never sent to a page."""
    return Path(settings.TWINWALL_DATA_ROOT) / "meshes" / f"{revision_id}.meshes"
