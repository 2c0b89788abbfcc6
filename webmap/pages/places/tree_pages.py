"""`/places/`: region by region and company by company down to the sites, and a site down to its spaces."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from ingest.vectors.places.reach import kinds_for, may_change_structure
from ingest.vectors.places.stored import shape_of
from spatial.places.models import Building, Organisation, Site, Space, Storey
from spatial.places.queries import organisations_on_the_way, regions_on_the_way, site_counts, structure_counts
from webmap.access import visible_site

from .shapes import collection

ON_A_PAGE: Final = 100
ON_A_MAP: Final = 2500
MAP_SETTINGS: Final = {"MIN_ZOOM": 3, "MAX_ZOOM": 22}


def _children(rows: QuerySet, user: Any, tree: str, node: Any | None) -> list[tuple[Any, int]]:
    """Return the nodes right below one (None: the top) with the number of visible sites at or below each."""
    depth = node.depth + 1 if node else 1
    below = rows.filter(depth=depth, path__startswith=node.path if node else "").order_by("path")
    counts = site_counts(user, tree, depth)
    return [(row, counts.get(row.path, 0)) for row in below]


def _page_of_sites(request: HttpRequest, sites: QuerySet[Site]) -> dict[str, Any]:
    page = Paginator(sites.select_related("organisation", "region").order_by("code"), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    counts = structure_counts(page.object_list)
    return {"sites": [(site, counts[site.pk]) for site in page.object_list], "site_page": page}


def _shapes(regions: list[tuple[Any, int]], sites: QuerySet[Site]) -> dict[str, Any]:
    """Return the boundaries of regions and the places of all sites below, for the map."""
    found = [(shape_of(row.boundary), {"name": row.name, "state": "region"}) for row, _ in regions]
    rows = sites.filter(location__isnull=False).order_by("code").values_list("code", "name", "location")[:ON_A_MAP]
    found += [
        (shape_of(location), {"name": name, "state": "site", "url": f"/sites/{code}/map/"})
        for code, name, location in rows
    ]
    return collection([(shape, properties) for shape, properties in found if shape is not None])


@require_GET
def places_page(request: HttpRequest) -> HttpResponse:
    """Show the top of both trees, and the sites that hang in no region."""
    regions = _children(regions_on_the_way(request.user), request.user, "region", None)
    visible = Site.objects.visible_to(request.user)
    sites = _page_of_sites(request, visible.filter(region__isnull=True))
    context = {
        "regions": regions,
        "organisations": _children(organisations_on_the_way(request.user), request.user, "organisation", None),
        "kinds": kinds_for(request.user),
        "shapes": _shapes(regions, visible),
        "map_settings": MAP_SETTINGS,
        **sites,
    }
    return render(request, "pages/places.html", context)


@require_GET
def region_page(request: HttpRequest, region_id: UUID) -> HttpResponse:
    """Show what lies right below a region, and the sites in it."""
    rows = regions_on_the_way(request.user)
    region = get_object_or_404(rows, pk=region_id)
    regions = _children(rows, request.user, "region", region)
    visible = Site.objects.visible_to(request.user)
    sites = _page_of_sites(request, visible.filter(region=region))
    own = regions or [(region, 0)]
    context = {
        "node": region,
        "above": [("places-region", row) for row in region.get_ancestors()],
        "regions": regions,
        "kinds": kinds_for(request.user),
        "shapes": _shapes(own, visible.filter(region__path__startswith=region.path)),
        "map_settings": MAP_SETTINGS,
        **sites,
    }
    return render(request, "pages/places.html", context)


@require_GET
def organisation_page(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Show what belongs to an organisation, and its sites."""
    rows = organisations_on_the_way(request.user)
    row: Organisation = get_object_or_404(rows, pk=organisation_id)
    visible = Site.objects.visible_to(request.user)
    sites = _page_of_sites(request, visible.filter(organisation=row))
    context = {
        "node": row,
        "above": [("places-organisation", above) for above in row.get_ancestors()],
        "organisations": _children(rows, request.user, "organisation", row),
        "kinds": kinds_for(request.user),
        "shapes": _shapes([], visible.filter(organisation__path__startswith=row.path)),
        "map_settings": MAP_SETTINGS,
        **sites,
    }
    return render(request, "pages/places.html", context)


@require_GET
def site_places(request: HttpRequest, code: str) -> HttpResponse:
    """Show the buildings, storeys and spaces of a site."""
    site = visible_site(request.user, code)
    spaces: dict[Any, list[Space]] = defaultdict(list)
    for space in Space.objects.filter(site=site).order_by("number"):
        spaces[space.storey_id].append(space)
    storeys: dict[Any, list[tuple[Storey, list[Space]]]] = defaultdict(list)
    for storey in Storey.objects.filter(site=site).order_by("-elevation_m"):
        storeys[storey.building_id].append((storey, spaces[storey.pk]))
    buildings = [(row, storeys[row.pk]) for row in Building.objects.filter(site=site).order_by("name")]
    outlines = [(shape_of(row.outline), {"name": row.name, "state": "region"}) for row, _ in buildings]
    outlines += [
        (shape_of(row.outline), {"name": str(row), "state": "new"}) for rows in spaces.values() for row in rows
    ]
    outlines.append((shape_of(site.boundary), {"name": site.name, "state": "before"}))
    context = {
        "site": site,
        "buildings": buildings,
        "counts": structure_counts([site])[site.pk],
        "may_import": may_change_structure(request.user, site),
        "shapes": collection([(shape, properties) for shape, properties in outlines if shape is not None]),
        "map_settings": MAP_SETTINGS,
        "above": [*site.region.get_ancestors(), site.region] if site.region else [],
    }
    return render(request, "pages/site_places.html", context)
