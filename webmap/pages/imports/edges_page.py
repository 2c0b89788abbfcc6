"""`/sites/<code>/models/<revision>/edges/`: fall edges and openings storey by storey, with a plan, to decide on."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bim.fall_edges.models import FallEdge
from bim.fall_edges.operations import DecisionRefused, dismiss_fall_edges, make_risk_points, may_decide
from bim.fall_edges.queries import visible_fall_edges
from bim.models import Revision
from bim.queries import visible_revisions
from spatial.places.models import Site
from spatial.risks.models import ResponsiblePerson
from spatial.risks.operations import RiskRefused
from spatial.risks.rules import ScoreRefused
from spatial.rulebook.queries import EditionMissing, current_edition, table
from webmap.access import visible_site

MARGIN_M = 1.5


@never_cache
@require_http_methods(["GET", "POST"])
def edges_page(request: HttpRequest, code: str, revision_id: UUID) -> HttpResponse:
    """List a revision's proposals; take a decision on the chosen ones."""
    site = visible_site(request.user, code)
    revision = get_object_or_404(
        visible_revisions(request.user).filter(site=site, state__in=Revision.IMPORTED_STATES), id=revision_id
    )
    if request.method == "GET":
        return _page(request, site, revision)
    if not may_decide(request.user, site):
        refusal = _("Only the BIM engineer, the project manager and the safety officer may decide here.")
        return _page(request, site, revision, error=refusal, status=403)
    numbers = [int(number) for number in request.POST.getlist("edge") if number.isdecimal() and len(number) < 9]
    edges = list(visible_fall_edges(request.user, revision).filter(number__in=numbers))
    try:
        if request.POST.get("action") == "dismiss":
            reason = request.POST.get("reason", "")
            dismiss_fall_edges(edges=edges, reason=reason, actor=request.user, now=timezone.now())
        else:
            make_risk_points(
                edges=edges, scores=_scores(request), responsible=_people(request), actor=request.user,
                now=timezone.now(),
            )  # fmt: skip
    except (DecisionRefused, RiskRefused, ScoreRefused, EditionMissing) as error:
        return _page(request, site, revision, error=str(error), status=422)
    return redirect("fall-edges", code=site.code, revision_id=revision.id)


def _scores(request: HttpRequest) -> dict[str, float]:
    try:
        return {name: float(request.POST.get(name, "")) for name in ("L", "E", "C")}
    except ValueError:
        raise DecisionRefused(_("Choose L, E and C: nothing is graded without a person.")) from None


def _people(request: HttpRequest) -> list[Any]:
    named = [(level, request.POST.get(f"person_{level}", "").strip()[:60]) for level in ResponsiblePerson.Level.values]
    return [{"level": level, "full_name": name} for level, name in named if name]


def _page(request: HttpRequest, site: Site, revision: Revision, *, error: str = "", status: int = 200) -> HttpResponse:
    rows = list(visible_fall_edges(request.user, revision))
    rows.sort(key=lambda row: (-(row.storey.index if row.storey else -1), row.number))
    groups = [(key, list(part)) for key, part in groupby(rows, key=lambda row: row.storey)]
    context = {
        "site": site,
        "revision": revision,
        "error": error,
        "chosen": request.POST.getlist("edge"),
        "storeys": [(storey, part, plan_of(part)) for storey, part in groups],
        "may_decide": may_decide(request.user, site),
        "undecided": sum(row.decision == FallEdge.Decision.OPEN for row in rows),
        "scores": _score_lists(),
        "levels": ResponsiblePerson.Level.choices,
    }
    return render(request, "pages/imports_edges.html", context, status=status)


def _score_lists() -> list[tuple[str, list[float]]]:
    """Return the values that L, E and C may have today; none where no rule edition is loaded."""
    try:
        lec = table(current_edition(on=timezone.now().date()), "lec")
    except EditionMissing:
        return []
    return [(name, [row["v"] for row in lec[name]]) for name in ("L", "E", "C")]


def plan_of(rows: list[FallEdge]) -> dict[str, Any]:
    """Return a plan of edges and openings for an SVG: its view box in metres and each row's points, north up."""
    points = [point for row in rows for point in row.points_m]
    west, east = min(p[0] for p in points) - MARGIN_M, max(p[0] for p in points) + MARGIN_M
    south, north = min(p[1] for p in points) - MARGIN_M, max(p[1] for p in points) + MARGIN_M
    size = max(east - west, north - south)
    return {
        "box": f"0 0 {east - west:.2f} {north - south:.2f}",
        "stroke": f"{size / 150:.3f}",
        "text": f"{size / 35:.2f}",
        "shapes": [
            {
                "row": row,
                "points": " ".join(f"{p[0] - west:.2f},{north - p[1]:.2f}" for p in row.points_m),
                "x": f"{row.points_m[len(row.points_m) // 2][0] - west:.2f}",
                "y": f"{north - row.points_m[len(row.points_m) // 2][1]:.2f}",
            }
            for row in rows
        ],
    }
