"""Alarms in the admin, to read: their life is in operations."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin
from spatial.alarms.models import Alarm


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    """Alarms of visible sites."""

    list_display = (
        "raised_at",
        "title",
        "level",
        "late",
        "zone",
        "storey",
        "person_name",
        "acknowledged_by",
        "cleared_at",
    )
    list_filter = ("level", "rule", "late")
    search_fields = ("title", "person_name", "device__code")
    list_select_related = ("zone", "storey", "acknowledged_by")
