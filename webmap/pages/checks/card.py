"""The card on a revision's page: its checks by IDS, or that there are none yet."""

from __future__ import annotations

from django.http import HttpRequest

from bim.exchange.ids.operations import may_check
from bim.exchange.ids.queries import documents_to_run_again, visible_checks
from bim.models import Revision
from spatial.places.models import Site
from webmap.pages.imports.sections import SECTIONS, Section

from .looks import look_of

SHOWN = 5


def checks_card(request: HttpRequest, site: Site, revision: Revision) -> Section | None:
    """Return the card with the newest checks."""
    checks = list(visible_checks(request.user, revision)[: SHOWN + 1])
    context = {
        "site": site,
        "revision": revision,
        "checks": [(check, look_of(check)) for check in checks[:SHOWN]],
        "more": len(checks) > SHOWN,
        "again": documents_to_run_again(request.user, revision),
        "may_check": may_check(request.user, site),
    }
    return Section("checks", "pages/imports_checks.html", context)


SECTIONS.append(checks_card)
