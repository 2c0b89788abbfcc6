"""Admin of rule editions: to read; they are loaded from data files or published on the page of rules."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from .models import Edition, RulePack


@admin.register(Edition)
class EditionAdmin(ModelAdmin):
    """Editions of everybody; those of organisations are shown to superusers only, and to their own on the pages."""

    list_display = ("pack", "version", "base", "valid_from", "valid_to", "sha256")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the editions without their tables in lists."""
        rows = super().get_queryset(request).select_related("base").defer("base__tables", "base__differences")
        if not request.user.is_superuser:
            shared = RulePack.objects.filter(organisation__isnull=True)
            rows = rows.filter(pack__in=shared.values("code"))
        return rows if request.resolver_match and "object_id" in request.resolver_match.kwargs else rows.defer("tables")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Editions are loaded by `load_rulebook` or published by `publish_edition`."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A changed table is a new edition."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Records refer to editions."""
        return False
