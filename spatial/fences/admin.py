"""Fences in the admin: limits and who is allowed in; entries and exits to read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from spatial.fences.models import FenceEvent, FenceProfile


@admin.register(FenceProfile)
class FenceProfileAdmin(ModelAdmin):
    list_display = ("zone", "site", "rule", "enter_fixes", "leave_fixes", "active")
    list_filter = ("site", "rule", "active")
    filter_horizontal = ("allowed",)
    readonly_fields = ("organisation", "site", "zone", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(FenceEvent)
class FenceEventAdmin(ModelAdmin):
    list_display = ("fix_time", "kind", "device", "zone", "site", "received_at")
    list_filter = ("site", "kind")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
