"""Find the fall edges and openings of revisions."""

from __future__ import annotations

from typing import Any, TypedDict

from django.db.models import Count, Q, QuerySet, Sum

from bim.models import Revision

from .models import FallEdge, Survey


class StoreySum(TypedDict):
    """What is open on one storey; `storey` is its name, "" for what belongs to none."""

    storey: str
    edges: int
    metres: float
    openings: int
    square_metres: float
    greatest_drop_m: float
    undecided: int


def visible_fall_edges(user: Any, revision: Revision) -> QuerySet[FallEdge]:
    """Return a revision's fall edges and openings, from below, where the user may see the site."""
    rows = FallEdge.objects.visible_to(user).filter(revision=revision)
    return rows.select_related("storey", "risk_point", "decided_by").order_by("number")


def survey_of(revision: Revision) -> Survey | None:
    """Return whether and how the revision was searched, None for revisions older than this capability."""
    return Survey.objects.filter(revision=revision).first()


def sums_by_storey(user: Any, revision: Revision) -> list[StoreySum]:
    """Return metres of edge and number and square metres of openings for each storey, from above."""
    edges = Q(kind=FallEdge.Kind.EDGE)
    rows = (
        visible_fall_edges(user, revision)
        .order_by()
        .values("storey__index", "storey__name")
        .annotate(
            edges=Count("id", filter=edges),
            metres=Sum("length_m", filter=edges, default=0.0),
            openings=Count("id", filter=~edges),
            square_metres=Sum("area_m2", filter=~edges, default=0.0),
            undecided=Count("id", filter=Q(decision=FallEdge.Decision.OPEN)),
        )
    )
    drops: dict[int | None, float] = {}
    for index, drop in visible_fall_edges(user, revision).values_list("storey__index", "drop_m"):
        drops[index] = max(drop, drops.get(index, 0.0))
    return [
        {
            "storey": row["storey__name"] or "", "edges": row["edges"], "metres": row["metres"],
            "openings": row["openings"], "square_metres": row["square_metres"],
            "greatest_drop_m": drops[row["storey__index"]], "undecided": row["undecided"],
        }
        for row in sorted(rows, key=_from_below, reverse=True)
    ]  # fmt: skip


def _from_below(row: Any) -> float:
    index = row["storey__index"]
    return float("-inf") if index is None else float(index)


def earlier_decisions(revision: Revision) -> list[FallEdge]:
    """Return what was decided on the model's newest earlier revision that was searched."""
    before = (
        Survey.objects.filter(revision__model=revision.model, revision__number__lt=revision.number)
        .order_by("-revision__number")
        .first()
    )
    if before is None:
        return []
    return list(FallEdge.objects.filter(revision=before.revision).exclude(decision=FallEdge.Decision.OPEN))
