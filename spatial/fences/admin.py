"""Fences in the admin: limits and who is allowed in; entries and exits to read."""

from django.contrib import admin
from django.http import HttpRequest

from spatial.administration import ReadOnlyAdmin
from spatial.fences.models import FenceEvent, FenceProfile
from spatial.ledger.acting import ActingAdmin


@admin.register(FenceProfile)
class FenceProfileAdmin(ActingAdmin):
    """Fences of visible sites; a zone is fenced by an operation."""

    list_display = ("zone", "site", "rule", "shape", "admission", "enter_fixes", "leave_fixes", "active")
    list_filter = ("rule", "active")
    list_select_related = ("zone", "site")
    filter_horizontal = ("allowed", "teams")
    readonly_fields = ("organisation", "site", "zone", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A danger zone is made by `create_fence`."""
        return False


@admin.register(FenceEvent)
class FenceEventAdmin(ReadOnlyAdmin):
    """Entries and exits on visible sites."""

    list_display = ("fix_time", "kind", "rule", "device", "zone", "site", "late", "withdrawn_at", "received_at")
    list_filter = ("kind", "late")
    list_select_related = ("device", "zone", "site")
