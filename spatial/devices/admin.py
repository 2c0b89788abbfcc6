"""Devices and refused messages in the admin. Passwords are never shown: only an operation gives one out."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from spatial.devices.models import Device, RefusedMessage


@admin.register(Device)
class DeviceAdmin(ModelAdmin):
    list_display = ("code", "name", "kind", "site", "person", "report_interval_s", "active")
    list_filter = ("site", "kind", "active")
    search_fields = ("code", "name", "person__full_name")
    raw_id_fields = ("person", "anchor")
    readonly_fields = ("code", "organisation", "site", "active", "created_at")
    exclude = ("credential_hash",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Devices are registered by an operation, which shows the password once."""
        return False


@admin.register(RefusedMessage)
class RefusedMessageAdmin(ModelAdmin):
    list_display = ("received_at", "device_code", "site", "reason", "topic")
    list_filter = ("site",)
    search_fields = ("device_code", "reason", "topic")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
