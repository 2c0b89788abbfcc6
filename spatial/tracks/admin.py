"""The newest positions in the admin, to look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from spatial.tracks.models import LatestPosition


@admin.register(LatestPosition)
class LatestPositionAdmin(ModelAdmin):
    list_display = ("device", "site", "fix_time", "received_at", "source", "accuracy_m", "battery_percent", "storey")
    list_filter = ("site", "source")
    search_fields = ("device__code",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
