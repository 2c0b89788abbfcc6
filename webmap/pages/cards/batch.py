"""Print a whole site: ask a worker, follow it, stop it, take the file."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bim.waking import wake_worker
from spatial.cards import operations, queries
from spatial.media import BlobMissing, open_blob
from webmap.access import visible_site
from webmap.documents.batch import TASK

from .answers import document_language


@require_POST
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for all cards and sheets of a site as one file."""
    site = visible_site(request.user, code)
    job, is_new = operations.ask_for_print(
        site=site, language=request.POST.get("lang") or document_language(request),
        base_url=request.build_absolute_uri("/"), actor=request.user,
    )  # fmt: skip
    if is_new:
        wake_worker(TASK, job.pk)
    else:
        messages.info(request, _("This site is being printed already; wait for it, or cancel it first."))
    return redirect("cards", code=site.code)


@require_POST
def cancel(request: HttpRequest, code: str, job_id: UUID) -> HttpResponse:
    """Stop a print."""
    site = visible_site(request.user, code)
    operations.cancel_print(job=get_object_or_404(queries.print_jobs(request.user).filter(site=site), pk=job_id))
    return redirect("cards", code=site.code)


@never_cache
@require_GET
def job_pdf(request: HttpRequest, code: str, job_id: UUID) -> HttpResponseBase:
    """Send the finished file."""
    site = visible_site(request.user, code)
    done = queries.print_jobs(request.user).filter(site=site, state="done")
    job = get_object_or_404(done, pk=job_id)
    try:
        if not job.pdf_sha256:
            raise BlobMissing
        blob = open_blob(job.pdf_sha256)
    except BlobMissing:
        return HttpResponse(_("The file is not kept any more; print again."), status=410, content_type="text/plain")
    name = f"{site.code}-{job.created_at:%Y%m%d}.pdf"
    return FileResponse(blob, as_attachment=True, filename=name, content_type="application/pdf")
