"""Which risk points of an organisation or region would change under another edition; nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from spatial.places.models import Site
from spatial.risks.models import HazardSource, RiskPoint
from spatial.rulebook.models import Edition, PackChoice
from spatial.rulebook.queries import choices_for, editions_for, resolved_tables, table

from .rules import Regrading, StoredPoint, StoredSource, regrade

LIVE = (RiskPoint.State.PLANNED, RiskPoint.State.ACTIVE, RiskPoint.State.SUSPENDED)


def _gives_way(choice: PackChoice | None, reach: Any) -> bool:
    """Return whether a choice now in force would give way to one made at `reach`."""
    if choice is None:
        return True
    if reach._meta.model_name == "organisation":
        return choice.organisation is None or len(choice.organisation.path) <= len(reach.path)
    return choice.region is not None and len(choice.region.path) <= len(reach.path)


def sites_following(reach: Any, *, on: date) -> list[Site]:
    """Return the sites of an organisation or region that would follow a choice made there on a day, by code.

    A site with a nearer choice of its own organisation (or of a region nearer to it) keeps that.
    """
    below = {f"{reach._meta.model_name}__path__startswith": reach.path}
    sites = list(Site.objects.filter(**below).select_related("organisation", "region"))
    chosen = choices_for(sites, on=on)
    return [site for site in sites if _gives_way(chosen[site.pk], reach)]


def _sources(site_ids: list[UUID]) -> Mapping[UUID, list[StoredSource]]:
    found: dict[UUID, list[StoredSource]] = defaultdict(list)
    rows = HazardSource.objects.filter(site__in=site_ids, risk_point__state__in=LIVE).order_by("name")
    columns = ("name", "method", "scores", "value", "grade", "residual_scores", "residual_grade")
    for point, *fields in rows.values_list("risk_point", *columns).iterator():
        found[point].append(StoredSource(*fields))
    return found


def stored_points(sites: Iterable[Site]) -> Iterator[StoredPoint]:
    """Yield the planned, active and suspended risk points of sites with their scores, in four queries at most."""
    ids = [site.pk for site in sites]
    sources = _sources(ids)
    editions = Edition.objects.filter(pk__in=RiskPoint.objects.filter(site__in=ids).values("rule_edition").distinct())
    leads = {
        edition.pk: {row["grade"]: row["lead_level"] for row in table(edition, "risk_levels")["scale"]}
        for edition in editions.defer("tables", "differences")
    }
    rows = RiskPoint.objects.filter(site__in=ids, state__in=LIVE).order_by("site__code", "code")
    columns = ("id", "site_id", "code", "name", "direct_major", "rule_edition_id", "lead_level", "residual_grade")
    for key, site_id, code, name, direct, edition_id, lifted, residual in rows.values_list(*columns).iterator():
        point = StoredPoint(key, site_id, code, name, direct, tuple(sources.get(key, ())), "", lifted, residual)
        yield replace(point, lead_level=lifted or leads[edition_id].get(point.grade, ""))


def preview(sites: Iterable[Site], tables: Mapping[str, Any]) -> Regrading:
    """Return what the resolved tables of an edition, published or not, would make of the risk points of sites."""
    contents = {name: tables[name]["content"] for name in ("lec", "ls", "risk_levels")}
    return regrade(stored_points(sites), contents)


def preview_edition(sites: Iterable[Site], edition: Edition) -> Regrading:
    """Return what a stored edition would make of the risk points of sites."""
    return preview(sites, resolved_tables(edition))


def preview_above(reach: Any, sites: Iterable[Site], *, on: date) -> Regrading:
    """Return what would become of the risk points of sites were the choices of `reach` itself taken back."""
    by_edition: dict[Edition, list[Site]] = defaultdict(list)
    sites = list(sites)
    editions = editions_for(sites, on=on, without=reach)
    for site in sites:
        by_edition[editions[site.pk]].append(site)
    result = Regrading()
    for edition, members in by_edition.items():
        found = preview_edition(members, edition)
        result.points += found.points
        result.grades += found.grades
        result.leads += found.leads
    return result
