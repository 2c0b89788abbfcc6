"""`/sites/CODE/live/people/certificates/`: whose certificates end, those that end first."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from spatial.people.queries import newest_certificates

from .list_page import people_site
from .words import paper, trade_words

PER_PAGE = 50


@require_GET
def certificates_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the certificate of each kind that holds longest, of those who work here; only those at a level, or all."""
    site = people_site(request.user, code)
    today = timezone.now().astimezone(ZoneInfo(site.time_zone)).date()
    everything = "all" in request.GET
    rows = [paper(row, today) for row in newest_certificates(site)]
    shown = sorted((one for one in rows if everything or one.level), key=lambda one: one.row.valid_until)
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "site": site,
        "page": page,
        "all": everything,
        "lines": [(one, trade_words(one.row.person.trade)) for one in page.object_list],
        "counts": {level: sum(one.level == level for one in rows) for level in ("red", "orange", "yellow", "blue")},
        "query": "all" if everything else "",
    }
    return render(request, "pages/people_certificates.html", context)
