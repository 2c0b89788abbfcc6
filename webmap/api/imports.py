"""`POST /sites/{code}/models`, `/revisions/{id}`: uploading a model and following its import."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Schema, Status
from ninja.errors import HttpError
from ninja.files import UploadedFile

from bim.models import Revision
from bim.operations import cancel_revision
from bim.queries import visible_revisions
from webmap.access import visible_site
from webmap.api.models import router as models_router
from webmap.pages.imports.upload import UploadRefused, may_upload, take_upload
from webmap.pages.imports.words import progress_words, time_left_words

router = Router(tags=["imports"])


class RevisionOut(Schema):
    """One uploaded file and what became of it; `percent` of the whole, `seconds_left` null while unknown."""

    id: UUID
    model_id: UUID
    model: str
    number: int
    file_name: str
    state: str
    state_text: str
    stage: str
    stage_text: str
    percent: float
    seconds_left: float | None
    time_left_text: str
    placed: bool
    verdict: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    url: str


def _out(revision: Revision) -> RevisionOut:
    verdict = dict(revision.verdict) if revision.verdict else None
    if verdict:
        verdict.pop("tileset", None)  # a path on our disk; the viewer asks /models for the address
    return RevisionOut(
        id=revision.id,
        model_id=revision.model_id,
        model=revision.model.name,
        number=revision.number,
        file_name=revision.file_name,
        state=revision.state,
        state_text=str(revision.get_state_display()),
        stage=revision.stage,
        stage_text=progress_words(revision),
        percent=revision.progress,
        seconds_left=revision.seconds_left,
        time_left_text=time_left_words(revision.seconds_left),
        placed=revision.placed,
        verdict=verdict,
        created_at=revision.created_at,
        started_at=revision.started_at,
        finished_at=revision.finished_at,
        url=f"/sites/{revision.site.code}/models/{revision.id}/",
    )


# the same path as the list of models: one router has to hold both methods
@models_router.post("/sites/{code}/models", response={202: RevisionOut}, summary="Upload a model (.ifc, .ifczip)")
def upload_model(request: HttpRequest, code: str, file: File[UploadedFile], name: Form[str] = "") -> Status:
    site = visible_site(request.user, code)
    try:
        revision = take_upload(site=site, file=file, name=name, actor=request.user, now=timezone.now())
    except UploadRefused as error:
        raise HttpError(error.status, str(error)) from error
    return Status(202, _out(revision))


@router.get("/revisions/{revision_id}", response=RevisionOut, summary="How far an import is, and its verdict")
def read_revision(request: HttpRequest, revision_id: UUID) -> RevisionOut:
    return _out(_visible(request, revision_id))


@router.post("/revisions/{revision_id}/cancel", response=RevisionOut, summary="Stop an import")
def stop_revision(request: HttpRequest, revision_id: UUID) -> RevisionOut:
    revision = _visible(request, revision_id)
    if not may_upload(request.user, revision.site):
        raise HttpError(403, _("Only the BIM engineer and the project manager may stop an import here."))
    cancel_revision(revision=revision, actor=request.user, now=timezone.now())
    return _out(_visible(request, revision_id))


def _visible(request: HttpRequest, revision_id: UUID) -> Revision:
    return get_object_or_404(visible_revisions(request.user).select_related("site", "model"), id=revision_id)
