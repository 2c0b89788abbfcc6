"""`/region/public-risks/`: counts by town and grade, and the list with its filters."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from spatial.public_risks.models import PublicRisk
from spatial.public_risks.queries import counts_by_region, regulated_regions, standing
from webmap.wording.grade_signs import SIGNS

from .gate import check_regulator

PER_PAGE = 50


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the public risk points that stand in the user's regions."""
    check_regulator(request.user)
    today = timezone.localdate()
    points = standing(request.user)
    towns = counts_by_region(points)
    total = {grade: sum(counts[grade] for _, counts in towns) for grade in (4, 3, 2, 1)}
    shown = _filtered(points, request.GET, today).order_by("-grade", "region__name", "code")
    query = request.GET.copy()
    query.pop("page", None)
    context: dict[str, Any] = {
        "towns": [(name, [counts[grade] for grade in (4, 3, 2, 1)], sum(counts.values())) for name, counts in towns],
        "total": [total[grade] for grade in (4, 3, 2, 1)],
        "total_all": sum(total.values()),
        "late_count": points.filter(next_check_on__lt=today).count(),
        "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        "regions": regulated_regions(request.user).filter(public_risks__isnull=False).distinct(),
        "kinds": PublicRisk.Kind.choices,
        "grades": (4, 3, 2, 1),
        "grade_choices": [(value, f"{sign.numeral} {sign.word}") for value, sign in SIGNS.items() if value],
        "asked": request.GET,
        "query": query.urlencode(),
        "today": today,
    }
    return render(request, "pages/public_risks.html", context)


def _filtered(points: Any, asked: Any, today: Any) -> Any:
    if asked.get("town"):
        points = points.filter(region__code=asked["town"])
    if asked.get("grade", "").isdigit():
        points = points.filter(grade=int(asked["grade"]) if len(asked["grade"]) == 1 else 0)
    if asked.get("kind"):
        points = points.filter(kind=asked["kind"])
    if asked.get("late"):
        points = points.filter(next_check_on__lt=today)
    if words := asked.get("q", "").strip():
        points = points.filter(
            Q(code__icontains=words) | Q(name__icontains=words) | Q(responsible_unit__icontains=words)
        )
    return points
