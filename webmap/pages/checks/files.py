"""What goes out of a check: its findings as CSV and as BCF, and the IDS file itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bim.exchange.bcf.writing import VERSIONS, write_bcf
from bim.exchange.ids.models import Check
from bim.exchange.ids.queries import findings_of, visible_documents
from bim.exchange.ids.topics import topics_of_check
from bim.exchange.ids.words import reason_words
from spatial.media import BlobMissing, open_blob
from webmap.access import imported_on_site
from webmap.pages.imports.downloads import BYTE_ORDER_MARK, CHUNK, harmless

from .looks import SpecificationLine, specification_lines
from .result_page import check_of

FIELDS: Final = (
    "specification", "specification_name", "requirement", "requirement_text", "global_id", "step_id", "ifc_class",
    "name", "storey", "reason", "actual", "expected",
)  # fmt: skip


def _done(request: HttpRequest, code: str, revision_id: UUID, check_id: UUID) -> Check:
    _site, _revision, check = check_of(request, code, revision_id, check_id)
    if not check.is_done:
        raise Http404
    return check


def _named(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@never_cache
@require_GET
def csv_file(request: HttpRequest, code: str, revision_id: UUID, check_id: UUID) -> HttpResponseBase:
    """Give every listed finding as comma-separated UTF-8."""
    check = _done(request, code, revision_id, check_id)
    lines = _csv_lines(check, specification_lines(check), get_language() or "en")
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    return _named(response, f"{check.revision} {check.document.title}.csv")


def _csv_lines(check: Check, specifications: list[SpecificationLine], language: str) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow(FIELDS)
    for row in findings_of(check).iterator(chunk_size=CHUNK):
        specification = specifications[row.specification]
        kind = check.results[row.specification]["requirements"][row.requirement]["kind"]
        with override(language):  # the lines are made after the request's language is gone
            reason = reason_words(row.reason, row.actual, row.expected, kind)
        cells = (
            specification.number, specification.name, row.requirement + 1,
            specification.lines[row.requirement].words, row.global_id, row.step_id, row.ifc_class, row.name,
            row.storey_name, reason, row.actual, row.expected,
        )  # fmt: skip
        writer.writerow([harmless(cell) for cell in cells])
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


@never_cache
@require_GET
def bcf_file(request: HttpRequest, code: str, revision_id: UUID, check_id: UUID, version: str) -> HttpResponseBase:
    """Give the findings as a BCF file: one topic per failed requirement."""
    check = _done(request, code, revision_id, check_id)
    if version not in VERSIONS:
        raise Http404
    content = write_bcf(topics_of_check(check), version)
    response = HttpResponse(content, content_type="application/octet-stream")
    return _named(response, f"{check.revision} {check.document.title}.bcf")


@never_cache
@require_GET
def ids_file(request: HttpRequest, code: str, revision_id: UUID, document_id: UUID) -> HttpResponseBase:
    """Give a kept IDS file as it was uploaded."""
    site, _revision = imported_on_site(request.user, code, revision_id)
    document = next((row for row in visible_documents(request.user, site) if row.pk == document_id), None)
    if document is None:
        raise Http404
    try:
        content = open_blob(document.sha256)
    except BlobMissing:
        raise Http404 from None
    return FileResponse(content, as_attachment=True, filename=document.file_name, content_type="application/xml")
