"""What every admin page of the product has in common: unfold's looks, only visible rows, and acts.

The admin is for setting up and looking; work on risks, zones and tickets goes through operations and their pages.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from spatial.ledger.operations import record_act


class ScopedAdmin(ModelAdmin):
    """Shows only rows that the user may see; each change writes an act; nothing is deleted here."""

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
        related = db_field.remote_field.model
        manager = related._default_manager
        if "queryset" not in kwargs and hasattr(manager.none(), "visible_to"):
            kwargs["queryset"] = manager.get_queryset().visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save a row and write the act, in the admin's own transaction."""
        super().save_model(request, obj, form, change)
        write_act(obj, request.user, "admin_change" if change else "admin_add", list(form.changed_data))


class ReadOnlyAdmin(ScopedAdmin):
    """Rows that only operations write: to look at, not to change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed by hand."""
        return False


def write_act(obj: Model, user: Any, verb: str, fields: list[str]) -> None:
    """This function will write the act of a change by the admin: who, which row, which fields."""
    site = obj if obj._meta.label == "places.Site" else getattr(obj, "site", None)
    organisation = obj if obj._meta.label == "places.Organisation" else getattr(obj, "organisation", None)
    now = timezone.now()
    record_act(
        organisation=organisation or getattr(site, "organisation", None),
        site=site,
        actor=user,
        verb=verb,
        subject_kind=str(obj._meta.model_name),
        subject_id=obj.pk,
        details={"fields": fields, "row": str(obj)},
        occurred_at=now,
        received_at=now,
    )
