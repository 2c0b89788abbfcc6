"""`/sites/<code>/hazards/`: the tickets of a site, the most pressing first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from spatial.hazards import queries
from spatial.hazards.models import Hazard
from spatial.places.models import Site
from webmap.wording.hazard_words import FINISHED, STATES, state_label

PAGE_LENGTH = 50
FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """One ticket of the list."""

    hazard: Hazard
    state: str
    overdue: bool


@require_GET
def ticket_list(request: HttpRequest, code: str) -> HttpResponse:
    """Show the tickets that the filters leave; `state` is `open`, `all` or one state."""
    site = get_object_or_404(Site.objects.visible_to(request.user).select_related("organisation"), code=code)
    now = timezone.now()
    everything = list(
        queries.visible(request.user)
        .filter(site=site)
        .select_related("anchor__storey", "reporter", "rectifier", "rechecker")
        .order_by("-received_at")
    )
    lines = [Line(h, str(state_label(h.state)), queries.is_overdue(h, now)) for h in everything]
    state = request.GET.get("state", "open")
    shown = [line for line in lines if _wanted(line, state, request)]
    shown.sort(key=lambda line: (not line.overdue, line.hazard.deadline or FAR_FUTURE))
    page = Paginator(shown, PAGE_LENGTH).get_page(request.GET.get("page"))
    context = {
        "site": site,
        "page": page,
        "total": len(lines),
        "state": state,
        "overdue_only": "overdue" in request.GET,
        "mine_only": "mine" in request.GET,
        "counts": _counts(lines, request.user),
        "states": [(name, label) for name, label in STATES.items() if any(h.state == name for h in everything)],
        "now": now,
    }
    template = "pages/hazards_lines.html" if request.headers.get("X-Part") == "lines" else "pages/hazards.html"
    return render(request, template, context)


def _wanted(line: Line, state: str, request: HttpRequest) -> bool:
    hazard = line.hazard
    if state == "open" and hazard.state in FINISHED:
        return False
    if state not in ("open", "all") and hazard.state != state:
        return False
    if "overdue" in request.GET and not line.overdue:
        return False
    return "mine" not in request.GET or is_mine(hazard, request.user)


def is_mine(hazard: Hazard, user: Any) -> bool:
    """Return whether a user reported, fixes, rechecks or accepts this ticket."""
    return user.pk in (
        hazard.reporter_id,
        hazard.rectifier_id,
        hazard.rechecker_id,
        hazard.acceptance_person_id,
    )


def _counts(lines: list[Line], user: Any) -> dict[str, int]:
    unfinished = [line for line in lines if line.hazard.state not in FINISHED]
    return {
        "open": len(unfinished),
        "overdue": sum(line.overdue for line in lines),
        "mine": sum(is_mine(line.hazard, user) for line in unfinished),
        "closed": sum(line.hazard.state in ("CLOSED", "ARCHIVED") for line in lines),
    }
