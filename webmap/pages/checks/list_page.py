"""`/sites/<code>/models/<revision>/checks/`: upload IDS files, choose from the known ones, run, and see results."""

from __future__ import annotations

from typing import Any, Final, cast
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bim.exchange.ids.models import Check, IdsDocument
from bim.exchange.ids.operations import CheckRefused, may_check, start_check, upload_document, withdraw_document
from bim.exchange.ids.queries import documents_to_run_again, visible_checks, visible_documents
from bim.exchange.ids.words import problem_words
from bim.ifc.ids.xml_tree import MAX_BYTES, IdsRefusal
from bim.models import Revision
from spatial.places.models import Site
from webmap.access import imported_on_site

from .looks import look_of

MOST_FILES: Final = 20


@never_cache
@require_http_methods(["GET", "POST"])
def checks_page(request: HttpRequest, code: str, revision_id: UUID) -> HttpResponse:
    """List documents and checks; take files, start checks, take a document off the list."""
    site, revision = imported_on_site(request.user, code, revision_id)
    if request.method == "GET":
        return _page(request, site, revision)
    if not may_check(request.user, site):
        refusal = _("Only the BIM engineer, the project manager and the supervision engineer may check models here.")
        return _page(request, site, revision, errors=[refusal], status=403)
    act = {"upload": _upload, "run": _run, "again": _again, "withdraw": _withdraw}.get(request.POST.get("action", ""))
    if act is None:
        return _page(request, site, revision, errors=[_("Choose one of the buttons.")], status=422)
    return act(request, site, revision)


def _upload(request: HttpRequest, site: Site, revision: Revision) -> HttpResponse:
    """Keep the files and check by them at once; a broken one is told, the others go on."""
    files = request.FILES.getlist("file")
    if not files:
        return _page(request, site, revision, errors=[_("Choose an .ids file.")], status=422)
    if len(files) > MOST_FILES:
        error = _("At most %(most)d files at once; send the rest afterwards.") % {"most": MOST_FILES}
        return _page(request, site, revision, errors=[error], status=422)
    errors, checks = [], []
    for file in files:
        try:
            checks.append(_check_by(request, site, revision, cast(UploadedFile, file)))
        except IdsRefusal as refusal:
            words = problem_words(refusal.code, refusal.line, refusal.detail, refusal.reason)
            errors.append(f"{file.name}: {words}")
    if errors:
        return _page(request, site, revision, errors=errors, status=422)
    if len(checks) == 1:
        return redirect("check", code=site.code, revision_id=revision.id, check_id=checks[0].id)
    return redirect("checks", code=site.code, revision_id=revision.id)


def _check_by(request: HttpRequest, site: Site, revision: Revision, file: UploadedFile) -> Check:
    if (file.size or 0) > MAX_BYTES:
        raise IdsRefusal("size", 0, "", "")
    now = timezone.now()
    document, _is_new = upload_document(
        site=site, content=cast(Any, file), file_name=file.name or "", actor=request.user, now=now
    )
    return start_check(revision=revision, document=document, actor=request.user, now=now)


def _chosen(request: HttpRequest, site: Site) -> list[IdsDocument]:
    wanted = set(request.POST.getlist("document"))
    return [row for row in visible_documents(request.user, site) if str(row.pk) in wanted]


def _run(request: HttpRequest, site: Site, revision: Revision) -> HttpResponse:
    documents = _chosen(request, site)
    if not documents:
        return _page(request, site, revision, errors=[_("Choose at least one document.")], status=422)
    return _start(request, site, revision, documents)


def _again(request: HttpRequest, site: Site, revision: Revision) -> HttpResponse:
    return _start(request, site, revision, documents_to_run_again(request.user, revision))


def _start(request: HttpRequest, site: Site, revision: Revision, documents: list[IdsDocument]) -> HttpResponse:
    checks = []
    try:
        for document in documents:
            checks.append(start_check(revision=revision, document=document, actor=request.user, now=timezone.now()))
    except CheckRefused:
        error = _("The document was taken off the list; upload it again.")
        return _page(request, site, revision, errors=[error], status=422)
    if len(checks) == 1:
        return redirect("check", code=site.code, revision_id=revision.id, check_id=checks[0].id)
    return redirect("checks", code=site.code, revision_id=revision.id)


def _withdraw(request: HttpRequest, site: Site, revision: Revision) -> HttpResponse:
    for document in _chosen(request, site):
        if document.site_id == site.pk:
            withdraw_document(document=document, actor=request.user, now=timezone.now())
    return redirect("checks", code=site.code, revision_id=revision.id)


def _page(
    request: HttpRequest, site: Site, revision: Revision, *, errors: list[str] | None = None, status: int = 200
) -> HttpResponse:
    checks = list(visible_checks(request.user, revision))
    standing = {check.document.sha256 for check in checks if check.state in Check.STANDING}
    documents = [(row, row.sha256 in standing) for row in visible_documents(request.user, site)]
    context = {
        "site": site,
        "revision": revision,
        "errors": errors or [],
        "may_check": may_check(request.user, site),
        "limit_mb": MAX_BYTES >> 20,
        "limit_bytes": MAX_BYTES,
        "checks": [(check, look_of(check)) for check in checks],
        "under_way": any(check.under_way for check in checks),
        "documents": documents,
        "may_run": any(not stands for _row, stands in documents),
        "again": documents_to_run_again(request.user, revision),
    }
    part = request.headers.get("X-Part") == "checks"
    return render(request, "pages/checks_list_part.html" if part else "pages/checks.html", context, status=status)
