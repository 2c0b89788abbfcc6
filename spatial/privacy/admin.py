"""Policies and looks in the admin, to read: they are made on their pages."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from spatial.administration import ReadOnlyAdmin
from spatial.places.models import Site
from spatial.scope import visible_site_ids

from .models import Policy, TrackLook


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin):
    """Policies of organisations with visible sites."""

    list_display = ("organisation", "version", "retention_days", "only_on_shift", "only_inside", "published_at")
    list_select_related = ("organisation",)

    def scope(self, queryset: QuerySet, user: Any) -> QuerySet:
        """Return every policy for superusers, else those of visible sites' organisations."""
        if user.is_superuser:
            return queryset
        sites = Site.objects.filter(pk__in=visible_site_ids(user))
        return queryset.filter(organisation__in=sites.values("organisation"))


@admin.register(TrackLook)
class TrackLookAdmin(ReadOnlyAdmin):
    """Looks at tracks on visible sites."""

    list_display = ("looked_at", "viewer", "person", "purpose", "starts_at", "ends_at")
    list_select_related = ("viewer", "person")
