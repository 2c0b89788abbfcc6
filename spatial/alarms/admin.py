"""Alarms in the admin, to read: their life is in operations."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from spatial.alarms.models import Alarm


@admin.register(Alarm)
class AlarmAdmin(ModelAdmin):
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
    list_filter = ("site", "level", "rule", "late")
    search_fields = ("title", "person_name", "device__code")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
