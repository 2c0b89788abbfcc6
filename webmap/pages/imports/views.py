"""`/sites/<code>/models/`: the models of a site, an upload, and what became of each file."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bim.models import Revision
from bim.operations import cancel_revision
from bim.queries import class_counts, current_revisions, visible_revisions
from spatial.places.models import Site
from webmap.access import visible_site

from .downloads import FORMATS
from .reason_words import reason_words
from .sections import sections_of
from .upload import LARGEST_BYTES, UploadRefused, may_upload, take_upload
from .words import georeference_words, other_places, place_warnings, progress_words, time_left_words, verdict_words

GAPS_SHOWN = 500


@never_cache
@require_http_methods(["GET", "POST"])
def models_page(request: HttpRequest, code: str) -> HttpResponse:
    """List the models of a site with their revisions, and take a file (a plain form works without a script)."""
    site = visible_site(request.user, code)
    if request.method == "GET":
        return _list(request, site)
    try:
        revision = take_upload(
            site=site,
            file=request.FILES.get("file"),
            name=request.POST.get("name", ""),
            actor=request.user,
            now=timezone.now(),
        )
    except UploadRefused as error:
        return _list(request, site, error=str(error), status=error.status)
    return redirect("revision", code=site.code, revision_id=revision.id)


def _list(request: HttpRequest, site: Site, *, error: str = "", status: int = 200) -> HttpResponse:
    current = set(current_revisions(site).values_list("id", flat=True))
    rows = list(visible_revisions(request.user).filter(site=site).order_by("model__name", "model_id", "-number"))
    context = {
        "site": site,
        "error": error,
        "may_upload": may_upload(request.user, site),
        "limit_mb": LARGEST_BYTES >> 20,
        "limit_bytes": LARGEST_BYTES,
        "models": [
            (model, [(row, row.id in current, len((row.verdict or {}).get("gaps", []))) for row in revisions])
            for model, revisions in groupby(rows, key=lambda row: row.model)
        ],
    }
    return render(request, "pages/imports.html", context, status=status)


@never_cache
@require_GET
def revision_page(request: HttpRequest, code: str, revision_id: UUID) -> HttpResponse:
    """Show how far an import is, or its verdict; with the header `X-Part: revision` only the changing part."""
    site = visible_site(request.user, code)
    revision = get_object_or_404(visible_revisions(request.user).filter(site=site), id=revision_id)
    part = request.headers.get("X-Part") == "revision"
    template = "pages/imports_verdict.html" if part else "pages/imports_revision.html"
    return render(request, template, revision_context(request, site, revision))


def revision_context(request: HttpRequest, site: Site, revision: Revision) -> dict[str, Any]:
    """Return what the page of a revision shows."""
    verdict = revision.verdict or {}
    gaps = verdict.get("gaps", [])
    return {
        "site": site,
        "revision": revision,
        "verdict": verdict,
        "gaps": [{**gap, "words": reason_words(gap["reason"])} for gap in gaps[:GAPS_SHOWN]],
        "gap_count": len(gaps),
        "classes": class_counts(revision) if revision.is_imported else [],
        "formats": FORMATS,
        "storeys": list(revision.storeys.order_by("-index")) if revision.is_imported else [],
        "words": verdict_words(revision),
        "reason_words": reason_words((revision.verdict or {}).get("reason")),
        "place_words": georeference_words(revision.georeference),
        "place_warnings": place_warnings(revision.georeference),
        "other_places": other_places(revision.georeference),
        "stage": progress_words(revision),
        "time_left": time_left_words(revision.seconds_left),
        "under_way": revision.state in (Revision.State.QUEUED, Revision.State.RUNNING),
        "may_upload": may_upload(request.user, site),
        "sections": sections_of(request, site, revision),
    }


@require_POST
def cancel(request: HttpRequest, code: str, revision_id: UUID) -> HttpResponse:
    """Stop an import that waits or runs."""
    site = visible_site(request.user, code)
    revision = get_object_or_404(visible_revisions(request.user).filter(site=site), id=revision_id)
    if not may_upload(request.user, site):
        return render(request, "pages/imports_revision.html", revision_context(request, site, revision), status=403)
    cancel_revision(revision=revision, actor=request.user, now=timezone.now())
    return redirect("revision", code=site.code, revision_id=revision.id)
