"""Find changes, outcomes and reviews; read a revision's elements for comparing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Max, Q, QuerySet

from bim.ifc.placements import Candidate
from bim.models import Element, Model, Revision
from spatial.places.models import Anchor

from .models import AnchorOutcome, AnchorReview, ElementChange, RevisionComparison
from .snapshot import Body, Snapshot

_COLUMNS = """
    e."index", e.global_id, e.ifc_class, e.type_name, e.name, coalesce(s.name, ''), e.model_box_m, e.placement_m,
    e.shape_key, e.area_m2, e.volume_m3,
    md5(concat_ws('|', e.predefined_type, e.properties::text, e.materials::text, e.classifications::text,
                  e.groups::text))
"""


def read_snapshot(revision: Revision, global_ids: Iterable[str] | None = None) -> Snapshot:
    """Return a revision's elements (all, or those with these GlobalIds) in the order of their index."""
    only = ""
    values: list[Any] = [revision.pk]
    if global_ids is not None:
        only, values = " AND e.global_id = ANY(%s)", [revision.pk, list(global_ids)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM {Element._meta.db_table} e LEFT JOIN bim_storey s ON s.id = e.storey_id "
            f'WHERE e.revision_id = %s{only} ORDER BY e."index"',
            values,
        )
        return Snapshot([_body(row) for row in cursor.fetchall()])


def _body(row: tuple[Any, ...]) -> Body:
    named, (box, placement), rest = row[:6], row[6:8], row[8:]
    arrays = (None if value is None else tuple(value) for value in (box, placement))
    return Body(*(*named, *arrays, *rest))


def candidate_of(revision: Revision | None) -> Candidate | None:
    """Return where a revision was placed, None where it is unplaced."""
    stored = ((revision.georeference if revision else None) or {}).get("candidate")
    return Candidate.from_json(stored) if stored else None


def previous_revision(revision: Revision) -> Revision | None:
    """Return the imported revision of the same model before this one, or None."""
    earlier = Revision.objects.filter(
        model_id=revision.model_id, state__in=Revision.IMPORTED_STATES, number__lt=revision.number
    )
    return earlier.order_by("-number").first()


def last_placed_before(revision: Revision, global_id: str) -> Revision | None:
    """Return the newest placed revision before this one that has an element with this GlobalId, or None."""
    earlier = Revision.objects.filter(
        model_id=revision.model_id, state__in=Revision.IMPORTED_STATES, number__lt=revision.number, placed=True
    )
    return earlier.filter(elements__global_id=global_id).order_by("-number").first()


def is_newest(revision: Revision) -> bool:
    """Return whether no imported revision of the model has a higher number."""
    imported = Revision.objects.filter(model_id=revision.model_id, state__in=Revision.IMPORTED_STATES)
    return imported.aggregate(top=Max("number"))["top"] == revision.number


def anchors_on(model: Model) -> QuerySet[Anchor]:
    """Return the anchors that stand on elements of a model."""
    return (
        Anchor.objects.filter(site=model.site_id, model_id=model.pk)
        .exclude(element_global_id="")
        .select_related("site", "site__organisation", "storey", "hazard", "risk_point", "device")
        .order_by("created_at", "id")
    )


def owner_of(anchor: Anchor) -> tuple[str, str, str]:
    """Return (kind, id, name) of what an anchor belongs to: a hazard, a risk point or a device; ("", "", "") if none.

    Its select_related spares the three look-ups.
    """
    for kind, name in (("hazard", "number"), ("risk_point", "name"), ("device", "name")):
        owner = getattr(anchor, kind, None)
        if owner is not None:
            return kind, str(owner.pk), str(getattr(owner, name))
    return "", "", ""


def comparison_of(revision: Revision) -> RevisionComparison | None:
    """Return what a revision changed, None for the first of its model."""
    return RevisionComparison.objects.filter(revision=revision).select_related("previous", "revision").first()


def changes_of(revision: Revision, kind: str = "") -> QuerySet[ElementChange]:
    """Return the changed elements of a revision, of one kind where it is given."""
    changes = ElementChange.objects.filter(revision=revision).order_by("id")
    return changes.filter(kind=kind) if kind else changes


def lost_anchors(revision: Revision) -> list[Anchor]:
    """Return the anchors whose element is gone with a revision, found so by the import or by a person since."""
    found = AnchorOutcome.objects.filter(revision=revision, outcome=AnchorOutcome.Outcome.GONE).values("anchor_id")
    said = AnchorReview.objects.filter(revision=revision, state=AnchorReview.State.GONE).values("anchor_id")
    named = Q(pk__in=found) | Q(pk__in=said)
    return list(
        Anchor.objects.filter(named)
        .select_related("hazard", "risk_point", "device", "storey", "site")
        .order_by("element_name", "pk")
    )


def visible_reviews(user: Any) -> QuerySet[AnchorReview]:
    """Return the anchors to review on sites that a user may see."""
    owners = ("anchor__hazard", "anchor__risk_point", "anchor__device")
    return AnchorReview.objects.visible_to(user).select_related("anchor", "anchor__storey", "revision", "site", *owners)


def open_reviews(user: Any, model: Model) -> QuerySet[AnchorReview]:
    """Return the anchors of a model that wait for a person, oldest first."""
    return visible_reviews(user).filter(model_id=model.pk, state=AnchorReview.State.OPEN).order_by("created_at", "id")
