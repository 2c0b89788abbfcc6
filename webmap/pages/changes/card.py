"""The card on a revision's page: how many elements changed, how many anchors followed or wait."""

from __future__ import annotations

from django.http import HttpRequest

from bim.models import Revision
from bim.revisions.queries import comparison_of, open_reviews
from spatial.places.models import Site
from webmap.pages.imports.sections import SECTIONS, Section

from .views import figures


def changes_card(request: HttpRequest, site: Site, revision: Revision) -> Section | None:
    """Return the card, None for the first revision of a model."""
    comparison = comparison_of(revision)
    if comparison is None:
        return None
    context = {
        "site": site, "revision": revision, "comparison": comparison, "figures": figures(comparison),
        "waiting": open_reviews(request.user, revision.model).count(),
    }  # fmt: skip
    return Section("changes", "pages/imports_changes.html", context)


SECTIONS.append(changes_card)
