"""`/risk-readiness/`: the published IDS pack, to read and to download in the reader's language."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from bim.readiness.catalogue import FUNCTIONS, checks_of
from bim.readiness.pack import pack_file, pack_zip, specifications
from bim.readiness.values import sources
from bim.readiness.words import CHECK_WORDS, FUNCTION_WORDS

from .words import limits_words


@require_GET
def pack_page(request: HttpRequest) -> HttpResponse:
    """List what a model needs for each safety function."""
    rows = []
    for function in FUNCTIONS:
        known = {one.identifier: one for one in specifications(function)}
        checks = [
            (check, CHECK_WORDS[check.identifier], limits_words(check.limits), known.get(check.identifier))
            for check in checks_of(function)
        ]
        rows.append((function, FUNCTION_WORDS[function], checks))
    return render(request, "pages/readiness_pack.html", {"rows": rows, "values": sources()})


@require_GET
def pack_specification(request: HttpRequest, function: str) -> HttpResponse:
    """Send one file of the pack."""
    if function not in FUNCTIONS:
        raise Http404
    return _download(pack_file(function, gettext), "application/xml", f"{function}.ids")


@require_GET
def pack_archive(request: HttpRequest) -> HttpResponse:
    """Send the whole pack as a zip."""
    return _download(pack_zip(gettext), "application/zip", "risk-readiness.zip")


def _download(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
