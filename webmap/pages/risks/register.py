"""`/sites/CODE/risks/`: the risk points of a site, counted by grade, filtered and paged by the database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_GET

from spatial.places.models import Storey
from spatial.risks.models import HazardSource, ResponsiblePerson, RiskPoint
from spatial.risks.queries import visible
from spatial.risks.rules import lead_level
from spatial.rulebook.queries import edition_for, table
from spatial.zones.models import Zone
from webmap.access import visible_site

PAGE_LENGTH = 50
FILTERS = ("grade", "kind", "level", "storey", "zone", "accident", "q")
INHERENT = Case(When(direct_major=True, then=Value(4)), default=F("source_grade"), output_field=IntegerField())


class CountedPaginator(Paginator):
    """A paginator whose count is already known, so that the rows are not counted twice."""

    def __init__(self, rows: Any, length: int, *, known: int | None) -> None:
        super().__init__(rows, length)
        self._known = known

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return self._known if self._known is not None else rows.count()


@require_GET
def register(request: HttpRequest, code: str) -> HttpResponse:
    """Show the risk points that the filters leave, the highest grade first."""
    site = visible_site(request.user, code)
    levels = table(edition_for(site, on=timezone.now().date()), "risk_levels")
    chosen = {name: request.GET.get(name, "").strip() for name in FILTERS}
    chosen["state"] = request.GET.get("state", "force")
    points = visible(request.user).filter(site=site)
    points = points if chosen["state"] == "all" else _in_state(points, chosen["state"])
    counts = _counts(points)
    rows: Any = _filtered(points, chosen, site, levels)
    filtered = any(chosen[name] for name in FILTERS)
    page = CountedPaginator(
        rows.order_by("-inherent", "code").values_list("pk", flat=True),
        PAGE_LENGTH,
        known=None if filtered else counts["all"],
    ).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "site": site,
        "page": page,
        "lines": _lines(_points_of(request.user, page), levels),
        "counts": counts,
        "chosen": chosen,
        "filtered": filtered,
        "query": query.urlencode(),
        "storeys": Storey.objects.filter(site=site).order_by("elevation_m"),
        "zones": Zone.objects.filter(site=site, active=True).order_by("name"),
        "levels": ResponsiblePerson.Level.choices,
        "kinds": RiskPoint.Kind.choices,
    }
    return render(request, "pages/risks.html", context)


def _in_state(points: QuerySet[RiskPoint], state: str) -> QuerySet[RiskPoint]:
    if state in RiskPoint.State.values:
        return points.filter(state=state)
    return points.exclude(state=RiskPoint.State.CLOSED)


def _counts(points: QuerySet[RiskPoint]) -> dict[str, Any]:
    """Return how many points there are of each grade (S3.56), in one statement."""
    by_grade = dict(
        points.order_by().select_related(None).annotate(inherent=INHERENT).values_list("inherent").annotate(Count("pk"))
    )  # fmt: skip
    return {"all": sum(by_grade.values()), "by_grade": [(grade, by_grade.get(grade, 0)) for grade in (4, 3, 2, 1)]}


def _filtered(
    points: QuerySet[RiskPoint], chosen: dict[str, str], site: Any, levels: dict[str, Any]
) -> QuerySet[RiskPoint]:
    points = points.annotate(inherent=INHERENT)
    if chosen["grade"].isdigit():
        points = points.filter(inherent=int(chosen["grade"]))
    if chosen["kind"] in RiskPoint.Kind.values:
        points = points.filter(kind=chosen["kind"])
    if chosen["level"] in ResponsiblePerson.Level.values:
        own = [row["grade"] for row in levels["scale"] if row["lead_level"] == chosen["level"]]
        points = points.filter(Q(lead_level=chosen["level"]) | Q(lead_level="", inherent__in=own))
    if storey := _of_site(Storey, site, chosen["storey"]):
        points = points.filter(anchor__storey=storey)
    if zone := _of_site(Zone, site, chosen["zone"]):
        points = points.filter(anchor__geometry__intersects=zone.outline)
    if accident := chosen["accident"]:
        points = points.filter(pk__in=HazardSource.objects.filter(accident_type=accident).values("risk_point"))
    if text := chosen["q"]:
        points = points.filter(
            Q(code__icontains=text) | Q(name__icontains=text) | Q(anchor__element_name__icontains=text)
        )
    return points


def _of_site(model: Any, site: Any, value: str) -> Any | None:
    try:
        return model.objects.filter(site=site, pk=UUID(value)).first() if value else None
    except ValueError:
        return None


def _points_of(user: Any, page: Page) -> list[Any]:
    """Return the points of a page in order; their ids were sorted alone, so a late page joins no more than its own."""
    ids = list(page)
    found = visible(user).annotate(inherent=INHERENT).in_bulk(ids)
    return [found[one] for one in ids if one in found]


def _lines(page: list[Any], levels: dict[str, Any]) -> list[dict[str, Any]]:
    labels = dict(ResponsiblePerson.Level.choices)
    leaders = _leaders([point.pk for point in page])
    return [
        {
            "point": point,
            "inherent": point.inherent,
            "level": labels.get(lead := lead_level(point.inherent, levels, point.lead_level)),
            "leader": leaders.get((point.pk, lead), ""),
        }
        for point in page
    ]


def _leaders(point_ids: list[Any]) -> dict[tuple[Any, str], str]:
    rows = ResponsiblePerson.objects.filter(risk_point__in=point_ids).order_by("created_at")
    found: dict[tuple[Any, str], str] = {}
    for point_id, level, name in rows.values_list("risk_point_id", "level", "full_name"):
        found.setdefault((point_id, level), name)
    return found
