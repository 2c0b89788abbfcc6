"""Admin of the ledger: to read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from spatial.administration import ReadOnlyAdmin

from .models import Act


@admin.register(Act)
class ActAdmin(ReadOnlyAdmin):
    """Acts; those of no site are for superusers."""

    list_display = ("sequence", "organisation", "site", "actor_name", "verb", "subject_kind", "received_at")
    list_filter = ("verb",)
    search_fields = ("actor_name", "subject_id")
    list_select_related = ("organisation", "site")

    def scope(self, queryset: QuerySet, user: Any) -> QuerySet:
        """Return every act for superusers, else those of visible sites."""
        return queryset if user.is_superuser else queryset.visible_to(user)  # type: ignore[attr-defined]
