"""What the views of cards share: the site, the document's language, refusals, files to send."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from spatial.cards.operations import may_issue
from spatial.places.models import Site
from webmap.access import visible_site
from webmap.documents.card_parts import SiteFacts, site_facts

LANGUAGES = [code for code, _ in settings.LANGUAGES]


def document_language(request: HttpRequest) -> str:
    """Return the language of a document: the address's `lang`, else the page's."""
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else translation.get_language() or settings.LANGUAGE_CODE


def facts_for(request: HttpRequest, site: Site, language: str) -> SiteFacts:
    """Return what every sheet says about a site, in the document's language."""
    with translation.override(language):
        return site_facts(site, now=timezone.now(), base_url=request.build_absolute_uri("/"), language=language)


def issuing_site(request: HttpRequest, code: str) -> Site:
    """Return a site whose cards the user may issue; 404 for strangers, 403 for who may only look."""
    site = visible_site(request.user, code)
    if not may_issue(request.user, site):
        raise PermissionDenied
    return site


def send_file(content: bytes, name: str, *, media_type: str = "application/pdf", inline: bool = False) -> HttpResponse:
    """Return a file to look at or to keep."""
    response = HttpResponse(content, content_type=media_type)
    shown = "inline" if inline else "attachment"
    plain = name.encode("ascii", "ignore").decode("ascii") or "document"
    response["Content-Disposition"] = f"{shown}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return response


def context_of(request: HttpRequest, site: Site, **more: Any) -> dict[str, Any]:
    """Return the context that every page of cards needs."""
    return {"site": site, "may_issue": may_issue(request.user, site), **more}
