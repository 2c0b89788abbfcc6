"""The card on a revision's page: the grade of every safety function."""

from __future__ import annotations

from django.http import HttpRequest

from bim.models import Revision
from bim.readiness.queries import report_of
from spatial.places.models import Site
from webmap.pages.imports.sections import SECTIONS, Section

from .lines import grade_figures


def readiness_card(request: HttpRequest, site: Site, revision: Revision) -> Section | None:
    """Return the card; a revision that nobody has asked for yet offers the check."""
    report = report_of(revision)
    context = {
        "site": site, "revision": revision, "report": report,
        "figures": grade_figures(report) if report is not None and report.state == report.State.DONE else [],
    }  # fmt: skip
    return Section("readiness", "pages/imports_readiness.html", context)


SECTIONS.insert(0, readiness_card)
