"""What every admin page of the product has in common: unfold's looks, and only visible rows.

The admin is for setting up and looking; work on risks, zones and tickets goes through operations and their pages.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin


class ScopedAdmin(ModelAdmin):
    """Shows only rows that the user may see; nothing is deleted here."""

    list_filter_submit = True
    warn_unsaved_form = True

    def scope(self, queryset: QuerySet, user: Any) -> QuerySet:
        """Return the rows that a user may see."""
        return queryset.visible_to(user)  # type: ignore[attr-defined]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the rows of this page's user."""
        return self.scope(super().get_queryset(request), request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are ended or closed by operations, not deleted."""
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows of visible sites in a choice."""
        return super().formfield_for_foreignkey(db_field, request, **_visible_choices(db_field, request, kwargs))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows of visible sites in a choice of several."""
        return super().formfield_for_manytomany(db_field, request, **_visible_choices(db_field, request, kwargs))


class ReadOnlyAdmin(ScopedAdmin):
    """Rows that only operations write: to look at, not to change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed by hand."""
        return False


def _visible_choices(db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a form field, with the visible rows to choose from where rows have a site."""
    manager = db_field.remote_field.model._default_manager
    if "queryset" not in kwargs and hasattr(manager.none(), "visible_to"):
        return {**kwargs, "queryset": manager.get_queryset().visible_to(request.user)}
    return kwargs
