"""`/sites/CODE/risks/points/ID/`: one risk point: its colour with reasons, sources, measures, people, lists, place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from spatial.control_lists.models import ListEntry, ListVersion
from spatial.hazards.models import Hazard
from spatial.risks.queries import visible
from spatial.zones.queries import site_colours
from webmap.access import visible_site
from webmap.live.state import place_of
from webmap.wording.reasons import reason_of, without_repeats

from .words import CHOICE_LABELS, COLUMN_LABELS, LEVEL_LABELS


@require_GET
def point_page(request: HttpRequest, code: str, point_id: UUID) -> HttpResponse:
    """Show a risk point with everything that hangs on it."""
    site = visible_site(request.user, code)
    points = visible(request.user).select_related("rule_edition").defer("rule_edition__tables")
    points = points.prefetch_related("sources__measures", "responsible")
    point = get_object_or_404(points, site=site, pk=point_id)
    now = timezone.now()
    colour = site_colours(site, now=now).risk_points.get(point.pk)
    entry = (
        ListEntry.objects.filter(risk_point=point, version__state=ListVersion.State.PUBLISHED)
        .select_related("version")
        .first()
    )
    context = {
        "site": site,
        "point": point,
        "entry": entry,
        "columns": _columns(entry),
        "versions": ListVersion.objects.filter(entries__risk_point=point).exclude(published_at=None).order_by("number"),
        "colour": colour,
        "reasons": _reasons(colour, now, site) if colour else [],
        "people": _people(point),
        "place": place_of(point.anchor),
        "hazards": Hazard.objects.visible_to(request.user).filter(risk_point=point).order_by("-received_at")[:20],
    }
    return render(request, "pages/risk_point.html", context)


def _reasons(colour: Any, now: Any, site: Any) -> list[dict[str, Any]]:
    facts = {"now": now, "time_zone": site.time_zone, "site_code": site.code}
    return [reason_of(reason, **facts) for reason in without_repeats(colour.reasons)]


def _columns(entry: ListEntry | None) -> list[tuple[Any, str]]:
    if entry is None:
        return []
    return [
        (label, str(CHOICE_LABELS.get(entry.columns[name], entry.columns[name])))
        for name, label in COLUMN_LABELS.items()
        if entry.columns.get(name)
    ]


def _people(point: Any) -> list[tuple[Any, list[Any]]]:
    by_level = [(label, [p for p in point.responsible.all() if p.level == level]) for level, label in
                LEVEL_LABELS.items()]  # fmt: skip
    return [(label, people) for label, people in by_level if people]
