"""`/models/{revision}/paint/{kind}`."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router

from bim.models import Revision
from bim.queries import visible_revisions

from . import changes, fall_edges, findings, gaps, readiness  # noqa: F401  each kind registers itself
from .kinds import PAINTERS, PaintOut

router = Router(tags=["models"])


@router.get("/models/{revision_id}/paint/{kind}", response=PaintOut, summary="What to paint over a model in 3D")
def paint(request: HttpRequest, revision_id: UUID, kind: str) -> PaintOut:
    revision = get_object_or_404(
        visible_revisions(request.user).filter(state__in=Revision.IMPORTED_STATES), id=revision_id
    )
    painter = PAINTERS.get(kind)
    if painter is None:
        raise Http404
    return painter(revision, request.user, request.GET)
