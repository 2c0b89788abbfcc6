"""`/sites/<code>/models/<revision>/changes/`: the list of changes and the queue of anchors in doubt."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bim.models import Revision
from bim.revisions.models import AnchorReview, ElementChange, RevisionComparison
from bim.revisions.queries import changes_of, comparison_of, lost_anchors, open_reviews, owner_of, visible_reviews
from bim.revisions.reviewing import ReviewRefused, accept_candidate, declare_gone, keep_waiting, may_review
from spatial.places.models import Site
from webmap.access import imported_on_site
from webmap.api.paint.changes import LOOKS

from .words import REFUSALS, detail_words, doubt_words, reasons_words

PER_PAGE = 100


def figures(comparison: RevisionComparison) -> list[tuple[str, str, str, int]]:
    """Return (kind, sign, label, count) of every kind of change."""
    return [(kind, sign, str(kind.label), comparison.counts.get(kind, 0)) for kind, (_colour, sign) in LOOKS.items()]


@never_cache
@require_GET
def changes_page(request: HttpRequest, code: str, revision_id: UUID) -> HttpResponse:
    """Show what a revision changed, and which anchors wait."""
    site, revision = imported_on_site(request.user, code, revision_id)
    return _page(request, site, revision)


def _page(request: HttpRequest, site: Site, revision: Revision, *, error: str = "", status: int = 200) -> HttpResponse:
    comparison = comparison_of(revision)
    kind = request.GET.get("kind", "")
    kind = kind if kind in ElementChange.Kind.values else ""
    page = Paginator(changes_of(revision, kind), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "site": site,
        "revision": revision,
        "comparison": comparison,
        "figures": figures(comparison) if comparison else [],
        "anchors": (comparison.anchors if comparison else None) or {},
        "kind": kind,
        "page": page,
        "lines": [(change, LOOKS[ElementChange.Kind(change.kind)][1], detail_words(change.detail)) for change in page],
        "reviews": [_shown(review) for review in open_reviews(request.user, revision.model)],
        "lost": [(*owner_of(anchor), anchor) for anchor in lost_anchors(revision)],
        "may_review": may_review(request.user, site),
        "error": error,
    }
    return render(request, "pages/changes.html", context, status=status)


def _shown(review: AnchorReview) -> dict[str, Any]:
    kind, owner_id, name = owner_of(review.anchor)
    return {
        "review": review,
        "owner_kind": kind,
        "owner_id": owner_id,
        "owner": name,
        "why": doubt_words(review.reason),
        "candidates": [
            {**one, "percent": round(one["confidence"] * 100), "words": reasons_words(one["reasons"])}
            for one in review.candidates
        ],
    }


@require_POST
def decide(request: HttpRequest, code: str, revision_id: UUID, review_id: UUID) -> HttpResponse:
    """Accept a candidate, declare the element gone, or leave the anchor waiting."""
    site, revision = imported_on_site(request.user, code, revision_id)
    review = get_object_or_404(
        visible_reviews(request.user).filter(site=site, model_id=revision.model_id), id=review_id
    )
    named: dict[str, Any] = {"review": review, "actor": request.user, "now": timezone.now()}
    decision = request.POST.get("decision", "")
    try:
        if decision == "accept":
            accept_candidate(global_id=request.POST.get("global_id", ""), **named)
        elif decision == "gone":
            declare_gone(**named)
        elif decision == "wait":
            keep_waiting(**named)
        else:
            raise ReviewRefused("decision")
    except ReviewRefused as refused:
        status = 403 if refused.code == "forbidden" else 422
        return _page(request, site, revision, error=str(REFUSALS[refused.code]), status=status)
    return redirect("changes", code=site.code, revision_id=revision.id)
