"""`/sites/<code>/models/<revision>/edges/`: fall edges and openings storey by storey, with a plan, to decide on."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bim.fall_edges.models import FallEdge
from bim.fall_edges.operations import DecisionRefused, dismiss_fall_edges, make_risk_points, may_decide
from bim.fall_edges.queries import survey_of, visible_fall_edges
from bim.models import Revision
from spatial.places.models import Site
from spatial.risks.models import ResponsiblePerson
from spatial.risks.operations import RiskRefused
from spatial.risks.rules import ScoreRefused
from spatial.rulebook.queries import EditionMissing, edition_for, table
from webmap.access import imported_on_site

from .edge_plan import plan_of


@never_cache
@require_http_methods(["GET", "POST"])
def edges_page(request: HttpRequest, code: str, revision_id: UUID) -> HttpResponse:
    """List a revision's proposals; take a decision on the chosen ones."""
    site, revision = imported_on_site(request.user, code, revision_id)
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
    address = reverse("fall-edges", args=[site.code, revision.id])
    return redirect(f"{address}?{urlencode({'storey': request.POST.get('storey', '')})}")


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
    survey = survey_of(revision)
    plan = survey.plan if survey else {}
    asked = request.POST.get("storey", request.GET.get("storey", ""))
    storeys = _storeys(revision, rows, plan.get("protected", []))
    first = next((storey for storey in storeys if storey["rows"]), storeys[0] if storeys else None)
    here = next((storey for storey in storeys if storey["key"] == asked), first)
    shown = here["rows"] if here else []
    floors = [floor for floor in plan.get("floors", []) if here and key_of(floor["storey_index"]) == here["key"]]
    context = {
        "site": site,
        "revision": revision,
        "error": error,
        "chosen": request.POST.getlist("edge"),
        "survey": survey,
        "storeys": storeys,
        "here": here,
        "rows": shown,
        "plan": plan_of(shown, floors, here["protected"]) if here else None,
        "may_decide": may_decide(request.user, site),
        "undecided": sum(row.decision == FallEdge.Decision.OPEN for row in shown),
        "scores": _score_lists(site),
        "levels": ResponsiblePerson.Level.choices,
    }
    return render(request, "pages/imports_edges.html", context, status=status)


def key_of(index: int | None) -> str:
    """Return how a storey is named in the address: its index, "none" for what belongs to none."""
    return "none" if index is None else str(index)


def _storeys(revision: Revision, rows: list[FallEdge], protected: list[Any]) -> list[dict[str, Any]]:
    """Return the storeys that have something to show, from above, with their sums."""
    names = {storey.index: storey.name for storey in revision.storeys.all()}
    indexes = {row.storey.index if row.storey else None for row in rows} | {row["storey_index"] for row in protected}
    found = []
    for index in sorted(indexes, key=lambda index: float("-inf") if index is None else index, reverse=True):
        mine = [row for row in rows if (row.storey.index if row.storey else None) == index]
        edges = [row for row in mine if row.kind == FallEdge.Kind.EDGE]
        found.append(
            {
                "key": key_of(index),
                "name": names.get(index, "") if index is not None else "",
                "rows": sorted(mine, key=lambda row: (row.kind, -row.length_m)),
                "metres": sum(row.length_m for row in edges),
                "openings": len(mine) - len(edges),
                "protected": [row for row in protected if row["storey_index"] == index],
                "undecided": sum(row.decision == FallEdge.Decision.OPEN for row in mine),
            }
        )
    return found


def _score_lists(site: Site) -> list[tuple[str, list[float]]]:
    """Return the values that L, E and C may have today; none where no rule edition is loaded."""
    try:
        lec = table(edition_for(site, on=timezone.now()), "lec")
    except EditionMissing:
        return []
    return [(name, [row["v"] for row in lec[name]]) for name in ("L", "E", "C")]
