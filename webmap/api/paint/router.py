"""`/models/{revision}/paint/{kind}`."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router

from webmap.access import imported_revision

from . import changes, fall_edges, findings, gaps, readiness  # noqa: F401  each kind registers itself
from .kinds import PAINTERS, PaintOut

router = Router(tags=["models"])


@router.get("/models/{revision_id}/paint/{kind}", response=PaintOut, summary="What to paint over a model in 3D")
def paint(request: HttpRequest, revision_id: UUID, kind: str) -> PaintOut:
    revision = imported_revision(request.user, revision_id)
    painter = PAINTERS.get(kind)
    if painter is None:
        raise Http404
    return painter(revision, request.user, request.GET)
