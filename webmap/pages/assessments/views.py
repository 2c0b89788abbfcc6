"""`/assessments/` and `/organisations/<id>/assessment/`: an enterprise assessed now, its kept versions, and the PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from spatial.assessments.models import Assessment, AssessmentSignature
from spatial.assessments.operations import (
    SIGNERS,
    AssessmentForbidden,
    AssessmentRefused,
    keep_assessment,
    recomputed_sha256,
    sign_assessment,
)
from spatial.assessments.queries import assessable, assessment_now, company_roles, sites_for, visible
from spatial.assessments.rules import SigningRefused
from spatial.places.models import Organisation
from webmap.documents.printing import pdf_of
from webmap.live.naming import ALARM, hidden_by_alarm
from webmap.wording.reasons import reason_text, reason_url

from .words import shown


def _organisation(request: HttpRequest, organisation_id: UUID) -> tuple[Organisation, list[Any]]:
    """Return an enterprise with the sites of it that the user may see assessed. Raises Http404 without any."""
    organisation = Organisation.objects.filter(pk=organisation_id).first()
    sites = sites_for(request.user, organisation) if organisation else []
    if organisation is None or not (sites or company_roles(request.user, organisation)):
        raise Http404(_("There is no such enterprise, or you may not see its assessment."))
    return organisation, sites


@require_GET
def enterprises_page(request: HttpRequest) -> HttpResponse:
    """Show the enterprises that the user may see assessed."""
    organisations = assessable(request.user)
    if not organisations:
        raise Http404(_("There is no such enterprise, or you may not see its assessment."))
    newest: dict[Any, Assessment] = {}
    for row in visible(request.user).defer("facts", "content").order_by("number"):
        newest[row.organisation_id] = row
    rows = [(row, newest.get(row.pk)) for row in organisations]
    return render(request, "pages/assessments.html", {"rows": rows})


@never_cache
@require_GET
def assessment_page(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Show an enterprise assessed now, with its kept versions."""
    organisation, sites = _organisation(request, organisation_id)
    content = assessment_now(organisation, sites, as_of=timezone.now())[1]
    return _page(request, organisation, content, None)


@never_cache
@require_GET
def version_page(request: HttpRequest, organisation_id: UUID, number: int) -> HttpResponse:
    """Show a kept version as it was."""
    row = _kept(request, organisation_id, number)
    return _page(request, row.organisation, json.loads(row.content), row)


def _kept(request: HttpRequest, organisation_id: UUID, number: int) -> Assessment:
    return get_object_or_404(visible(request.user), organisation_id=organisation_id, number=number)


def _page(
    request: HttpRequest,
    organisation: Organisation,
    content: Mapping[str, Any],
    row: Assessment | None,
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    roles = company_roles(request.user, organisation)
    versions = visible(request.user).filter(organisation=organisation).defer("facts", "content").order_by("-number")
    signed = set(row.signatures.values_list("step", flat=True)) if row else set()
    step = next((step for step in SIGNERS if step not in signed), "") if row else ""
    context = _context(organisation, content, row) | {
        "versions": list(versions),
        "may_keep": bool(roles) and row is None,
        "step": step if step and SIGNERS[step] in roles else "",
        "is_same": row is not None and recomputed_sha256(row) == row.content_sha256,
        "error": error,
    }
    return render(request, "pages/assessment.html", context, status=status)


def _context(organisation: Organisation, content: Mapping[str, Any], row: Assessment | None) -> dict[str, Any]:
    as_of = datetime.fromisoformat(content["as_of"])
    content = {**content, "raising": [_raising(line, as_of) for line in content["raising"]]}
    given = {item.step: item for item in row.signatures.select_related("act")} if row else {}
    signatures = [{"label": AssessmentSignature.Step(step).label, "row": given.get(step)} for step in SIGNERS]
    return {
        "organisation": organisation,
        "row": row,
        "as_of": as_of,
        "signatures": signatures if row else [],
        "assessed": shown(content),
    }


def _raising(line: Mapping[str, Any], as_of: datetime) -> dict[str, Any]:
    since = datetime.fromisoformat(line["since"])
    zone = "Asia/Shanghai"
    hidden = hidden_by_alarm([line["source_id"]] if line["source_kind"] == ALARM else [])
    label = hidden[line["source_id"]].told(line["label"]) if line["source_id"] in hidden else line["label"]
    words = reason_text(kind=line["kind"], label=label, since=since, now=as_of, time_zone=zone)
    url = reason_url(source_kind=line["source_kind"], source_id=line["source_id"], site_code=line["site"])
    return {**line, "words": words, "url": url}


@require_POST
def keep(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Keep the assessment of now as a version."""
    organisation, sites = _organisation(request, organisation_id)
    now = timezone.now()
    try:
        row = keep_assessment(organisation=organisation, actor=request.user, now=now)
    except AssessmentForbidden:
        words = _("Only the company's safety department or its head keeps an assessment.")
        content = assessment_now(organisation, sites, as_of=now)[1]
        return _page(request, organisation, content, None, error=words, status=403)
    except AssessmentRefused:
        words = _("This enterprise has no site that is not closed; there is nothing to assess.")
        content = assessment_now(organisation, sites, as_of=now)[1]
        return _page(request, organisation, content, None, error=words, status=422)
    return redirect("assessment-version", organisation_id=organisation.pk, number=row.number)


@require_POST
def sign(request: HttpRequest, organisation_id: UUID, number: int) -> HttpResponse:
    """Sign a kept version."""
    row = _kept(request, organisation_id, number)
    try:
        sign_assessment(assessment=row, step=request.POST.get("step", ""), actor=request.user, now=timezone.now())
        messages.success(request, _("Signed."))
    except SigningRefused:
        words = _("The safety department signs first, then the head; each once, and not the same person.")
        return _page(request, row.organisation, json.loads(row.content), row, error=words, status=422)
    return redirect("assessment-version", organisation_id=organisation_id, number=number)


@never_cache
@require_GET
def assessment_pdf(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Send the assessment of now as PDF, marked as not kept."""
    organisation, sites = _organisation(request, organisation_id)
    content = assessment_now(organisation, sites, as_of=timezone.now())[1]
    return _pdf(request, organisation, content, None)


@never_cache
@require_GET
def version_pdf(request: HttpRequest, organisation_id: UUID, number: int) -> HttpResponse:
    """Send a kept version as PDF."""
    row = _kept(request, organisation_id, number)
    return _pdf(request, row.organisation, json.loads(row.content), row)


def _pdf(
    request: HttpRequest, organisation: Organisation, content: Mapping[str, Any], row: Assessment | None
) -> HttpResponse:
    with translation.override("zh-hans"):
        html = render_to_string("reports/assessment.html", _context(organisation, content, row))
        name = _("Production-risk assessment")
    pdf = pdf_of(html, row.content_sha256 if row else content["as_of"])
    response = HttpResponse(pdf, content_type="application/pdf")
    file_name = f"{organisation.name} {name} {f'V{row.number}' if row else ''}.pdf".replace(" .", ".")
    response["Content-Disposition"] = content_disposition_header(False, file_name) or ""
    return response
