"""A planning document on paper: the blocks of the page, set by WeasyPrint; the same facts give the same bytes."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from spatial.planning.body import blocks_of
from spatial.planning.models import DocumentSignature, DocumentVersion
from spatial.planning.operations import day_on_site
from spatial.planning.queries import facts_for, standing_signatures
from spatial.planning.rules import STEPS
from spatial.planning.templates import template_set
from webmap.documents.printing import pdf_of


def paper_context(version: DocumentVersion, now: Any) -> dict[str, Any]:
    """Return what the paper of a version shows: its blocks, and a row for each signature, given or not."""
    facts = facts_for(version, on=day_on_site(version.site, now))
    given = {row.step: row for row in standing_signatures(version)}
    template = template_set().documents[version.kind]
    words = template_set().role_words
    rows = [(DocumentSignature.Step(step).label, given.get(step), words) for step in STEPS]
    signatures = [
        {"label": label, "row": row, "role": words[row.signer_role] if row else ""} for label, row, words in rows
    ]
    return {
        "version": version,
        "site": version.site,
        "title_en": template.en,
        "blocks": blocks_of(version.text, facts),
        "signatures": signatures,
        "is_draft": version.state not in (DocumentVersion.State.ISSUED, DocumentVersion.State.REPLACED),
    }


def document_pdf_of(version: DocumentVersion, now: Any) -> bytes:
    """Return the PDF of a version, in Chinese whatever the reader's language: it is a document of the site."""
    with translation.override("zh-hans"):
        html = render_to_string("reports/planning_document.html", paper_context(version, now))
    return pdf_of(html, f"{version.document_number} {version.content_sha256}")
