"""`/sites/<code>/models/<revision>/readiness/`: the grade of every safety function, with what is missing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bim.exchange.bcf.writing import VERSIONS, write_bcf
from bim.readiness.bcf_topics import topics_of_report
from bim.readiness.models import ReadinessReport
from bim.readiness.operations import ask_again, ask_for_report
from bim.readiness.queries import failing_elements
from spatial.places.models import Site
from webmap.access import imported_on_site
from webmap.pages.imports.downloads import BYTE_ORDER_MARK, harmless
from webmap.pages.imports.upload import may_upload

from .lines import CheckLine, FunctionLine, function_lines

REFRESH_S = 3


@never_cache
@require_http_methods(["GET", "POST"])
def readiness_page(request: HttpRequest, code: str, revision_id: UUID) -> HttpResponse:
    """Show the report (asked for by the first who looks), or check again."""
    site, revision = imported_on_site(request.user, code, revision_id)
    report = ask_for_report(revision=revision)
    if request.method == "GET":
        return _page(request, site, report)
    if not may_upload(request.user, site):
        refusal = _("Only the BIM engineer and the project manager may check again.")
        return _page(request, site, report, error=refusal, status=403)
    ask_again(report=report, actor=request.user, now=timezone.now())
    return redirect("readiness", code=site.code, revision_id=revision.id)


def _page(
    request: HttpRequest, site: Site, report: ReadinessReport, *, error: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "site": site,
        "revision": report.revision,
        "report": report,
        "functions": function_lines(report) if report.state == ReadinessReport.State.DONE else [],
        "may_check": may_upload(request.user, site),
        "refresh_s": REFRESH_S,
        "error": error,
    }
    return render(request, "pages/readiness.html", context, status=status)


def _download(report: ReadinessReport, content: str | bytes, kind: str, ending: str) -> HttpResponse:
    revision = report.revision
    name = f"{revision.model.name} #{revision.number} readiness{ending}"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


def _finished(request: HttpRequest, code: str, revision_id: UUID) -> ReadinessReport:
    _, revision = imported_on_site(request.user, code, revision_id)
    return get_object_or_404(ReadinessReport, revision=revision, state=ReadinessReport.State.DONE)


@never_cache
@require_GET
def missing_csv(request: HttpRequest, code: str, revision_id: UUID) -> HttpResponse:
    """Send what is missing, one line for each element of each check that lowers a grade."""
    report = _finished(request, code, revision_id)
    text = "".join(_csv(function_lines(report, elements=1)))  # at once: a stream is made after the request's language
    return _download(report, text, "text/csv; charset=utf-8", ".csv")


@never_cache
@require_GET
def missing_bcf(request: HttpRequest, code: str, revision_id: UUID, version: str) -> HttpResponse:
    """Send what is missing as a BCF file: one topic for each check that lowers a grade."""
    report = _finished(request, code, revision_id)
    if version not in VERSIONS:
        raise Http404
    content = write_bcf(topics_of_report(report), version)
    return _download(report, content, "application/octet-stream", f"-{version}.bcf")


def _csv(functions: list[FunctionLine]) -> Iterator[str]:
    heading = [
        _("Safety function"), _("Check"), _("Outcome"), _("Failed"), "GlobalId", _("IFC class"), _("name"),
        _("Storey"), _("What to do"),
    ]  # fmt: skip
    yield BYTE_ORDER_MARK + _line(heading)
    for function in functions:
        for line in function.lines:
            if line.is_lacking:
                yield from _check_rows(function, line)


def _check_rows(function: FunctionLine, line: CheckLine) -> Iterator[str]:
    start = [str(function.words.name), str(line.words.name), line.row.outcome, line.count]
    todo = str(line.words.todo)
    if not line.row.elements:
        yield _line([*start, "", "", "", "", todo])
    for element in failing_elements(line.row):
        storey = element.storey.name if element.storey else ""
        yield _line([*start, element.global_id, element.ifc_class, element.name, storey, todo])


def _line(cells: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([harmless(cell) for cell in cells])
    return buffer.getvalue()
