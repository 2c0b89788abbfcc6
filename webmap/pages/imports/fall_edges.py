"""The card of fall edges and openings on a revision's page."""

from __future__ import annotations

from django.http import HttpRequest

from bim.fall_edges.queries import sums_by_storey, survey_of
from bim.models import Revision
from spatial.places.models import Site

from .section import Section


def fall_edges_section(request: HttpRequest, site: Site, revision: Revision) -> Section | None:
    """Return the card: metres of unprotected edge and openings, storey by storey."""
    survey = survey_of(revision)
    if survey is None:
        return None
    sums = sums_by_storey(request.user, revision)
    context = {
        "survey": survey,
        "sums": sums,
        "metres": sum(row["metres"] for row in sums),
        "openings": sum(row["openings"] for row in sums),
        "square_metres": sum(row["square_metres"] for row in sums),
        "site": site,
        "revision": revision,
    }
    return Section("fall-edges", "pages/imports_fall_edges.html", context)
