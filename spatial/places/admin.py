"""Admin of places; boundaries of regions and sites are drawn on a map."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from leaflet.admin import LeafletGeoAdminMixin

from spatial.administration import ReadOnlyAdmin
from spatial.ledger.acting import ActingAdmin

from .models import Anchor, Building, Organisation, Region, Site, SiteMap, Storey
from .queries import visible_organisations, visible_regions


class TreeAdmin(ActingAdmin):
    """Nodes of a tree; new ones come from operations, which know where they belong."""

    exclude = ("path", "depth", "numchild")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A node without a place in the tree cannot be."""
        return False


@admin.register(Region)
class RegionAdmin(LeafletGeoAdminMixin, TreeAdmin):
    """Regions and their boundaries."""

    list_display = ("code", "name", "level")
    search_fields = ("code", "name")
    ordering = ("path",)

    def scope(self, queryset: QuerySet, user: Any) -> QuerySet:
        """Return the regions at or below those the user has a role in."""
        return visible_regions(user)


@admin.register(Organisation)
class OrganisationAdmin(TreeAdmin):
    """Organisations."""

    list_display = ("name", "kind")
    search_fields = ("name",)
    ordering = ("path",)

    def scope(self, queryset: QuerySet, user: Any) -> QuerySet:
        """Return the organisations of visible sites and below the user's own."""
        return visible_organisations(user)


@admin.register(Site)
class SiteAdmin(LeafletGeoAdminMixin, ActingAdmin):
    """Sites, their boundaries and coordinate systems."""

    list_display = ("code", "name", "organisation", "region", "phase", "projected_srid")
    list_filter = ("phase",)
    search_fields = ("code", "name")
    list_select_related = ("organisation", "region")


@admin.register(Building)
class BuildingAdmin(ActingAdmin):
    """Buildings and their zero levels."""

    list_display = ("name", "site", "zero_level_m")
    list_select_related = ("site",)


@admin.register(Storey)
class StoreyAdmin(ActingAdmin):
    """Storeys and their heights."""

    list_display = ("name", "building", "site", "elevation_m", "top_m", "index")
    list_select_related = ("building", "site")


@admin.register(SiteMap)
class SiteMapAdmin(ReadOnlyAdmin):
    """Site maps; they come in by the import."""

    list_display = ("name", "site", "residual_rms_m", "valid_from")
    list_select_related = ("site",)


@admin.register(Anchor)
class AnchorAdmin(ReadOnlyAdmin):
    """Anchors; they are placed by what they anchor."""

    list_display = ("__str__", "site", "storey", "element_global_id")
    list_select_related = ("site", "storey")
