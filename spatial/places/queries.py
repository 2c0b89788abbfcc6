"""Find places: what a user may see, and on which storey a height lies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr

from .models import Anchor, Building, Organisation, Region, Site, SiteDrawing, SiteMap, Space, Storey


def visible(user: Any) -> QuerySet[Site]:
    """Return the sites that a user may see, with organisation and region."""
    return Site.objects.visible_to(user).select_related("organisation", "region")


def visible_anchors(user: Any) -> QuerySet[Anchor]:
    """Return the anchors on sites that a user may see."""
    return Anchor.objects.visible_to(user).select_related("storey")


def storey_of_height(storeys: Iterable[Storey], height_m: float) -> Storey | None:
    """Return which of these storeys holds a height (Yellow Sea 1985): the highest floor at or below it.

    A storey with a top ends there; a height under every floor, or over a known top, has no storey.
    """
    below = [storey for storey in storeys if storey.elevation_m <= height_m]
    if not below:
        return None
    best = max(below, key=lambda storey: storey.elevation_m)
    return best if best.top_m is None or height_m < best.top_m else None


def storey_at(site: Site, height_m: float, *, building: Any | None = None) -> Storey | None:
    """Return the storey of a site (or of one building) at a height in Yellow Sea metres, or None."""
    storeys = Storey.objects.filter(site=site)
    if building is not None:
        storeys = storeys.filter(building=building)
    return storey_of_height(storeys, height_m)


def _below(paths: Iterable[str]) -> Q:
    reach = Q(pk__in=[])
    for path in paths:
        reach |= Q(path__startswith=path)
    return reach


def visible_regions(user: Any) -> QuerySet[Region]:
    """Return the regions of visible sites, and those at or below a region that the user has a role in."""
    if user.is_superuser:
        return Region.objects.all()
    own = user.memberships.filter(region__isnull=False).values_list("region__path", flat=True)
    return Region.objects.filter(_below(own) | Q(sites__in=Site.objects.visible_to(user))).distinct()


def visible_organisations(user: Any) -> QuerySet[Organisation]:
    """Return the organisations of visible sites, and those at or below one that the user has a role in."""
    if user.is_superuser:
        return Organisation.objects.all()
    own = user.memberships.filter(organisation__isnull=False).values_list("organisation__path", flat=True)
    return Organisation.objects.filter(_below(own) | Q(sites__in=Site.objects.visible_to(user))).distinct()


PATH_STEP = 4  # signs of a treebeard path for each level


def _with_all_above(paths: Iterable[str]) -> set[str]:
    """Return paths of a tree and those of all nodes above them."""
    return {path[:end] for path in paths for end in range(PATH_STEP, len(path) + 1, PATH_STEP)}


def regions_on_the_way(user: Any) -> QuerySet[Region]:
    """Return the regions that a user may see, and those above them, which lead there."""
    if user.is_superuser:
        return Region.objects.all()
    paths = _with_all_above(visible_regions(user).values_list("path", flat=True))
    return Region.objects.filter(path__in=paths)


def organisations_on_the_way(user: Any) -> QuerySet[Organisation]:
    """Return the organisations that a user may see, and those above them, which lead there."""
    if user.is_superuser:
        return Organisation.objects.all()
    paths = _with_all_above(visible_organisations(user).values_list("path", flat=True))
    return Organisation.objects.filter(path__in=paths)


def site_counts(user: Any, tree: str, depth: int) -> dict[str, int]:
    """Return {path: visible sites at or below} of the nodes of a tree ("region", "organisation") at a depth."""
    sites = Site.objects.visible_to(user).exclude(**{f"{tree}__isnull": True})
    head = Substr(f"{tree}__path", 1, depth * PATH_STEP)
    rows = sites.annotate(head=head).values("head").annotate(count=Count("id")).values_list("head", "count")
    return {path: count for path, count in rows if len(path) == depth * PATH_STEP}


def structure_counts(sites: Iterable[Site]) -> dict[Any, dict[str, int]]:
    """Return {site id: numbers of its buildings, storeys and spaces}."""
    ids = [site.pk for site in sites]
    found: dict[Any, dict[str, int]] = {pk: {"buildings": 0, "storeys": 0, "spaces": 0} for pk in ids}
    for name, model in (("buildings", Building), ("storeys", Storey), ("spaces", Space)):
        rows = model.objects.filter(site__in=ids).values("site").annotate(count=Count("id")).order_by()
        for row in rows:
            found[row["site"]][name] = row["count"]
    return found


def pictures_of(site: Site, at: datetime) -> list[SiteMap]:
    """Return a site's pictures: the one valid at a moment first, then older ones, then those of days to come."""
    rows = SiteMap.objects.filter(site=site).order_by("-valid_from", "-created_at")
    return sorted(rows, key=lambda row: row.valid_from > at)


def plans_of(site: Site) -> list[SiteMap | SiteDrawing]:
    """Return a site's pictures and drawings, newest first."""
    rows: list[SiteMap | SiteDrawing] = [*SiteMap.objects.filter(site=site), *SiteDrawing.objects.filter(site=site)]
    return sorted(rows, key=lambda row: (row.valid_from, row.created_at), reverse=True)
