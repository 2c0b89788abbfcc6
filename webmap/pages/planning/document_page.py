"""`/sites/<code>/risks/planning/<kind>/`: a document as on paper, with its signatures, versions, editor and PDF."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from spatial.places.models import Site
from spatial.planning.body import unfilled
from spatial.planning.facts import facts_of
from spatial.planning.models import DocumentVersion
from spatial.planning.operations import begin_document, day_on_site, return_document, save_text, sign_document
from spatial.planning.queries import PENDING, changes_of, facts_for, may_edit, next_step
from spatial.planning.rules import STEP_AFTER
from spatial.planning.templates import field_list, template_set
from webmap.access import visible_site

from .forms import TextForm
from .paper import document_pdf_of, paper_context
from .refusal_words import REFUSALS, refusal_sentence, refusal_status
from .words import FILL_WORDS, STEP_WORDS, change_line, field_title, kind_title, plain


def _site_and_kind(request: HttpRequest, code: str, kind: str) -> Site:
    site = visible_site(request.user, code)
    if kind not in template_set().documents:
        raise Http404(_("There is no such kind of document."))
    return site


def _version(site: Site, kind: str, number: int | None) -> DocumentVersion | None:
    """Return a version of a kind; without a number the one that is not issued yet, else the issued one."""
    rows = DocumentVersion.objects.filter(site=site, kind=kind).select_related("site__organisation")
    if number is not None:
        return get_object_or_404(rows, number=number)
    return rows.order_by("-number").first()


@never_cache
@require_GET
def document_page(request: HttpRequest, code: str, kind: str, number: int | None = None) -> HttpResponse:
    """Show a document, or how to begin it."""
    site = _site_and_kind(request, code, kind)
    return _page(request, site, kind, _version(site, kind, number))


def _page(
    request: HttpRequest, site: Site, kind: str, version: DocumentVersion | None, *, error: str = "", status: int = 200
) -> HttpResponse:
    template = template_set().documents[kind]
    versions = list(DocumentVersion.objects.filter(site=site, kind=kind).order_by("-number"))
    pending = any(row.state in PENDING for row in versions)
    context: dict[str, Any] = {
        "site": site,
        "kind": kind,
        "kind_title": kind_title(kind),
        "template": template,
        "versions": versions,
        "version": version,
        "may_edit": may_edit(request.user, site),
        "may_start": may_edit(request.user, site) and not pending,
        "error": error,
    }
    if version is not None:
        context |= _of_version(request, site, version)
    return render(request, "pages/planning_document.html", context, status=status)


def _of_version(request: HttpRequest, site: Site, version: DocumentVersion) -> dict[str, Any]:
    today = day_on_site(site, timezone.now())
    expected = STEP_AFTER.get(version.state, "")
    issued = version.state == DocumentVersion.State.ISSUED
    step = next_step(version, request.user)
    missing = unfilled(version.text, facts_for(version, on=today))
    return paper_context(version, timezone.now()) | {
        "expected_words": STEP_WORDS.get(expected, ""),
        "step": step,
        "step_words": STEP_WORDS.get(step, ""),
        "may_return": bool(step) and step != "compile",
        "is_editable": version.state == DocumentVersion.State.DRAFT,
        "is_expired": issued and version.valid_until is not None and version.valid_until < today,
        "changes": [change_line(row) for row in changes_of(version, facts_of(site, on=today))] if issued else [],
        "unfilled": [(field_title(name), FILL_WORDS[field_list()[name].fill]) for name in missing],
    }


@require_POST
def start(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """Begin a new version."""
    site = _site_and_kind(request, code, kind)
    fresh = request.POST.get("from") == "template"
    try:
        begin_document(site=site, kind=kind, from_template=fresh, actor=request.user, now=timezone.now())
    except REFUSALS as error:
        version = _version(site, kind, None)
        return _page(request, site, kind, version, error=refusal_sentence(error), status=refusal_status(error))
    return redirect("planning-document", code=site.code, kind=kind)


@require_POST
def sign(request: HttpRequest, code: str, kind: str, number: int) -> HttpResponse:
    """Sign a version, or return it with a reason."""
    site = _site_and_kind(request, code, kind)
    version = _version(site, kind, number)
    assert version is not None
    act, now = request.POST.get("act", ""), timezone.now()
    try:
        if act == "return":
            reason = request.POST.get("reason", "")
            return_document(version=version, reason=reason, actor=request.user, now=now)
            messages.success(request, _("The document was returned to its compiler."))
        else:
            sign_document(version=version, step=act, actor=request.user, now=now)
            messages.success(request, _("Signed."))
    except REFUSALS as error:
        version.refresh_from_db()
        return _page(request, site, kind, version, error=refusal_sentence(error), status=refusal_status(error))
    return redirect("planning-version", code=site.code, kind=kind, number=number)


@never_cache
@require_http_methods(["GET", "POST"])
def edit_page(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """Edit the draft of a kind, with every field and what would fill it beside the text."""
    site = _site_and_kind(request, code, kind)
    version = get_object_or_404(DocumentVersion, site=site, kind=kind, state__in=PENDING)
    form = TextForm(request.POST or None, initial={"title": version.title, "text": version.text})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                save_text(version=version, **form.cleaned_data, actor=request.user, now=timezone.now())
                return redirect("planning-document", code=site.code, kind=kind)
            except REFUSALS as error:
                form.add_error("text", refusal_sentence(error))
                status = refusal_status(error)
    facts = facts_of(site, on=day_on_site(site, timezone.now()))
    fields = [
        {
            "mark": f"{{{{table:{row.name}}}}}" if row.is_table else f"{{{{{row.name}}}}}",
            "title": field_title(row.name),
            "value": plain(facts[row.name]),
            "todo": "" if facts[row.name] else FILL_WORDS[row.fill],
        }
        for row in field_list().values()
    ]
    context = {
        "site": site,
        "kind": kind,
        "kind_title": kind_title(kind),
        "version": version,
        "form": form,
        "fields": fields,
        "may_edit": may_edit(request.user, site),
    }
    return render(request, "pages/planning_edit.html", context, status=status)


@never_cache
@require_GET
def document_pdf(request: HttpRequest, code: str, kind: str, number: int) -> HttpResponse:
    """Send a version as PDF."""
    site = _site_and_kind(request, code, kind)
    version = _version(site, kind, number)
    assert version is not None
    response = HttpResponse(document_pdf_of(version, timezone.now()), content_type="application/pdf")
    name = f"{version.document_number} {version.title}.pdf"
    response["Content-Disposition"] = content_disposition_header(False, name) or ""
    return response
