"""Alarms in the admin, to read: their life is in operations."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin
from spatial.alarms.models import Alarm, AlarmRule, HazardDraft


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


@admin.register(AlarmRule)
class AlarmRuleAdmin(ReadOnlyAdmin):
    """Conditions that visible sites set otherwise than their edition, replaced ones included."""

    list_display = ("key", "zone", "datastream", "enabled", "valid_from", "replaced_at", "changed_by", "reason")
    list_filter = ("key", "enabled")
    list_select_related = ("zone", "datastream__device", "changed_by")


@admin.register(HazardDraft)
class HazardDraftAdmin(ReadOnlyAdmin):
    """Hazards that alarms of visible sites speak for."""

    list_display = ("opened_at", "cause", "description", "hazard", "dismissed_at")
    list_filter = ("cause",)
    list_select_related = ("hazard",)
