"""Admin of rule editions: to read; they are loaded from data files."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from .models import Edition


@admin.register(Edition)
class EditionAdmin(ModelAdmin):
    """Editions belong to everybody: they are the same for all sites."""

    list_display = ("pack", "version", "valid_from", "valid_to", "sha256")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the editions without their tables in lists."""
        rows = super().get_queryset(request)
        return rows if request.resolver_match and "object_id" in request.resolver_match.kwargs else rows.defer("tables")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Editions are loaded by `load_rulebook`."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A changed table is a new edition."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Records refer to editions."""
        return False
