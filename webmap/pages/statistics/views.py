"""`/sites/CODE/risks/statistics/` and `/region/statistics/`: risk by grade, kind, accident, level, place and day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from spatial.places.models import Site
from spatial.risks import statistics
from spatial.risks.models import ResponsiblePerson, RiskPoint
from spatial.rulebook.queries import current_edition, edition_for, table
from spatial.zones.cached_colours import CachedGrade, remembered_grades
from spatial.zones.models import Zone
from webmap.access import visible_site

from .figures import Bar, Link, bars, columns, worst_first

TREND_DAYS = 30
MOST_PLACES = 20


def _current(grades: Sequence[CachedGrade]) -> dict[int, int]:
    return {grade: sum(site.point_counts.get(grade, 0) for site in grades) for grade in statistics.GRADES}


def _listed(base: str, **fixed: str) -> Link:
    """Return the link to the register of risk points with these filters, and the grade of the figure."""

    def link(grade: int | None) -> str:
        query = fixed | ({"grade": str(grade)} if grade else {})
        return f"{base}?{urlencode(query)}" if query else base

    return link


def _nowhere(_grade: int | None) -> str:
    return ""


def _shared(site_ids: list[Any], levels: Any, link: Any, *, time_zone: str) -> dict[str, Any]:
    """Return what both pages show. `link(**filters)` gives the Link of a row."""
    now = timezone.now()
    inherent, residual = statistics.by_grade(site_ids)
    current = _current(list(remembered_grades(site_ids, now=now).values()))
    kinds, level_names = dict(RiskPoint.Kind.choices), dict(ResponsiblePerson.Level.choices)
    grade_rows: list[tuple[str, Any, Link, str]] = [
        (_("Without controls"), inherent, link(), ""),
        (_("With controls"), residual, _nowhere, ""),
        (_("Risk now"), current, _nowhere, ""),
    ]
    by_level = statistics.by_lead_level(site_ids, levels)
    return {
        "total": sum(inherent.values()),
        "inherent": [(grade, inherent[grade], link()(grade)) for grade in statistics.GRADES],
        "grades": bars(grade_rows),
        "kinds": bars((str(kinds[kind]), counts, link(kind=kind), "")
                      for kind, counts in sorted(statistics.by_kind(site_ids).items())),
        "accidents": bars((name, counts, link(accident=name), "")
                          for name, counts in worst_first(statistics.by_accident(site_ids))),
        "levels": bars((str(level_names[level]), counts, link(level=level), "") for level, counts in by_level.items()),
        "trend": columns(statistics.trend(site_ids, days=TREND_DAYS, now=now, time_zone=time_zone)),
    }  # fmt: skip


@require_GET
def site_statistics(request: HttpRequest, code: str) -> HttpResponse:
    """Show the statistics of one site; places are its zones."""
    site = visible_site(request.user, code)
    base = f"/sites/{site.code}/risks/"
    levels = table(edition_for(site, on=timezone.now()), "risk_levels")
    zones = {zone.pk: zone for zone in Zone.objects.filter(site=site, active=True)}
    found = {zones[key].name: (key, counts) for key, counts in statistics.by_zone([site.pk]).items() if key in zones}
    places = bars(
        (name, counts, _listed(base, zone=str(found[name][0])), f"/sites/{site.code}/map/#zone-{found[name][0]}")
        for name, counts in worst_first({name: counts for name, (_key, counts) in found.items()})
    )
    context = _shared([site.pk], levels, lambda **f: _listed(base, **f), time_zone=site.time_zone)
    return render(request, "pages/statistics.html", {"site": site, "places": places, **context})


@require_GET
def region_statistics(request: HttpRequest) -> HttpResponse:
    """Show the statistics of every site that the user may see; places are sites, the gravest first."""
    sites = {site.pk: site for site in Site.objects.visible_to(request.user).only("code", "name")}
    levels = table(current_edition(on=timezone.now().date()), "risk_levels")
    found = {sites[key].code: counts for key, counts in statistics.by_site(sites).items()}
    names = {site.code: site.name for site in sites.values()}
    places: list[Bar] = bars(
        (names[code], counts, _listed(f"/sites/{code}/risks/"), f"/sites/{code}/map/")
        for code, counts in worst_first(found)[:MOST_PLACES]
    )
    context = _shared(list(sites), levels, lambda **_filters: _nowhere, time_zone="Asia/Shanghai")
    context |= {"places": places, "more_places": max(0, len(found) - MOST_PLACES), "site_count": len(sites)}
    return render(request, "pages/statistics.html", context)
