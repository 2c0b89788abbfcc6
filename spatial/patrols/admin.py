"""Patrols in the admin, to read: they are planned and recorded on their pages."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import Patrol, PatrolRoute


@admin.register(PatrolRoute)
class PatrolRouteAdmin(ReadOnlyAdmin):
    """Routes of visible sites."""

    list_display = ("site", "level", "period", "responsible_name", "assignee", "length_m", "active")
    list_filter = ("level", "period", "active")
    list_select_related = ("site", "assignee")


@admin.register(Patrol)
class PatrolAdmin(ReadOnlyAdmin):
    """Patrols of visible sites."""

    list_display = ("risk_point", "due_at", "missed_from", "done_at", "done_by_name", "outcome", "distance_m")
    list_filter = ("outcome",)
    list_select_related = ("risk_point",)
    date_hierarchy = "due_at"
